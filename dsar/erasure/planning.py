"""Planning an erasure: every holder says what it has, holds and laws say what stays, and the plan is frozen. Nothing is changed
by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from audit.entry import Act as LogAct
from audit.entry import Action, Group, ObjectRef, Outcome, Reason
from database.transaction import Transaction
from dsar.erasure import store
from dsar.erasure.errors import NoPlanError
from dsar.erasure.judgement import UNDER_WAY, with_account
from dsar.erasure.judging import Question
from dsar.erasure.means import Case, Means, WaitError, inventory, wait
from dsar.erasure.plan import Line, Plan, added
from dsar.erasure.state import Erasure, Phase
from dsar.holders.holder import Errand, Holder, Holding
from dsar.request import By


@dataclass(frozen=True, slots=True)
class Shown:
    """How far an erasure is, how many values its plan lets go and how many stay, and a page of the lines."""

    erasure: Erasure
    goes: int
    stays: int
    lines: Sequence[Line]


class Planning:
    """The use cases of plans. An erasure of more than `unapproved` values takes a second person."""

    def __init__(self, means: Means, unapproved: int) -> None:
        self._means = means
        self._unapproved = unapproved

    def prepare(self, tenant: int, request: UUID) -> float | None:
        """Plan the erasure that a request asks for, and tell the desk; None, or in how many seconds to go on: a holder has not
        said yet what it has. What was planned before is not planned again.

        Raises:
            RequestNotFoundError: the tenant has no such request.
        """
        self._begin(tenant, request)
        case = self._means.case(tenant, request)
        if case is None or case.erasure.phase is not Phase.PLANNING or case.request.ended:
            return None
        try:
            found = self._found(case)
        except WaitError as error:
            return wait(self._means, case, error)
        refs = self._means.names.refs(tenant, {one.ref for _, held in found for one in held if one.ref})
        self._means.database.write(tenant, lambda tx: self._freeze(tx, case, found, refs))
        return None

    def read(self, tenant: int, request: UUID, by: By, *, after: int, limit: int) -> Shown:
        """How far the erasure of a request is, and a page of its plan: `limit` lines after the first `after`; with the reading's
        entry.

        Raises:
            RequestNotFoundError: the tenant has no such request.
            NoPlanError: it is no erasure, or nothing was begun for it.
        """

        def work(tx: Transaction) -> Shown | None:
            found = self._means.desk.find(tx, tenant, request)
            place: dict[str, Any] = {"tenant": tenant, "request": request.bytes}
            row = tx.one(store.ERASURE, **place)
            outcome, reason = (Outcome.FAILED, Reason.NOT_FOUND) if row is None else (Outcome.DONE, None)
            group = Group(outcome, reason, refs=[found.ref])
            self._means.log.append(tx, LogAct(Action.ERASURE_READ, by.actor, tenant, by.at, by.call, [group]))
            if row is None:
                return None
            goes, stays = tx.one(store.TOTALS, round=0, **place) or (0, 0)
            lines = tx.all(store.LINES_PAGE, round=0, after=after, limit=limit, **place)
            return Shown(store.erasure_of(row), int(goes), int(stays), [store.line_of(line) for line in lines])

        shown = self._means.database.write(tenant, work)
        if shown is None:
            raise NoPlanError
        return shown

    def _begin(self, tenant: int, request: UUID) -> None:
        means, at = self._means, self._means.at()
        found = means.database.read(tenant, lambda tx: means.desk.find(tx, tenant, request))
        ref = None if found.subject is None else means.names.person(tenant, found.subject)
        who, laws = (found.right.value, found.subject, ref), means.judging.laws.version
        row = (tenant, request.bytes, *who, Phase.PLANNING.value, 0, laws, at, 0)
        means.database.write(tenant, lambda tx: tx.insert(store.INSERT_ERASURES, [row]))

    def _found(self, case: Case) -> list[tuple[Holder, Sequence[Holding]]]:
        if case.erasure.number is None:
            return []
        errand = Errand(request=case.request.id, key="plan")
        return [(holder, inventory(case, holder, errand)) for holder in case.holders]

    def _freeze(
        self,
        tx: Transaction,
        case: Case,
        found: Sequence[tuple[Holder, Sequence[Holding]]],
        refs: Mapping[str, ObjectRef],
    ) -> None:
        means, at, request = self._means, case.at, case.request
        running = {one.ref for _, held in found for one in held if one.ref and one.kept_by == UNDER_WAY}
        judged = []
        if case.erasure.number is not None:
            asked = Question(case.person, request.regime, at, running)
            judged = [one for holder, held in found for one in means.judging.of(tx, asked, holder, held)]
        judged = with_account(judged, [one.kept for one in judged if one.kept is not None])
        lines = added([Line.of(one, refs) for one in judged])
        version = means.judging.laws.version
        plan = Plan(request=request.id, right=request.right, made_at=at, laws=version, lines=lines)
        if not tx.run(store.SET_PLAN, at=at, digest=plan.digest, laws=version, **case.place):
            return
        tx.insert(store.INSERT_LINES, [(request.tenant, request.id.bytes, 0, *store.row_of(line)) for line in lines])
        means.note(tx, case, Action.ERASURE_PLAN, Group(Outcome.DONE, wording=plan.digest.hex()))
        means.desk.prepared(tx, request, plan.goes > self._unapproved, at)
