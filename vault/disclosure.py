"""Whether each record that a call has reached may be shown to the caller, by all authorities in order."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from audit.entry import Behalf, Reason
from database.transaction import Transaction
from vault import policy, store
from vault.access import Access, Caller
from vault.budget import Budget
from vault.identifier import KIND_BY_CODE, Kind, Sensitivity
from vault.keyring import TenantKeys
from vault.policy import View
from vault.ports import Reveal
from vault.subject import OpenSubject, SubjectDirectory, SubjectRow, SubjectState
from vault.uses.restriction import stored_only

RUNNING_STAGES = ("assigned", "picked_up")
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

    def __init__(self, action: policy.Action, access: Access, subjects: SubjectDirectory, budget: Budget) -> None:
        self._action = action
        self._access = access
        self._subjects = subjects
        self._budget = budget

    @contextmanager
    def allowance(self, caller: Caller, acted: str, view: View, count: int, at: int) -> Iterator[Allowance]:
        """Reserve `count` plain values for a call and give back those that it does not disclose. `acted` is the fingerprint
        of the person acted for, if any: each has an allowance of their own."""
        if view is View.MASKED:
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

    def refusals(
        self,
        tx: Transaction,
        keys: TenantKeys,
        caller: Caller,
        candidates: Sequence[Candidate],
        view: View,
        at: int,
        *,
        affordable: bool,
    ) -> list[Reason | None]:
        """Why each candidate may not be shown, in order; None where it may."""
        stages = self._stages(tx, keys, caller, candidates)
        refused = self._by_rules(caller, candidates, view, stages)
        asked = [place for place, refusal in enumerate(refused) if refusal is None]
        shown_as, officer = view.value, caller.role == OFFICER
        reveals = [_reveal(candidates[place], shown_as, officer=officer) for place in asked]
        stored = _stored_only(tx, caller.tenant, candidates, asked)
        for place, refusal in zip(asked, self._access.refusals(tx, reveals, at), strict=True):
            refused[place] = refusal or (Reason.RESTRICTED if place in stored else None)
            if refused[place] is None and not affordable:
                refused[place] = Reason.BUDGET
        return refused

    def behalf(self, tx: Transaction, keys: TenantKeys, caller: Caller, at: int) -> Behalf | None:
        """The person acted for, as the log names them; an unknown one has no pseudonym."""
        if caller.acting is None:
            return None
        row = self._subjects.find(tx, keys, caller.tenant, caller.acting.subject)
        ref = self._subjects.opened(keys, caller.tenant, row, at).ref if row else None
        return Behalf(caller.acting.role, ref)

    def _by_rules(
        self, caller: Caller, candidates: Sequence[Candidate], view: View, stages: Mapping[str, str]
    ) -> list[Reason | None]:
        """`_by_rule` of each candidate, asked once for all that differ only in the person."""
        known: dict[tuple[str, str, str, str], Reason | None] = {}
        refused = []
        for candidate in candidates:
            alike = candidate.kind.name, candidate.purpose, candidate.ref, candidate.state
            if alike not in known:
                known[alike] = self._by_rule(caller, candidate, view, stages.get(candidate.ref))
            refused.append(known[alike])
        return refused

    def _by_rule(self, caller: Caller, candidate: Candidate, view: View, stage: str | None) -> Reason | None:
        """Policy, then the subject's state. A courier without the order is told so only where having it would help."""
        refusal = self._ruling(caller, candidate, view, stage)
        unassigned = refusal is Reason.POLICY and caller.acting is not None and stage is None
        if unassigned and any(self._ruling(caller, candidate, view, running) is None for running in RUNNING_STAGES):
            return Reason.NOT_ASSIGNED
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

    def _stages(
        self, tx: Transaction, keys: TenantKeys, caller: Caller, candidates: Sequence[Candidate]
    ) -> Mapping[str, str]:
        """The stage of each order that is assigned to the courier acted for."""
        if caller.acting is None or caller.acting.role != "courier":
            return {}
        courier = self._subjects.find(tx, keys, caller.tenant, caller.acting.subject)
        refs = {candidate.ref for candidate in candidates if candidate.ref}
        if courier is None or courier.state != SubjectState.ACTIVE or not refs:
            return {}
        rows = tx.all(store.ASSIGNMENTS, rows=[(ref,) for ref in refs], tenant=caller.tenant)
        return {ref: stage for ref, assigned, stage in rows if assigned == courier.number}


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
