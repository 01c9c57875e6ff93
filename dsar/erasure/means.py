"""What the use cases of erasure work with, and what each of them does again and again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.entry import Act as LogAct
from audit.entry import Action, Group, ObjectRef, SubjectRef
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from dsar.desk.requests import RequestDesk
from dsar.erasure import store
from dsar.erasure.errors import ErasureError
from dsar.erasure.judgement import Judged
from dsar.erasure.judging import Judging, Question
from dsar.erasure.ports import Keys, Names
from dsar.erasure.state import Erasure
from dsar.holders.errors import HolderAwayError, HolderRefusedError
from dsar.holders.holder import Act, Errand, Holder, Holders, Holding, Person
from dsar.request import Request, by_itself

REFUSED_AGAIN_MS = 3_600_000
"""How long before a holder that has refused is asked again: somebody has to see to it first."""


ERASED = "subject_erased"
"""What a holder answers that can be told of nobody any more."""


class UnreachableError(ErasureError):
    """The person's key is gone, and with it the one name under which the holder could be asked."""


class WaitError(ErasureError):
    """A holder has not done what it was asked; it is asked again at `again_at`, in milliseconds since the epoch."""

    def __init__(self, holder: str, code: str, again_at: int) -> None:
        super().__init__(code)
        self.holder = holder
        self.code = code
        self.again_at = again_at


@dataclass(frozen=True, slots=True)
class Case:
    """A request and its erasure, as they were read at `at`, whom to ask, and whether the person's key is gone already. The holder
    that keeps it is last."""

    request: Request
    erasure: Erasure
    holders: Sequence[Holder]
    at: int
    destroyed: bool

    @property
    def person(self) -> Person:
        """Whom it is about."""
        assert self.erasure.number is not None
        return Person(self.erasure.tenant, self.erasure.number)

    @property
    def place(self) -> dict[str, Any]:
        """What names the erasure in a statement."""
        return {"tenant": self.request.tenant, "request": self.request.id.bytes}

    @property
    def place_in_round(self) -> dict[str, Any]:
        """What names the round."""
        return {"round": self.erasure.round, **self.place}

    def errand(self, act: str) -> Errand:
        """An errand of this round."""
        return Errand(request=self.request.id, key=f"{act}-{self.erasure.round}")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Means:
    """The services of erasure, wired once by the composition root."""

    database: Database
    log: AuditLog
    desk: RequestDesk
    holders: Holders
    judging: Judging
    names: Names
    keys: Keys
    now: Callable[[], datetime]

    def at(self) -> int:
        """The moment of a use case, in milliseconds since the epoch."""
        return millis(self.now())

    def case(self, tenant: int, request: UUID) -> Case | None:
        """The request and its erasure as they are now; None where none was begun."""
        at, holders = self.at(), self.holders.of(tenant)

        def look(tx: Transaction) -> Case | None:
            row = tx.one(store.ERASURE, tenant=tenant, request=request.bytes)
            if row is None:
                return None
            erasure = store.erasure_of(row)
            gone = erasure.number is not None and self.keys.destroyed(tx, tenant, erasure.number) is not None
            return Case(self.desk.find(tx, tenant, request), erasure, holders, at, gone)

        return self.database.read(tenant, look)

    def judged(
        self, tx: Transaction, case: Case, holder: Holder, held: Sequence[Holding], refs: Mapping[str, ObjectRef]
    ) -> list[Judged]:
        """What of this may be destroyed now. What one holder keeps because its order is under way, the others keep, too."""
        others = {row[0] for row in tx.all(store.RUNNING, **case.place_in_round)}
        running = [ref for ref, pseudonym in refs.items() if pseudonym in others]
        return self.judging.of(tx, Question(case.person, case.request.regime, case.at, running), holder, held)

    def note(self, tx: Transaction, case: Case, action: Action, group: Group) -> UUID:
        """Log what the service did by itself, in the transaction of the deed; the id of the act. The entry names the request, and
        the person by the pseudonym that they had when it began."""
        by, act = by_itself(case.at), uuid7(case.at)
        subject = case.erasure.subject
        group = replace(group, refs=[case.request.ref], subjects=() if subject is None else [SubjectRef(subject)])
        self.log.append(tx, LogAct(action, by.actor, case.request.tenant, case.at, by.call, [group]), act)
        return act


def inventory(case: Case, holder: Holder, errand: Errand) -> Sequence[Holding]:
    """What a holder has of the person; nothing where it cannot be asked, or not any more.

    Raises:
        WaitError: it does not say now.
    """
    if Act.INVENTORY not in holder.acts:
        return ()
    try:
        with asking(case, holder):
            return holder.inventory(case.person, errand)
    except UnreachableError:
        return ()


@contextmanager
def asking(case: Case, holder: Holder) -> Iterator[None]:
    """Turns what a holder answers instead of doing it into when it is asked again.

    Raises:
        WaitError: it has not done it.
        UnreachableError: nobody can ask it any more.
    """
    try:
        yield
    except HolderAwayError as away:
        raise WaitError(holder.name, "away", away.again_at) from None
    except HolderRefusedError as refused:
        if refused.code == ERASED and case.destroyed:
            raise UnreachableError from None
        raise WaitError(holder.name, refused.code, case.at + REFUSED_AGAIN_MS) from None


def wait(means: Means, case: Case, error: WaitError) -> float:
    """Note for whom the request waits; how many seconds, an hour at most."""

    def work(tx: Transaction) -> None:
        tx.run(store.WAIT, holder=error.holder, code=error.code, at=case.at, **case.place)

    means.database.write(case.request.tenant, work)
    return min(max((error.again_at - case.at) / 1000, 1.0), 3_600.0)
