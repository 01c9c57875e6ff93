"""How a person stands to the purposes of the catalogue, what is shared of them, and what happened to their consents, for that
person. Reading it is no entry in the log: nobody learns anything but the person, whose session is in it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from consent.catalogue import Edition
from consent.ports import Editions
from consent.records import store
from consent.records.caller import micros
from consent.records.decision import Question, Verdict, decide
from consent.records.past import held_soon
from consent.records.standing import Event, Held
from consent.sharing.ports import Holdings
from consent.sharing.reading import Share, shares
from database.engine import Database
from database.transaction import Transaction

LATEST = 2**62
"""An epoch that no event has come to."""


@dataclass(frozen=True, slots=True)
class OwnStanding:
    """The edition in force at `at` (milliseconds since the epoch), what is known of the person's consents, the verdict on each
    purpose that rests on consent, and what is shared."""

    edition: Edition
    held: Held
    verdicts: dict[str, Verdict]
    shares: Sequence[Share]
    at: int


class OwnConsents:
    """The use cases of a person who looks at their own consents, by the vault's number of them."""

    def __init__(self, database: Database, editions: Editions, holdings: Holdings, now: Callable[[], datetime]) -> None:
        self._database = database
        self._editions = editions
        self._holdings = holdings
        self._now = now

    def standing(self, tenant: int, subject: int) -> OwnStanding:
        """How the person stands now."""
        at = micros(self._now()) // 1000
        self._editions.settle(tenant, at)

        def work(tx: Transaction) -> OwnStanding:
            edition = self._editions.in_force(tx, tenant)
            known = held_soon(tx, tenant, subject)
            kept = self._holdings.kinds(tx, tenant, subject)
            held = known()
            purposes = [one.id for one in edition.catalogue.by_id.values() if one.rests_on_consent]
            verdicts = {name: decide(edition, held, Question(name), at) for name in purposes}
            return OwnStanding(edition, held, verdicts, shares(edition, held, kept, at), at)

        return self._database.read(tenant, work)

    def history(self, tenant: int, subject: int, *, before: int = LATEST, limit: int) -> list[Event]:
        """What happened to the person's consents, the latest first, before an epoch."""
        rows = self._database.read(
            tenant, lambda tx: tx.all(store.OWN_HISTORY, tenant=tenant, subject=subject, before=before, limit=limit)
        )
        return [store.event_of(row) for row in rows]


def spoken(tx: Transaction, tenant: int, subjects: Collection[int]) -> Mapping[int, str]:
    """The language in which each of these people has said the last thing of their consents, of whom one is known."""
    rows = tx.all(store.LANGUAGES, rows=[(subject,) for subject in sorted(set(subjects))], tenant=tenant)
    return dict(rows)
