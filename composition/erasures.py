"""Erasures of a deployment: its laws, what it knows of orders, the keys that sign certificates, and the jobs of the desk."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from audit.directory import LogDirectory
from audit.entry import ObjectRef, SubjectRef
from audit.published import PublishedLogs
from composition.completion import completing_of
from composition.foundation import VERSION, Foundation
from composition.holds import restrictions
from composition.part import Part
from composition.receipts import PublishedProofs
from database.transaction import Transaction
from dsar.desk.requests import RequestDesk
from dsar.erasure.certifying import Certifying
from dsar.erasure.ending import Ending, Maker
from dsar.erasure.execution import Execution
from dsar.erasure.http import ErasureApi
from dsar.erasure.jobs import EraseTask, PlanTask
from dsar.erasure.judging import Judging
from dsar.erasure.law import Laws
from dsar.erasure.law_text import read_laws, shipped_laws
from dsar.erasure.means import Means as ErasureMeans
from dsar.erasure.planning import Planning
from dsar.erasure.ports import Complete, DestroyedKey, Proved, Withdrawal
from dsar.erasure.problems import PROBLEMS
from dsar.erasure.resuming import Resuming
from dsar.erasure.state import RIGHTS
from dsar.erasure.telling import Telling
from dsar.holders.errors import HolderAwayError
from dsar.holders.holder import Holders
from dsar.holds.asking import Holds
from dsar.ports import Messenger
from dsar.retention.store import EVENTS
from settings import Settings
from vault.completing import Completing
from vault.destruction import Receipt
from vault.errors import KeysUnavailableError, LedgerError
from vault.handover.order import under_way
from vault.log_key import ERASURE_SIGNING, LogKeyring
from vault.means import Means
from vault.people import People
from vault.shred_ledger import ShredLedger
from vault.store import RECEIPT
from vault.subject_lookup import Directory, SubjectLookup

AT_ONCE = 2_000
"""So many rows go into one statement."""


class LogNames:
    """Pseudonyms of people and refs, by the vault."""

    def __init__(self, means: Means) -> None:
        self._people = People(means)
        self._subjects = SubjectLookup(means)

    def person(self, tenant: int, number: int) -> SubjectRef | None:
        """Of a person; None of whoever is not there, or erased."""
        known = self._people.people(tenant, [number]).get(number)
        return None if known is None else known.ref

    def refs(self, tenant: int, refs: Collection[str]) -> Mapping[str, ObjectRef]:
        """Of refs such as `order:o-1`."""

        def attempt(directory: Directory) -> dict[str, ObjectRef]:
            return {ref: directory.object_ref(ref) for ref in refs}

        return self._subjects.using(tenant, attempt) if refs else {}


class OrderEvents:
    """What retention was told of orders, and which of them couriers have."""

    def starts(
        self, tx: Transaction, tenant: int, refs: Collection[str], events: Collection[str]
    ) -> Mapping[str, Mapping[str, int]]:
        """When which of these events came to these refs."""
        asked = [(event, 0, "", ref) for ref in sorted(refs) for event in sorted(events)]
        found: dict[str, dict[str, int]] = {}
        for start in range(0, len(asked), AT_ONCE):
            for event, _, _, ref, at in tx.all(EVENTS, rows=asked[start : start + AT_ONCE], tenant=tenant):
                found.setdefault(ref, {})[event] = at
        return found

    def running(self, tx: Transaction, tenant: int, refs: Collection[str], at: int) -> Collection[str]:
        """Those of the refs that are orders under way."""
        return under_way(tx, tenant, refs, at)


class VaultKeys:
    """What became of people's keys, by the vault's receipts and its shred ledger."""

    def __init__(self, ledger: ShredLedger, completing: Completing) -> None:
        self._ledger = ledger
        self._completing = completing

    def destroyed(self, tx: Transaction, tenant: int, number: int) -> DestroyedKey | None:
        """The destruction of a person's key; None where it was not."""
        row = tx.one(RECEIPT, tenant=tenant, subject=number)
        if row is None or row[0] is None:
            return None
        at, kek, line = row[0], row[1] or 0, row[2] or 0
        return DestroyedKey(at, kek, self._ledger.key.ledger, line, self._ledger.position(line).digest)

    def complete(self, tx: Transaction, tenant: int, key: DestroyedKey) -> Complete:
        """From when on nobody can read what the key had sealed."""
        found = self._completing.of(tx, tenant, Receipt(key.at, key.kek, key.line))
        return Complete(found.at, found.rule.value)


class LogProofs:
    """Proofs of the published log."""

    def __init__(self, published: PublishedProofs) -> None:
        self._published = published

    def of(self, log: int, leaf: int) -> Proved | None:
        """The proof of an entry; None until this host has published it."""
        found = self._published.of(log, leaf)
        return None if found is None else Proved(found.origin, found.leaf, found.proof)


@dataclass(frozen=True, slots=True)
class Erasures:
    """What erasures add to the deployment, and who resumes them when a hold is released."""

    part: Part
    resuming: Resuming
    planning: Planning
    laws: Laws


def laws_of(chosen: Settings) -> Laws:
    """The laws of a deployment.

    Raises:
        LawTextError: the file that the operator named may not be used.
    """
    return shipped_laws() if chosen.erasure_laws is None else read_laws(chosen.erasure_laws)


def erasures(
    base: Foundation, means: Means, desk: RequestDesk, holders: Holders, consents: Withdrawal, messenger: Messenger
) -> Erasures:
    """The erasures of a deployment."""
    laws = laws_of(base.chosen)
    own = ErasureMeans(
        database=base.database,
        log=base.log,
        desk=desk,
        holders=holders,
        judging=Judging(Holds(), OrderEvents(), laws),
        names=LogNames(means),
        keys=VaultKeys(base.destruction.ledger, completing_of(base)),
        now=base.now,
    )
    proofs = LogProofs(PublishedProofs(PublishedLogs(LogDirectory(base.chosen.audit_directory))))
    signing = LogKeyring(base.database, base.roots, base.log, base.now, usage=ERASURE_SIGNING)
    planning = Planning(own, base.chosen.erasure_unapproved)
    ending = Ending(own, restrictions(), Maker(base.chosen.audit_origin, f"moat/{VERSION}"))
    execution = Execution(own, ending, restrictions(), consents, Telling(own, messenger))
    resuming = Resuming(base.database, desk, restrictions(), base.jobs)
    part = Part(
        blueprints=[ErasureApi(planning, Certifying(own, proofs, signing), laws).blueprint()],
        tables=[PROBLEMS],
        tasks=[
            *(PlanTask(planning, right) for right in RIGHTS),
            *(EraseTask(execution, right) for right in RIGHTS),
        ],
        transient=[KeysUnavailableError, LedgerError, HolderAwayError],
        rounds={"erasures": resuming.look},
    )
    return Erasures(part, resuming, planning, laws)
