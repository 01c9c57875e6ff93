"""Whether each record that a call has reached may be shown to the caller, by all authorities in order."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from audit.entry import Behalf, Reason
from database.transaction import Transaction
from vault import policy, store
from vault.access import Access, Caller
from vault.budget import Budget
from vault.handover.gate import NOBODY, Asked, Gate, Standing, Wanted
from vault.handover.stage import ORDER_TYPE, RUNNING
from vault.handover.table import MERCHANT
from vault.identifier import KIND_BY_CODE, Kind, Sensitivity
from vault.keyring import TenantKeys
from vault.policy import View
from vault.ports import Reveal
from vault.subject import OpenSubject, SubjectDirectory, SubjectRow, SubjectState
from vault.uses.restriction import stored_only

OFFICER, REQUESTS = "privacy_officer", "account"
"""The role that answers people's requests, and the purpose that it does so for."""


class RecordRow(NamedTuple):
    """A record as the store reads it, before its subject's columns."""

    row: int
    kind: int
    format: int
    sealed: bytes
    token_version: int
    serial: int | None
    expires_at: int | None
    uses_left: int | None
    created_at: int
    restricted: int


RECORD_COLUMNS = len(RecordRow._fields)


@dataclass(slots=True, eq=False, repr=False)
class Candidate:
    """A live record that a token reached, with the subject opened and what it is wanted for."""

    place: int
    record: RecordRow
    kind: Kind
    state: str
    subject: OpenSubject
    purpose: str
    ref: str
    restricted: bool


@dataclass(slots=True)
class Allowance:
    """Plain values taken out of the caller's budget for one call; what is not `used` goes back."""

    granted: bool
    used: int = 0


class Decision:
    """The steps of vault.access applied to records that are to be shown by one kind of act."""

    def __init__(self, action: policy.Action, access: Access, gate: Gate, budget: Budget) -> None:
        self._action = action
        self._access = access
        self._gate = gate
        self._budget = budget

    @contextmanager
    def allowance(self, caller: Caller, acted: str, view: View, count: int, at: int) -> Iterator[Allowance]:
        """Reserve `count` plain values for a call and give back those that it does not disclose. `acted` is the fingerprint
        of the person acted for, if any: each has an allowance of their own."""
        if view is not View.PLAIN:
            yield Allowance(granted=True)
            return
        role = caller.acting.role if caller.acting else caller.role
        allowance = Allowance(self._budget.spend(caller.tenant, caller.credential, role, count, at, acted=acted))
        try:
            yield allowance
        finally:
            if allowance.granted:
                unused = count - allowance.used
                self._budget.give_back(caller.tenant, caller.credential, role, unused, at, acted=acted)

    def standing(self, tx: Transaction, keys: TenantKeys, caller: Caller, wanted: Collection[Wanted], at: int) -> Asked:
        """What a caller who is judged by orders has of those that records are wanted for, as it is in this transaction: asked for
        with the statement after it."""
        if caller.acting is not None:
            return self._gate.of_courier(tx, keys, caller.tenant, caller.acting.subject, wanted, at)
        if caller.role == MERCHANT:
            orders = {one.ref for one in wanted if one.ref.startswith(f"{ORDER_TYPE}:")}
            if orders:
                return lambda: self._gate.of_role(tx, caller.tenant, MERCHANT, orders)
        return lambda: NOBODY

    def refusals(
        self,
        tx: Transaction,
        caller: Caller,
        candidates: Sequence[Candidate],
        view: View,
        at: int,
        *,
        standing: Standing = NOBODY,
        affordable: bool,
    ) -> list[Reason | None]:
        """Why each candidate may not be shown, in order; None where it may."""
        refused = self._by_rules(caller, candidates, view, standing, at)
        _refuse_foreign(tx, caller.tenant, candidates, standing, refused)
        asked = [place for place, refusal in enumerate(refused) if refusal is None]
        shown_as, officer = view.value, caller.role == OFFICER
        reveals = [_reveal(candidates[place], shown_as, officer=officer) for place in asked]
        stored = _stored_only(tx, caller.tenant, candidates, asked)
        for place, refusal in zip(asked, self._access.refusals(tx, reveals, at), strict=True):
            refused[place] = refusal or (Reason.RESTRICTED if place in stored else None)
            if refused[place] is None and not affordable:
                refused[place] = Reason.BUDGET
        return refused

    def _by_rules(
        self, caller: Caller, candidates: Sequence[Candidate], view: View, standing: Standing, at: int
    ) -> list[Reason | None]:
        """`_by_rule` of each candidate, asked once for all that differ only in the person."""
        known: dict[tuple[str, str, str, str], Reason | None] = {}
        refused = []
        for candidate in candidates:
            alike = candidate.kind.name, candidate.purpose, candidate.ref, candidate.state
            if alike not in known:
                known[alike] = self._by_rule(caller, candidate, view, standing, at)
            refused.append(known[alike])
        return refused

    def _by_rule(self, caller: Caller, candidate: Candidate, view: View, standing: Standing, at: int) -> Reason | None:
        """Policy, the handover table, then the subject's state. A courier without the order, or frozen, is told so only where
        having it would help."""
        stage = standing.stage(candidate.ref)
        refusal = self._ruling(caller, candidate, view, stage)
        if caller.acting is not None and (stage is None or standing.frozen):
            helped = any(self._ruling(caller, candidate, view, running.value) is None for running in RUNNING)
            if helped:
                return Reason.FROZEN if standing.frozen else Reason.NOT_ASSIGNED
        if refusal is None and not standing.shows(candidate.ref, candidate.kind.name, view, at):
            return Reason.STAGE
        if refusal is None and candidate.state != SubjectState.ACTIVE:
            return Reason.FROZEN
        return refusal

    def _ruling(self, caller: Caller, candidate: Candidate, view: View, stage: str | None) -> Reason | None:
        return self._access.ruling(
            caller,
            self._action,
            candidate.kind,
            purpose=candidate.purpose,
            ref=candidate.ref,
            view=view,
            stage=stage,
        )


