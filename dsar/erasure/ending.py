"""Ending a round: what it came to is written down with its entry in the log, and the desk is told, in one transaction."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from audit.entry import Action, Group, Outcome
from database.transaction import Transaction
from dsar.erasure import store
from dsar.erasure.canonical import canonical
from dsar.erasure.facts import UNREACHABLE, Found, facts_of
from dsar.erasure.judgement import KeepReason, Kept, resume_at
from dsar.erasure.means import Case, Means, WaitError
from dsar.erasure.plan import Line
from dsar.erasure.ports import DestroyedKey
from dsar.erasure.state import Phase
from dsar.holders.holder import Act, Receipt
from dsar.holds.restriction import Cause, Restrictions

LOOK_AGAIN_MS = 86_400_000
"""How long after it was found kept without a known end something is looked at again."""
KEY_AGAIN_MS = 60_000


@dataclass(frozen=True, slots=True)
class Maker:
    """Who certifies: the name of the deployment's log, and the program with its version."""

    issuer: str
    tool: str


class Ending:
    """The last step of a round."""

    def __init__(self, means: Means, restrictions: Restrictions, maker: Maker) -> None:
        self._means = means
        self._restrictions = restrictions
        self._maker = maker

    def kept(self, tx: Transaction, case: Case) -> list[Kept]:
        """What is kept in this round so far, and the hold over the person as such."""
        kept = [line.kept for line in self._stays(tx, case) if line.kept is not None]
        hold = None if case.erasure.number is None else self._means.judging.held(tx, case.person)
        return kept if hold is None else [*kept, Kept(KeepReason.LEGAL_HOLD, hold)]

    def _destroyed(self, tx: Transaction, case: Case) -> DestroyedKey | None:
        """The destruction of the person's key, by this erasure or otherwise."""
        number = case.erasure.number
        return None if number is None else self._means.keys.destroyed(tx, case.request.tenant, number)

    def end(self, case: Case) -> bool:
        """Do it; true.

        Raises:
            WaitError: the person's key should be gone, and is not; or a hold was released while the round went on, and another
                round begins.
        """

        def work(tx: Transaction) -> WaitError | None:
            kept = self.kept(tx, case)
            if self._let_go_meanwhile(tx, case):
                return WaitError(case.holders[-1].name, "hold_released", case.at)
            key = None if kept else self._destroyed(tx, case)
            if key is None and not kept and case.erasure.number is not None:
                return WaitError(case.holders[-1].name, "key_not_destroyed", case.at + KEY_AGAIN_MS)
            self._end(tx, case, kept, key)
            return None

        wait = self._means.database.write(case.request.tenant, work)
        if wait is not None:
            raise wait
        return True

    def _let_go_meanwhile(self, tx: Transaction, case: Case) -> bool:
        """Whether something that kept a part of this round has ended since; then another round has begun."""
        row = tx.one(store.ERASURE_TO_CHANGE, **case.place)
        if row is None or store.erasure_of(row).resume_at is None:
            return False
        was: dict[str, Any] = {"was": Phase.ENDING.value, "was_round": case.erasure.round}
        tx.run(store.MOVE, phase=Phase.DISPOSING.value, round=case.erasure.round + 1, **was, **case.place)
        return True

    def _end(self, tx: Transaction, case: Case, kept: list[Kept], key: DestroyedKey | None) -> None:
        means, request, at = self._means, case.request, case.at
        facts = canonical(facts_of(request, case.erasure, self._found(tx, case, key)))
        waits = any(one.reason is not KeepReason.NOT_SUPPORTED for one in kept)
        ended: dict[str, Any] = {
            "number": case.erasure.number if waits else None,
            "phase": (Phase.PARTIAL if waits else Phase.ENDED).value,
            "resume_at": _resume_at(kept, at),
            "facts": facts.decode(),
            "act": means.note(
                tx, case, Action.ERASURE_END, Group(Outcome.DONE, wording=sha256(facts).hexdigest())
            ).bytes,
        }
        if not tx.run(store.END, **ended, **case.place_in_round):
            raise LookupError("the round has ended before")
        reasons = sorted({one.reason.value for one in kept})
        if waits:
            self._restrict(tx, case, kept)
            means.desk.held(tx, request, at, restricted=True, reasons=reasons)
        else:
            means.desk.completed(tx, request, at, partially=reasons)

    def _restrict(self, tx: Transaction, case: Case, kept: list[Kept]) -> None:
        """What is kept is stored and nothing else, for the reasons for which it is kept."""
        (tenant, subject), at, origin = (case.person.tenant, case.person.number), case.at, case.request.id.bytes
        held = any(one.reason is KeepReason.LEGAL_HOLD for one in kept)
        by_law = any(one.reason is not KeepReason.LEGAL_HOLD for one in kept)
        for cause, there in ((Cause.LEGAL_HOLD, held), (Cause.LEGAL_MINIMUM, by_law)):
            if there:
                self._restrictions.set(tx, tenant, subject, cause, at, origin=origin)
            else:
                self._restrictions.lift(tx, tenant, subject, cause, at, origin=origin)
        self._restrictions.lift(tx, tenant, subject, Cause.ERASURE_PENDING, at, origin=origin)

    def _stays(self, tx: Transaction, case: Case) -> list[Line]:
        rows = tx.all(store.LINES, **case.place_in_round)
        return [line for line in map(store.line_of, rows) if line.kept is not None]

    def _found(self, tx: Transaction, case: Case, key: DestroyedKey | None) -> Found:
        gone = [
            (holder, category, purpose, int(count))
            for holder, category, purpose, count in tx.all(store.DISPOSED_LINES, **case.place)
        ]
        receipts = [
            (Act(act), Receipt(holder=holder, method=method, count=count, at=at, evidence=evidence and bytes(evidence)))
            for holder, act, method, count, at, evidence in tx.all(store.RECEIPTS, **case.place)
        ]
        done = {(act, one.holder, one.method) for act, one in receipts}
        told = tx.one(store.TOLD, **case.place)
        known = case.erasure.number is not None
        return Found(
            gone=gone,
            stays=self._stays(tx, case),
            receipts=receipts,
            checked=[
                one.name
                for one in case.holders
                if known and Act.INVENTORY in one.acts and (Act.DISPOSE, one.name, UNREACHABLE) not in done
            ],
            told=None if told is None else (told[0], told[1]),
            key=key,
            approvers=self._approvers(tx, case),
            laws=self._means.judging.laws,
            issuer=self._maker.issuer,
            tool=self._maker.tool,
            at=case.at,
        )

    def _approvers(self, tx: Transaction, case: Case) -> list[int]:
        """The credentials of who accepted the request and who approved what it came to."""
        record = self._means.desk.locked(tx, case.request)
        return [one for one in (record.accepted_by, record.approved_by) if one]


def _resume_at(kept: list[Kept], at: int) -> int | None:
    """When to look again by itself; None where only a release can change anything."""
    unknown = any(one.reason in {KeepReason.ORDER_RUNNING, KeepReason.KEPT_BY_HOLDER} for one in kept)
    ends = [one for one in (resume_at(kept), at + LOOK_AGAIN_MS if unknown else None) if one is not None]
    return min(ends, default=None)
