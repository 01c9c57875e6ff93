"""Answering calls: what becomes of all that came together, in one transaction.

1. routes    what was dialled, and the routes of the caller, of the extension and of anybody, by one statement
2. decide    masking.relay.decision, for each call by itself; and again with what is known of blocks, where it would connect
3. limits    each call is counted, all in one statement; who is over one is decided about again
4. open      the numbers of whoever is reached, in the vault, in the same transaction; whoever was erased or restricted since is
             not reached
5. log       the entries, and the attempts in the book of calls; the numbers leave after they are durable
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeAlias

from audit.entry import Act, Action, Group, ObjectRef, Outcome, Reason
from audit.event_id import uuid7
from audit.log import AuditLog
from database.transaction import Transaction
from masking.relay import store
from masking.relay.bound import By
from masking.relay.decision import Call, Collect, Connect, Decision, RefusalReason, Refuse, decide
from masking.relay.errors import UnconfirmedCallerError
from masking.relay.ports import (
    STEP_UP_DIGITS,
    Asked,
    Attempt,
    CallRecords,
    Consents,
    Directory,
    Person,
    RealNumbers,
    Recording,
    Restraint,
    Standing,
)
from masking.relay.rekeying.moving import keep_up
from masking.relay.routes import Dialled, Found, Incoming, Reached, dialled_by


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Connected:
    """Whom to call, in E.164, which number to show, and what holds for the call. `leg` names the attempt in events that follow.

    `to` is the one field of all answers that holds somebody's number, and only a switch may have it; hence no repr.
    """

    to: str
    present: str
    binding: int
    leg: str
    max_seconds: int
    record: bool


Answer: TypeAlias = Connected | Collect | Refuse

_NOBODY = b""
_LOOKED_UP = b""
_NOWHERE = Refuse(RefusalReason.NO_BINDING)


@dataclass(frozen=True, slots=True)
class Books:
    """Where entries and attempts go, who agreed to be recorded, and whose credential works."""

    log: AuditLog
    records: CallRecords
    consents: Consents
    standing: Standing


class _Way(NamedTuple):
    """How a call is connected: as it was decided, by which route, and whom that reaches."""

    decision: Connect
    found: Found
    reached: Reached


@dataclass(slots=True)
class _Turn:
    """A call on its way through the steps: what becomes of it by what is known so far, how many attempts in a row of its caller
    were over a limit, and who is reached."""

    call: Incoming
    dialled: Dialled
    becomes: _Way | Collect | Refuse
    over: int = 0
    person: Person | None = None


class Round:
    """Calls of one tenant that are answered in one transaction."""

    def __init__(self, books: Books, tx: Transaction, directory: Directory, calls: Sequence[Incoming]) -> None:
        self._books = books
        self._tx = tx
        self._directory = directory
        self._calls = calls
        self._tenant = calls[0].by.tenant
        self._at = max(call.by.at for call in calls)
        self._attempts: list[Attempt] = []
        self._acts: list[Act] = []

    def answers(self) -> list[Answer | UnconfirmedCallerError]:
        """What becomes of each call, in order. One whose credential has ended is none."""
        works = self._books.standing(self._tx, {call.by.secret for call in self._calls} - {_LOOKED_UP}, self._at)
        keep_up(self._tx, self._directory, self._tenant, [call.number for call in self._calls if call.number])
        dialled = dialled_by(self._tx, self._tenant, self._calls, self._at)
        if any(
            call.caller and (one is None or one.caller is None) for call, one in zip(self._calls, dialled, strict=True)
        ):
            self._directory.settled(self._tx)
        may = works() | {_LOOKED_UP}
        turns = [
            None if one is None or call.by.secret not in may else _Turn(call, one, _decided(call, one))
            for call, one in zip(self._calls, dialled, strict=True)
        ]
        known = [turn for turn in turns if turn is not None]
        self._weigh([turn for turn in known if not isinstance(turn.becomes, Collect)])
        going = [(turn, turn.becomes) for turn in known if isinstance(turn.becomes, _Way)]
        self._open(going)
        shown = self._shown(going)
        answers = [_NOWHERE if turn is None else self._answer(turn, shown) for turn in turns]
        self._books.records.attempted(self._tx, self._tenant, self._attempts)
        self._books.log.append_all(self._tx, self._acts)
        return [
            answer if call.by.secret in may else UnconfirmedCallerError()
            for call, answer in zip(self._calls, answers, strict=True)
        ]

    def _weigh(self, turns: Sequence[_Turn]) -> None:
        """Step 3."""
        weighed = self._books.records.weigh(self._tx, self._tenant, [_asked(turn) for turn in turns])
        for turn, one in zip(turns, weighed, strict=True):
            turn.over = one.over
            if isinstance(turn.becomes, _Way):
                turn.becomes = _held_back(turn, turn.becomes, one.restraint)

    def _open(self, going: Sequence[tuple[_Turn, _Way]]) -> None:
        """Step 4. A number that has not the fingerprint of the party any more is not called."""
        wanted = [(way.reached.subject, way.reached.record) for _, way in going]
        people = self._directory.numbers_of(self._tx, wanted, self._at)
        keep_up(self._tx, self._directory, self._tenant, [one.number for one in people if not isinstance(one, Reason)])
        for (turn, way), person in zip(going, people, strict=True):
            if isinstance(person, Reason) or not self._is_at(person.number, way.reached.fingerprint):
                turn.becomes = Refuse(RefusalReason.NOBODY_TO_REACH, way.decision.binding.id)
            else:
                turn.person = person

    def _is_at(self, number: str, fingerprint: bytes) -> bool:
        """Whether a party is found by this number."""
        if self._directory.fingerprint(number) == fingerprint:
            return True
        return fingerprint in self._directory.older_fingerprints(number)

    def _shown(self, going: Sequence[tuple[_Turn, _Way]]) -> dict[int, str]:
        """The numbers that are shown, by their ids. Most calls show the one that was dialled, which is known."""
        shown = {turn.dialled.number: turn.call.dialled for turn, _ in going}
        others = sorted({way.decision.show for _, way in going} - shown.keys())
        return shown | dict(self._tx.all(store.VALUES, rows=[(one,) for one in others], tenant=self._tenant))

    def _answer(self, turn: _Turn, shown: Mapping[int, str]) -> Answer:
        """Step 5."""
        becomes = turn.becomes
        if isinstance(becomes, _Way):
            return self._connected(turn, becomes, shown)
        if isinstance(becomes, Refuse):
            self._attempts.append(_attempt(turn, leg=str(uuid7(turn.call.by.at)), refused=becomes))
        return becomes

    def _connected(self, turn: _Turn, way: _Way, shown: Mapping[int, str]) -> Connected:
        recording, binding, person = self._recording(turn.call, way), way.decision.binding, turn.person
        assert person is not None
        answer = Connected(
            to=person.number,
            present=shown[way.decision.show],
            binding=binding.id,
            leg=str(uuid7(turn.call.by.at)),
            max_seconds=binding.max_seconds,
            record=recording is Recording.ON,
        )
        self._attempts.append(
            _attempt(turn, leg=answer.leg)._replace(
                callee=way.reached.fingerprint,
                callee_subject=way.reached.subject,
                binding=binding.id,
                side=way.decision.side,
                recording=recording,
                numbers=RealNumbers(turn.call.number, person.number, turn.call.dialled),
            )
        )
        self._acts.append(_act(turn.call.by, way, person))
        return answer

    def _recording(self, call: Incoming, way: _Way) -> Recording:
        """Whether the call is recorded, which both must have agreed to."""
        if not way.decision.binding.record:
            return Recording.NOT_WANTED
        a, b = way.found.parties
        where: dict[str, Any] = {"tenant": self._tenant, "caller": call.caller}
        row = self._tx.one(store.CALLER, **where, binding=way.decision.binding.id, a=a or 0, b=b or 0)
        people = [None if row is None else row[0], way.reached.subject]
        return self._books.consents.recording(self._tx, self._tenant, people, call.by.at)


def _decided(call: Incoming, dialled: Dialled) -> _Way | Collect | Refuse:
    """Step 2."""
    said = Call(kind=call.kind, anonymous=not call.caller, digits=call.digits)
    decision = _by_routes(call, dialled, said)
    if not isinstance(decision, Connect):
        return decision
    found = dialled.of(decision)
    if found.reached is None:
        return Refuse(RefusalReason.NOBODY_TO_REACH, decision.binding.id)
    if found.reached.blocked:
        decision = _by_routes(call, dialled, replace(said, blocked=True))
    return _Way(decision, found, found.reached) if isinstance(decision, Connect) else decision


def _held_back(turn: _Turn, way: _Way, restraint: Restraint | None) -> _Way | Collect | Refuse:
    """What becomes of a call that would be connected, by what holds its caller back and whether the party is frozen."""
    call, binding, until = turn.call, way.decision.binding, way.reached.frozen_until
    if restraint is Restraint.STEP_UP:
        return Collect(STEP_UP_DIGITS, shows_care=True)
    if restraint is Restraint.LIMITED:
        limited = Call(kind=call.kind, anonymous=not call.caller, digits=call.digits, limited=True)
        decision = _by_routes(call, turn.dialled, limited)
        return way if isinstance(decision, Connect) else decision
    if restraint is Restraint.FROZEN or (until is not None and until > call.by.at):
        return Refuse(RefusalReason.FROZEN, binding.id)
    return way


def _by_routes(call: Incoming, dialled: Dialled, said: Call) -> Decision:
    routes = [one.route for one in dialled.found]
    return decide(dialled.state, routes, said, call.by.at, extension_digits=dialled.digits)


def _asked(turn: _Turn) -> Asked:
    return Asked(
        number=turn.dialled.number,
        dialled=turn.call.dialled,
        digits=turn.call.digits,
        kind=turn.call.kind,
        caller=turn.call.caller,
        binding=turn.becomes.decision.binding.id if isinstance(turn.becomes, _Way) else None,
        at=turn.call.by.at,
    )


def _attempt(turn: _Turn, *, leg: str, refused: Refuse | None = None) -> Attempt:
    return Attempt(
        tenant=turn.call.by.tenant,
        leg=leg,
        number=turn.dialled.number,
        kind=turn.call.kind,
        caller=turn.call.caller,
        callee=_NOBODY,
        binding=None if refused is None else refused.binding,
        side=None,
        refused=None if refused is None else refused.reason,
        recording=Recording.NOT_WANTED,
        at=turn.call.by.at,
        caller_subject=turn.dialled.caller,
        over=turn.over,
    )


def _act(by: By, way: _Way, person: Person) -> Act:
    rows, refs = [way.decision.binding.id], [ObjectRef(way.found.order)]
    group = Group(Outcome.DONE, kind="phone", subjects=[person.ref], rows=rows, refs=refs)
    return Act(Action.RELAY_ROUTE, by.actor, by.tenant, by.at, by.request, [group])
