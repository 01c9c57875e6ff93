"""The vault's own question, asked inside its transaction, so that the answer is never behind.

A purpose that rests on another ground than consent is decided by the catalogue in memory, without the database. For the others
one statement reads the standings of all people and purposes of a batch.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from audit.entry import Reason
from consent.catalogue import Edition
from consent.catalogues.store import NEUTRALIZE_TOLD_OF
from consent.ports import Editions
from consent.records import store
from consent.records.decision import Question, Verdict, decide
from consent.records.past import held_then
from consent.records.standing import NOTHING, Held, Standing
from database.transaction import Transaction


class Use(Protocol):
    """A use of data: whose, by the internal number, of what kind and what for."""

    @property
    def subject(self) -> int: ...

    @property
    def kind(self) -> str: ...

    @property
    def purpose(self) -> str: ...


class ConsentGate:
    """Whether each use rests on a lawful basis at this moment."""

    def __init__(self, editions: Editions) -> None:
        self._editions = editions

    def refusals(self, tx: Transaction, uses: Sequence[Use], at: int) -> list[Reason | None]:
        """Why each use is refused, in order; None where it is not. `at` is in milliseconds since the epoch.

        Raises:
            ValueError: the transaction is of no one tenant.
        """
        if not uses:
            return []
        edition = self._edition(tx)
        by_id = edition.catalogue.by_id
        asked = {use.purpose for use in uses}
        asking = {purpose for purpose in asked if purpose not in by_id or by_id[purpose].rests_on_consent}
        if not asking:
            return [None] * len(uses)
        held = _held(tx, tx.tenant, edition, [use for use in uses if use.purpose in asking])
        known: dict[tuple[int, str, str], Reason | None] = {}
        refused: list[Reason | None] = []
        for use in uses:
            if use.purpose not in asking:
                refused.append(None)
                continue
            place = use.subject, use.kind, use.purpose
            if place not in known:
                question = Question(use.purpose, use.kind)
                known[place] = _reason(decide(edition, held.get(use.subject, NOTHING), question, at))
            refused.append(known[place])
        return refused

    def causes(self, tx: Transaction, subjects: Sequence[int], purpose: str, at: int) -> Mapping[str, int]:
        """How many of these people stood how to the purpose at the end of the millisecond `at`, by the reason of the verdict.

        Raises:
            ValueError: the transaction is of no one tenant.
        """
        if tx.tenant is None:
            raise ValueError("consent is asked within a tenant")
        edition = self._editions.at(tx, tx.tenant, at)
        instant = at * 1000 + 999
        held = held_then(tx, tx.tenant, [(subject, instant) for subject in sorted(subjects)])
        return Counter(decide(edition, one, Question(purpose), at).reason for one in held.values())

    def _edition(self, tx: Transaction) -> Edition:
        if tx.tenant is None:
            raise ValueError("consent is asked within a tenant")
        return self._editions.recent(tx.tenant) or self._editions.in_force(tx, tx.tenant)


def _held(tx: Transaction, tenant: int | None, edition: Edition, uses: Sequence[Use]) -> dict[int, Held]:
    """The standings that the uses can depend on, from one statement."""
    places = {(use.subject, purpose) for use in uses for purpose in _deciding(edition, use.purpose)}
    standings: dict[int, dict[str, Standing]] = {}
    for row in tx.all(store.STANDINGS_TO, rows=sorted(places), tenant=tenant):
        standings.setdefault(row[0], {})[row[1]] = store.standing_of(row[2:])
    return {number: Held(standings=found) for number, found in standings.items()}


def _deciding(edition: Edition, purpose: str) -> Iterable[str]:
    """The purposes whose standings a verdict can depend on."""
    if purpose not in edition.catalogue.by_id:
        return ()
    return (purpose, *(above.id for above in edition.catalogue.ancestors(purpose)))


def _reason(verdict: Verdict) -> Reason | None:
    if verdict.allowed:
        return None
    return Reason.NOT_NECESSARY if verdict.reason == Reason.NOT_NECESSARY else Reason.NO_CONSENT


class ConsentErasure:
    """What an erasure takes from the records of consent.

    The standings go, and with them everything by which the person's data could be used. The events stay, under a number that
    leads to nobody any more: that a use was allowed must remain provable (GDPR art. 5(2), 7(1) and 17(3)(e)). What in them
    could lead to the person from outside goes: the digests of presentations and of evidence, its kind, the channel, and what
    else was on the screen.
    """

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:  # noqa: ARG002 - as the port has it
        """Called in the transaction that destroys the person's key."""
        statements = (store.DELETE_STANDINGS_OF, store.NEUTRALIZE_EVENTS_OF, store.DELETE_EPOCH_OF, NEUTRALIZE_TOLD_OF)
        for statement in statements:
            tx.run(statement, tenant=tenant, subject=subject_number)
        tx.reserve(store.EVENTS, 1)  # So that every process notices, where numbers tell of changes.
        store.tell(tx, tenant, subject_number)
