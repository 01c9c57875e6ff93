"""The vault of a deployment: its means, its use cases, and what makes it say that it is not well."""

from dataclasses import dataclass
from functools import partial

from prometheus_client import CollectorRegistry, Counter

from audit.reader import AuditReader
from composition.completion import completing_of
from composition.foundation import Foundation
from composition.part import Part
from masking.mask import mask
from masking.notes import Notes
from vault import policy
from vault.access import Access
from vault.budget import Budget
from vault.completing import Certifier
from vault.detokenization import Detokenization
from vault.devices.recipients import DeviceRecipients
from vault.disclosure import Decision
from vault.errors import LedgerError
from vault.handover.gate import Gate, Tables
from vault.http import UseCases, VaultApi
from vault.issued_token import IssuedTokens
from vault.log_key import ERASURE_SIGNING, LogKeyring
from vault.means import Means
from vault.policy import PolicyEngine, PurposeCatalogue, load_policies
from vault.ports import Catalogues, ConsentHistory, HoldGate, LogGate, RestrictionGate, RevealGate
from vault.problems import PROBLEMS
from vault.profile import Profiles
from vault.protection.honey import Trap
from vault.recording import Recording
from vault.request_explanation import RequestExplanation
from vault.search import Search
from vault.shredding import Shredding
from vault.subject import SubjectDirectory
from vault.tokenization import Tokenization
from web.errors import NotReadyError
from web.tenancy import TenantDesk


def building(address: str) -> str:
    """An address down to its building."""
    return mask("address", address, "waybill")


class Integrity:
    """Counts records that failed to open, and makes the service say that it is not well."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._counter = Counter(
            "moat_integrity_failures",
            "Records that failed to open although nothing was asked wrongly.",
            registry=registry,
        )
        self._seen = False

    def damaged(self, records: int) -> None:
        """Take note of records that did not open."""
        self._seen = True
        self._counter.inc(records)

    def check(self) -> None:
        """Raises RuntimeError once a record did not open since the start."""
        if self._seen:
            raise RuntimeError("stored records failed to open")


def policy_engine(base: Foundation, known: PurposeCatalogue) -> PolicyEngine:
    """Who may see what. Policies may name what is `known`.

    Raises:
        PolicyFileError: a policy that may not be used.
    """
    return PolicyEngine(load_policies(base.chosen.policy_dir), known)


def means_of(
    base: Foundation,
    engine: PolicyEngine,
    catalogues: Catalogues,
    consent: RevealGate,
    restriction: RestrictionGate,
    *,
    lag: LogGate,
    integrity: Integrity,
) -> Means:
    """What the use cases work with."""
    access = Access(engine, consent, restriction, lag, catalogues)
    subjects = SubjectDirectory()
    base.roots.seal.on_closing(subjects.forget_all)
    return Means(base.database, base.keyring, subjects, access, base.log, base.now, integrity.damaged)


@dataclass(frozen=True, slots=True)
class VaultOf:
    """What pages call, and what the vault adds to the deployment."""

    use: UseCases
    part: Part


def vault_of(
    base: Foundation,
    means: Means,
    integrity: Integrity,
    tenants: TenantDesk,
    consents: ConsentHistory,
    *,
    hold: HoldGate,
    notes: Notes,
    trap: Trap,
) -> VaultOf:
    """The operations of the vault."""
    shredding = Shredding(means, hold, base.destruction, certifier_of(base))
    use = _use_cases(means, shredding, consents, notes, trap)
    part = Part(
        blueprints=[VaultApi(use, tenants.region_of).blueprint()],
        tables=[PROBLEMS],
        checks={
            "key_provider": partial(_require_keys, base),
            "integrity": integrity.check,
            "shred_ledger": partial(_require_ledger, base),
        },
        warns=[lambda: "key_provider_away" if base.roots.seal.cause else None],
    )
    return VaultOf(use, part)


def certifier_of(base: Foundation) -> Certifier:
    """Tells when erasures are complete, and signs certificates of it."""
    ledger = base.destruction.ledger
    keys = LogKeyring(base.database, base.roots, base.log, base.now, usage=ERASURE_SIGNING)
    return Certifier(completing_of(base), ledger, keys, base.chosen.audit_origin)


def _require_ledger(base: Foundation) -> None:
    """Raises NotReadyError while the shred ledger cannot be relied on."""
    try:
        base.destruction.check()
    except LedgerError as error:
        raise NotReadyError(f"shred_ledger_{error.cause}") from None


def _require_keys(base: Foundation) -> None:
    """Raises NotReadyError while no key may be used. A provider that went away while keys are in memory is a warning."""
    if base.roots.seal.closed():
        raise NotReadyError(base.roots.seal.cause or "unreachable")


def _use_cases(means: Means, shredding: Shredding, consents: ConsentHistory, notes: Notes, trap: Trap) -> UseCases:
    budget = Budget(means.database)
    recording = Recording(means.subjects, notes)
    gate = Gate(means.subjects, Tables())
    reveal, look, find = (
        Decision(action, means.access, gate, budget)
        for action in (policy.Action.DETOKENIZE, policy.Action.SUBJECT_READ, policy.Action.SEARCH)
    )
    return UseCases(
        tokenization=Tokenization(means, recording),
        detokenization=Detokenization(means, reveal, notes.mask, building, trap, recipients=DeviceRecipients()),
        search=Search(means, find),
        profiles=Profiles(means, recording, look, notes.mask),
        shredding=shredding,
        tokens=IssuedTokens(means, trap),
        explanation=RequestExplanation(means, AuditReader(means.database), consents),
    )
