"""Judging what a holder has of a person, by what is known in this moment: inside the transaction that is about to rest on it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from database.transaction import Transaction
from dsar.erasure.judgement import Circumstances, Judged, judge
from dsar.erasure.law import Laws
from dsar.erasure.ports import Events
from dsar.holders.holder import Holder, Holding, Person
from dsar.holds.asking import Holds
from dsar.holds.hold import Use


@dataclass(frozen=True, slots=True)
class Question:
    """Whose data is judged, under which regime and when (milliseconds since the epoch), and the refs of orders that others say
    are under way."""

    person: Person
    regime: str
    at: int
    running: Collection[str]


class Judging:
    """Asks the holds, the laws and the life of orders."""

    def __init__(self, holds: Holds, events: Events, laws: Laws) -> None:
        self._holds = holds
        self._events = events
        self.laws = laws

    def of(self, tx: Transaction, asked: Question, holder: Holder, holdings: Sequence[Holding]) -> list[Judged]:
        """The fate of each holding. On PostgreSQL the transaction must be one that writes: a hold that is placed meanwhile waits
        for its end."""
        person, at = asked.person, asked.at
        uses = [Use(person.number, one.category, one.purpose, one.ref) for one in holdings]
        refs = {one.ref for one in holdings if one.ref}
        holds = {
            place: hold.reason.value
            for place, hold in enumerate(self._holds.which(tx, person.tenant, uses))
            if hold is not None
        }
        known = Circumstances(
            laws=self.laws,
            regime=asked.regime,
            at=at,
            holds=holds,
            starts=self._events.starts(tx, person.tenant, refs, self.laws.events) if refs else {},
            running={*asked.running, *(self._events.running(tx, person.tenant, refs, at) if refs else ())},
        )
        return judge(holdings, holder.acts, known)

    def held(self, tx: Transaction, person: Person) -> str | None:
        """The reason of the hold over the person as such; None where there is none."""
        (hold,) = self._holds.which(tx, person.tenant, [Use(person.number, "", "", "")])
        return None if hold is None else hold.reason.value
