"""Carrying out an erasure, a step at a time. What was done stands in rows, so that a step that is repeated goes on behind it.

    begin       the person is restricted: from here on the data is stored and not used
    dispose     holder by holder, the one that keeps the person's key last; each as `dsar.erasure.disposal` says
    verify      every other holder says what it has now: nothing but what is kept, or another round begins
    destroy     the person is told, while there is an address; then the last holder: the key itself where nobody keeps anything,
                or else what may go
    confirm     it says what it has now
    end         the facts are written down, with their entry in the log, and the desk is told

What is kept is restricted for as long, and the request with it: it goes on when a hold is released or a period ends.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from database.transaction import Transaction
from dsar.erasure import store
from dsar.erasure.disposal import Disposing, forget, write
from dsar.erasure.ending import Ending
from dsar.erasure.judgement import with_account
from dsar.erasure.means import Case, Means, WaitError, inventory, wait
from dsar.erasure.plan import Line
from dsar.erasure.ports import Withdrawal
from dsar.erasure.state import Phase
from dsar.erasure.telling import Telling
from dsar.holders.errors import HolderHeldError
from dsar.holders.holder import Act, Errand, Holder
from dsar.holds.restriction import Cause, Restrictions
from dsar.request import RequestState
from dsar.retention.events import note
from dsar.retention.rule import Start
from dsar.right import Right

FIRST_AGAIN_MS = 1_000


@dataclass(frozen=True, slots=True)
class Advance:
    """How far an erasure is after a step."""

    done: int
    total: int
    finished: bool
    wait_seconds: float = 0.0


_FINISHED = Advance(1, 1, finished=True)


class Execution:
    """Takes steps: each is one transaction, or what one holder is asked."""

    def __init__(
        self, means: Means, ending: Ending, restrictions: Restrictions, withdrawal: Withdrawal, telling: Telling
    ) -> None:
        self._telling = telling
        self._means = means
        self._ending = ending
        self._restrictions = restrictions
        self._withdrawal = withdrawal
        self._disposing = Disposing(means)
        self._steps: Mapping[Phase, Callable[[Case], bool]] = {
            Phase.PLANNED: self._begin,
            Phase.PARTIAL: self._begin,
            Phase.DISPOSING: self._dispose,
            Phase.VERIFYING: self._verify,
            Phase.DESTROYING: self._destroy,
            Phase.CONFIRMING: self._confirm,
            Phase.ENDING: self._ending.end,
        }

    def advance(self, tenant: int, request: UUID) -> Advance:
        """Take the next step of a request's erasure. Nothing is done unless the desk has it executed."""
        case = self._means.case(tenant, request)
        step = None if case is None else self._steps.get(case.erasure.phase)
        if case is None or step is None or case.request.state is not RequestState.EXECUTING:
            return _FINISHED
        total = len(case.holders) + 3
        done = min(len(self._disposed(case)) + 1, total - 1)
        try:
            return Advance(total, total, finished=True) if step(case) else Advance(done, total, finished=False)
        except WaitError as error:
            return Advance(done - 1, total, finished=False, wait_seconds=wait(self._means, case, error))

    def _begin(self, case: Case) -> bool:
        request = case.request
        if case.erasure.number is None:
            self._move(case, Phase.ENDING, begins=True)
            return False
        if request.right is Right.ACCOUNT_CLOSURE:
            self._withdrawal.withdraw(case.person, Errand(request=request.id, key="withdraw"))

        def work(tx: Transaction) -> None:
            tenant, number = case.person.tenant, case.person.number
            if not case.destroyed:
                cause = Cause.ERASURE_PENDING
                self._restrictions.set(tx, tenant, number, cause, case.at, origin=request.id.bytes)
                if request.right is Right.ACCOUNT_CLOSURE:
                    note(tx, tenant, Start.ACCOUNT_CLOSED, subject=number, at=case.at)
            self._moved(tx, case, Phase.DISPOSING, begins=True)

        self._means.database.write(request.tenant, work)
        return False

    def _dispose(self, case: Case) -> bool:
        done = self._disposed(case)
        holder = next((one for one in case.holders[:-1] if one.name not in done), None)
        if holder is None:
            self._move(case, Phase.VERIFYING)
        else:
            self._asked(case, holder, account_stays=False)
        return False

    def _verify(self, case: Case) -> bool:
        if self._found_clean(case, case.holders[:-1], account_stays=False):
            self._move(case, Phase.DESTROYING)
        return False

    def _destroy(self, case: Case) -> bool:
        last = case.holders[-1]
        if last.name not in self._disposed(case):
            self._telling.tell(case)
            self._asked(case, last, account_stays=self._something_stays(case))
        else:
            self._move(case, Phase.CONFIRMING)
        return False

    def _confirm(self, case: Case) -> bool:
        if self._found_clean(case, case.holders[-1:], account_stays=self._something_stays(case)):
            self._move(case, Phase.ENDING)
        return False

    def _asked(self, case: Case, holder: Holder, *, account_stays: bool) -> None:
        try:
            self._disposing.dispose(case, holder, account_stays=account_stays)
        except HolderHeldError:
            gone = {"holder": holder.name, **case.place_in_round}
            self._means.database.write(case.request.tenant, lambda tx: tx.run(store.DELETE_GONE, **gone))
            self._again(case, holder.name, "legal_hold")

    def _found_clean(self, case: Case, holders: Sequence[Holder], *, account_stays: bool) -> bool:
        """Whether these holders have nothing but what is kept, which is noted; else another round is begun. What is still there
        does not count as gone."""
        means, tenant = self._means, case.request.tenant
        found = [(holder, inventory(case, holder, case.errand("verify"))) for holder in holders]
        refs = means.names.refs(tenant, {one.ref for _, held in found for one in held if one.ref})

        def work(tx: Transaction) -> str | None:
            judged = [one for holder, held in found for one in means.judged(tx, case, holder, held, refs)]
            kept = [one.kept for one in judged if one.kept is not None]
            if account_stays:
                kept += self._ending.kept(tx, case)
            judged = with_account(judged, kept)
            unclean = None
            for holder, _ in found:
                lines = [(one, Line.of(one, refs)) for one in judged if one.holding.holder == holder.name]
                forget(tx, case, holder.name, [line for _, line in lines])
                write(tx, case, [line for one, line in lines if one.kept is not None])
                unclean = unclean or next((holder.name for one, _ in lines if one.kept is None), None)
            return unclean

        unclean = means.database.write(tenant, work)
        if unclean is not None:
            self._again(case, unclean, "not_clean")
        return unclean is None

    def _something_stays(self, case: Case) -> bool:
        """Whether anything is kept by others, or a hold is over the person as such: then the person's key stays."""

        def look(tx: Transaction) -> bool:
            return bool(self._ending.kept(tx, case))

        return self._means.database.write(case.request.tenant, look)

    def _disposed(self, case: Case) -> frozenset[str]:
        asked = {"act": Act.DISPOSE.value, **case.place_in_round}
        rows = self._means.database.read(case.request.tenant, lambda tx: tx.all(store.DONE_IN_ROUND, **asked))
        return frozenset(row[0] for row in rows)

    def _again(self, case: Case, holder: str, code: str) -> None:
        """Begin another round, later each time.

        Raises:
            WaitError: always: that is when.
        """
        self._move(case, Phase.DISPOSING, begins=True)
        raise WaitError(holder, code, case.at + FIRST_AGAIN_MS * 2 ** min(case.erasure.round, 12))

    def _move(self, case: Case, phase: Phase, *, begins: bool = False) -> None:
        self._means.database.write(case.request.tenant, lambda tx: self._moved(tx, case, phase, begins=begins))

    def _moved(self, tx: Transaction, case: Case, phase: Phase, *, begins: bool = False) -> None:
        was = case.erasure
        to: dict[str, Any] = {
            "phase": phase.value,
            "round": was.round + begins,
            "was": was.phase.value,
            "was_round": was.round,
        }
        tx.run(store.MOVE, **to, **case.place)