def behalf_of(caller: Caller, standing: Standing) -> Behalf | None:
    """The person acted for, as the log names them; an unknown one has no pseudonym."""
    return None if caller.acting is None else Behalf(caller.acting.role, standing.ref)


def candidate_of(
    subjects: SubjectDirectory,
    keys: TenantKeys,
    tenant: int,
    values: tuple[Any, ...],
    *,
    place: int,
    purpose: str,
    ref: str,
    at: int,
) -> Candidate:
    """The candidate of one fetched row. Raises IntegrityError when its subject does not open."""
    record, subject = RecordRow(*values[:RECORD_COLUMNS]), SubjectRow(*values[RECORD_COLUMNS:])
    opened = subjects.opened(keys, tenant, subject, at)
    restricted = bool(subject.restricted)
    return Candidate(place, record, KIND_BY_CODE[record.kind], subject.state, opened, purpose, ref, restricted)


def _refuse_foreign(
    tx: Transaction, tenant: int, candidates: Sequence[Candidate], standing: Standing, refused: list[Reason | None]
) -> None:
    """Who is judged by orders sees through an order only what is its customer's, or was stored for it: having some order opens
    no door to everybody's."""
    if standing.role is None:
        return
    unproved = {
        place: (one.record.row, one.ref)
        for place, one in enumerate(candidates)
        if refused[place] is None and standing.customer(one.ref) != one.subject.number
    }
    if unproved:
        stored = standing.stored
        if stored is None:
            stored = frozenset(tx.all(store.STORED_FOR, rows=list(dict.fromkeys(unproved.values())), tenant=tenant))
        for place, wanted in unproved.items():
            if wanted not in stored:
                refused[place] = Reason.NOT_ASSIGNED


def _stored_only(tx: Transaction, tenant: int, candidates: Sequence[Candidate], asked: Sequence[int]) -> set[int]:
    """Those of the places whose record is only stored, and not to be used for what it is wanted for."""
    marked = [place for place in asked if candidates[place].record.restricted]
    if not marked:
        return set()
    wanted = [(one.record.row, one.purpose, one.ref) for one in (candidates[place] for place in marked)]
    return {place for place, stored in zip(marked, stored_only(tx, tenant, wanted), strict=True) if stored}


def _reveal(candidate: Candidate, view: str, *, officer: bool) -> Reveal:
    """What the gates are asked. A privacy officer who answers people's requests sees what they may see all the same."""
    sensitive = candidate.kind.sensitivity is Sensitivity.SENSITIVE
    marked = candidate.restricted and not (officer and candidate.purpose == REQUESTS)
    return Reveal(candidate.subject.number, candidate.kind.name, sensitive, candidate.purpose, view, marked)
