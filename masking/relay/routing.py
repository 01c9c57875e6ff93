"""Asking where a call goes: the one function behind every adapter.

1. number    the number dialled, its state, and whether it takes extensions
2. routes    that of the caller, that of the extension, that of anybody: by one statement
3. decide    masking.relay.decision; and again with what is known of blocks and limits, where it would connect
4. open      the number of whoever is reached, in the vault, in the same transaction; whoever was erased or restricted since is
             not reached
5. log       the entry, and the attempt in the book of calls; the number leaves after they are durable

What a caller or a switch sends never raises. What fails here does, and whoever asked connects nobody: calls fail closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from audit.entry import Act, Action, Group, ObjectRef, Outcome, Reason, SubjectRef
from audit.event_id import uuid7
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Row, Transaction
from masking.relay import store
from masking.relay.bound import By
from masking.relay.decision import (
    Binding,
    Call,
    CallKind,
    Collect,
    Connect,
    Decision,
    NumberState,
    RefusalReason,
    Refuse,
    Route,
    RouteKind,
    decide,
)
from masking.relay.errors import EmergencyNumberError, InvalidNumberError
from masking.relay.mode import Direction, Side
from masking.relay.number import RelayNumber, caller_number
from masking.relay.ports import (
    STEP_UP_DIGITS,
    Asked,
    Attempt,
    CallRecords,
    Consents,
    Directories,
    Directory,
    RealNumbers,
    Recording,
    Restraint,
)
from masking.relay.seat import ANYBODY, EXTENSION, PARTY


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

_KINDS = {PARTY[0]: RouteKind.CALLER, EXTENSION[0]: RouteKind.EXTENSION, ANYBODY[0]: RouteKind.ANYBODY}
_DIGITS_AT_MOST = 4
_NOBODY = b""
_BLOCKED = "blocked"


class Routing:
    """Answers switches."""

    def __init__(
        self,
        database: Database,
        directories: Directories,
        log: AuditLog,
        records: CallRecords,
        consents: Consents,
    ) -> None:
        self._database = database
        self._directories = directories
        self._log = log
        self._records = records
        self._consents = consents

    def route(
        self, by: By, *, called: str, caller: str, kind: CallKind = CallKind.VOICE, digits: str | None = None
    ) -> Answer:
        """Where a call or a text goes. `called` and `caller` are as a switch has them, in any writing, an empty caller or a word
        for one without a number; `digits` are what the caller keyed in, if anything."""
        try:
            dialled = RelayNumber.parse(called)
        except EmergencyNumberError:
            return Refuse(RefusalReason.EMERGENCY)
        except InvalidNumberError:
            return Refuse(RefusalReason.INVALID)

        def attempt(directory: Directory) -> Answer:
            number = caller_number(caller, directory.region)
            fingerprint = _NOBODY if number is None else directory.fingerprint(number)
            incoming = _Incoming(dialled.value, fingerprint, kind, _keyed(digits), number or "")
            return self._database.write(by.tenant, lambda tx: _Attempt(self, tx, directory, by, incoming).answer())

        return self._directories.using(by.tenant, attempt)

    @property
    def log(self) -> AuditLog:
        """Where entries go."""
        return self._log

    @property
    def records(self) -> CallRecords:
        """The book of calls."""
        return self._records

    @property
    def consents(self) -> Consents:
        """Who agreed to be recorded."""
        return self._consents


@dataclass(frozen=True, slots=True, repr=False)
class _Incoming:
    """What came: the number dialled, the fingerprint of the caller, what was keyed in, and the caller's number; empty where there
    is none."""

    dialled: str
    caller: bytes
    kind: CallKind
    digits: str | None
    number: str


@dataclass(frozen=True, slots=True)
class _Found:
    """A route as stored, with the pseudonym of the order and the people of the binding."""

    route: Route
    order: str
    parties: tuple[int | None, int | None]


class _Attempt:
    """One call or text on its way through the steps, in its transaction."""

    def __init__(self, routing: Routing, tx: Transaction, directory: Directory, by: By, incoming: _Incoming) -> None:
        self._routing = routing
        self._tx = tx
        self._directory = directory
        self._by = by
        self._incoming = incoming
        self._number = 0

    def answer(self) -> Answer:
        """Steps 1 to 5."""
        tx, by, incoming = self._tx, self._by, self._incoming
        row = tx.one(store.DIALLED, tenant=by.tenant, value=incoming.dialled)
        if row is None:
            return Refuse(RefusalReason.NO_BINDING)
        self._number, state, digits = row[:3]
        found = self._found()
        call = Call(kind=incoming.kind, anonymous=not incoming.caller, digits=incoming.digits)

        def decided(call: Call) -> Decision:
            return decide(NumberState(state), [one.route for one in found], call, by.at, extension_digits=digits)

        decision = decided(call)
        if isinstance(decision, Connect):
            reached = self._reached(decision)
            if reached is None:
                return self._refused(Refuse(RefusalReason.NOBODY_TO_REACH, decision.binding.id))
            *callee, blocked = reached
            held = _BLOCKED if blocked else self._held_back(decision, bytes(callee[0]))
            if held is Restraint.STEP_UP:
                return Collect(STEP_UP_DIGITS)
            if held is Restraint.FROZEN:
                return self._refused(Refuse(RefusalReason.FROZEN, decision.binding.id))
            decision = decided(replace(call, blocked=held == _BLOCKED, limited=held is Restraint.LIMITED))
            if isinstance(decision, Connect):
                return self._connected(decision, callee, _of(found, decision))
        return decision if isinstance(decision, Collect) else self._refused(decision)

    def _found(self) -> list[_Found]:
        """Step 2."""
        keys = [ANYBODY]
        if self._incoming.caller:
            keys.append(PARTY + self._incoming.caller)
        if self._incoming.digits is not None:
            keys.append(EXTENSION + self._incoming.digits.encode("ascii"))
        rows = self._tx.all(store.ROUTES, rows=[(key,) for key in keys], tenant=self._by.tenant, number=self._number)
        return [_read(row) for row in rows]

    def _reached(self, decision: Connect) -> Row | None:
        """Step 3: the party, and whether the caller is blocked there."""
        by, caller = self._by, self._incoming.caller
        where = {"number": self._number, "at": by.at, "anybody": _NOBODY}
        return self._tx.one(store.PARTY_REACHED, **where, tenant=by.tenant, caller=caller, id=decision.target)

    def _held_back(self, decision: Connect, callee: bytes) -> Restraint | None:
        """Step 3: what is known of limits."""
        tx, by, incoming = self._tx, self._by, self._incoming
        asked = Asked(
            tenant=by.tenant,
            number=self._number,
            dialled=incoming.dialled,
            digits=incoming.digits,
            kind=incoming.kind,
            caller=incoming.caller,
            callee=callee,
            binding=decision.binding.id,
            side=decision.side,
            at=by.at,
        )
        return self._routing.records.restraint(tx, asked)

    def _connected(self, decision: Connect, callee: Sequence[Any], found: _Found) -> Answer:
        """Steps 4 and 5."""
        fingerprint, subject, record, frozen_until = callee
        if frozen_until is not None and frozen_until > self._by.at:
            return self._refused(Refuse(RefusalReason.FROZEN, decision.binding.id))
        person = self._directory.number_of(self._tx, subject, record, self._by.at)
        if isinstance(person, Reason) or self._directory.fingerprint(person.number) != bytes(fingerprint):
            return self._refused(Refuse(RefusalReason.NOBODY_TO_REACH, decision.binding.id))
        recording = self._recording(decision, found, subject)
        answer = Connected(
            to=person.number,
            present=self._value(decision.show),
            binding=decision.binding.id,
            leg=str(uuid7(self._by.at)),
            max_seconds=decision.binding.max_seconds,
            record=recording is Recording.ON,
        )
        attempt = self._attempt(answer.leg, decision.binding.id, None)
        numbers = RealNumbers(self._incoming.number, person.number, self._incoming.dialled)
        self._routing.records.attempted(
            self._tx,
            attempt._replace(
                callee=bytes(fingerprint),
                callee_subject=subject,
                side=decision.side,
                recording=recording,
                numbers=numbers,
            ),
        )
        self._log(decision.binding.id, found.order, person.ref)
        return answer

    def _value(self, number: int) -> str:
        """A number of the relay by its id; most calls show the one that was dialled, which is known."""
        if number == self._number:
            return self._incoming.dialled
        value: str = self._tx.all(store.VALUES, rows=[(number,)], tenant=self._by.tenant)[0][1]
        return value

    def _recording(self, decision: Connect, found: _Found, callee: int) -> Recording:
        """Whether the call is recorded, which both must have agreed to."""
        if not decision.binding.record:
            return Recording.NOT_WANTED
        a, b = found.parties
        where: dict[str, Any] = {"tenant": self._by.tenant, "caller": self._incoming.caller}
        row = self._tx.one(store.CALLER, **where, binding=decision.binding.id, a=a or 0, b=b or 0)
        people = [None if row is None else row[0], callee]
        return self._routing.consents.recording(self._tx, self._by.tenant, people, self._by.at)

    def _refused(self, refusal: Refuse) -> Refuse:
        attempt = self._attempt(str(uuid7(self._by.at)), refusal.binding, refusal.reason)
        self._routing.records.attempted(self._tx, attempt)
        return refusal

    def _attempt(self, leg: str, binding: int | None, refused: RefusalReason | None) -> Attempt:
        return Attempt(
            tenant=self._by.tenant,
            leg=leg,
            number=self._number,
            kind=self._incoming.kind,
            caller=self._incoming.caller,
            callee=_NOBODY,
            binding=binding,
            side=None,
            refused=refused,
            recording=Recording.NOT_WANTED,
            at=self._by.at,
        )

    def _log(self, binding: int, order: str, ref: SubjectRef) -> None:
        by = self._by
        group = Group(Outcome.DONE, kind="phone", subjects=[ref], rows=[binding], refs=[ObjectRef(order)])
        self._routing.log.append(self._tx, Act(Action.RELAY_ROUTE, by.actor, by.tenant, by.at, by.request, [group]))


def _read(row: Row) -> _Found:
    caller, side, target, shown, number, direction, texts, record, *rest = row
    seconds, expires_at, closed_at, order, a, b, over = rest
    binding = Binding(
        id=number,
        direction=Direction(direction),
        expires_at=expires_at,
        closed_at=closed_at,
        texts=bool(texts),
        max_seconds=seconds,
        record=bool(record),
    )
    route = Route(
        kind=_KINDS[bytes(caller)[0]],
        binding=binding,
        side=Side(side),
        target=target,
        show=shown,
        over=over is not None,
    )
    return _Found(route, order, (a, b))


def _of(found: Sequence[_Found], decision: Connect) -> _Found:
    wanted = decision.binding.id, decision.side, decision.target
    return next(one for one in found if (one.route.binding.id, one.route.side, one.route.target) == wanted)


def _keyed(digits: str | None) -> str | None:
    """What was keyed in, as far as it can mean something; whatever else was is what nobody has."""
    if digits is None:
        return None
    text = digits.strip().rstrip("#")
    return text if text.isascii() and text.isdecimal() and len(text) <= _DIGITS_AT_MOST else ""
