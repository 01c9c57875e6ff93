"""Consents of a deployment: who the people are, which catalogue holds, who hears of changes, and the gate that the vault asks."""

from collections.abc import Callable, Mapping, Sequence

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from audit.entry import Reason
from composition.foundation import Foundation
from composition.part import Part
from consent.catalogue import Edition
from consent.catalogues.publication import Publication
from consent.catalogues.source import CatalogueSource, starter_edition
from consent.ports import ConsentListener
from consent.records.asking import Decisions
from consent.records.expiry import Expiry
from consent.records.gate import ConsentGate
from consent.records.http import ConsentApi, ConsentUseCases
from consent.records.presenting import Presenting
from consent.records.problems import FURTHER, PROBLEMS
from consent.records.reading import Reading
from consent.records.recording import Recording
from consent.records.store import CHANNEL, EVENTS
from consent.signals.gpc import GlobalPrivacyControl
from consent.signals.http import SignalApi
from database.transaction import Transaction
from vault.log_key import LogKeyring
from vault.means import Means
from vault.ports import Reveal
from vault.subject_lookup import SubjectLookup

PRESENTATION_SIGNING = "presentation_signing"


class TenantEditions:
    """The catalogues as consent asks for them: on record before anything rests on them."""

    def __init__(self, source: CatalogueSource, publication: Publication) -> None:
        self._source = source
        self._publication = publication
        self._settled: set[int] = set()

    def settle(self, tenant: int, at: int) -> None:
        """Make sure that the catalogue in force is on record. Looked at once for each tenant and process."""
        if tenant not in self._settled:
            self._publication.ensure(tenant, at)
            self._settled.add(tenant)

    def recent(self, tenant: int) -> Edition | None:
        """The edition in force, from memory."""
        return self._source.recent(tenant)

    def in_force(self, tx: Transaction, tenant: int) -> Edition:
        """The edition in force, as it was at most a second ago."""
        return self._source.in_force(tx, tenant)

    def at(self, tx: Transaction, tenant: int, at: int) -> Edition:
        """The edition that was in force at a moment; the starter before anything was on record."""
        return self._source.at(tx, tenant, at) or starter_edition()


class PresentationSigner:
    """Signs presentations by a key of the deployment's own."""

    def __init__(self, keys: LogKeyring) -> None:
        self._keys = keys

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature of `message`."""
        return self._keys.signers()[0].sign(message)

    def verifier(self) -> Callable[[bytes, bytes], bool]:
        """What knows every signature that this deployment has made."""
        keys = [VerifyKey(public) for public in self._keys.publics()]
        return lambda message, signature: any(_is_of(key, message, signature) for key in keys)


def _is_of(key: VerifyKey, message: bytes, signature: bytes) -> bool:
    try:
        key.verify(message, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


class VaultGate:
    """The vault's question about consent, in the words of consent."""

    def __init__(self, gate: ConsentGate) -> None:
        self._gate = gate

    def refusals(self, tx: Transaction, reveals: Sequence[Reveal], at: int) -> Sequence[Reason | None]:
        """Whether each use rests on a lawful basis at this moment, in order; None is yes."""
        return self._gate.refusals(tx, reveals, at)

    def causes(self, tx: Transaction, subjects: Sequence[int], purpose: str, at: int) -> Mapping[str, int]:
        """How the people stood to the purpose at a past moment."""
        return self._gate.causes(tx, subjects, purpose, at)


def reveal_gate(known: TenantEditions) -> VaultGate:
    """What the vault asks before it uses a value."""
    return VaultGate(ConsentGate(known))


def consent_part(
    base: Foundation, means: Means, known: TenantEditions, listeners: Sequence[ConsentListener] = ()
) -> Part:
    """Presentations, consents, decisions, and the note of what has run out."""
    subjects = SubjectLookup(means)
    signer = PresentationSigner(LogKeyring(base.database, base.roots, base.log, base.now, usage=PRESENTATION_SIGNING))
    signals = SignalApi(GlobalPrivacyControl(base.database, subjects, known, base.log, base.now, listeners))
    decisions = Decisions(base.database, subjects, known, base.now, base.database.changes(CHANNEL, EVENTS))
    use = ConsentUseCases(
        presenting=Presenting(base.database, subjects, known, signer, base.log, base.now),
        recording=Recording(base.database, subjects, known, base.log, base.now, listeners),
        decisions=decisions,
        reading=Reading(base.database, subjects, known, base.log, base.now),
        signer=signer,
        signalled=signals.note,
    )
    api = ConsentApi(use)
    expiry = Expiry(base.database, subjects, base.log, base.now, listeners)
    return Part(
        blueprints=[api.blueprint(), *signals.blueprints()],
        direct=[api.direct()],
        tables=[PROBLEMS],
        problems=FURTHER,
        rounds={"consent_expiry": expiry.run},
    )
