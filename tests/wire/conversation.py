"""One call through the switch, from both ends, and what must hold for whatever arrived."""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.wire.ends import Callee, Caller, End, expect, pause, scenario
from tests.wire.leaks import leaks
from tests.wire.sipp import Outcome, Sipp
from tests.wire.switch import Switch, bound

HEARS_WITHIN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Conversation:
    """What both ends received. Without a `callee` nobody waited for a call."""

    caller: Outcome
    callee: Outcome | None


class Wire:
    """Lets two ends speak through a switch."""

    def __init__(self, place: Path, switch: Switch) -> None:
        self.place, self.switch = place, switch
        self._numbers = itertools.count(1)

    def listen(self, end: End, *steps: str) -> Sipp:
        """An end that waits for a call."""
        waiting = Sipp(self.place, f"{next(self._numbers):03}-callee", end, scenario("callee", *steps))
        until = time.monotonic() + HEARS_WITHIN_SECONDS
        while not bound(end.host, end.port):
            assert time.monotonic() < until, "sipp does not listen"
            time.sleep(0.01)
        return waiting

    def dial(self, end: End, *steps: str) -> Sipp:
        """An end that calls."""
        name = f"{next(self._numbers):03}-caller"
        return Sipp(self.place, name, end, scenario("caller", *steps), self.switch.address)

    def await_received(self, end: Sipp, words: bytes) -> bytes:
        """The first message with these words that an end receives, while its scenario runs."""
        until = time.monotonic() + HEARS_WITHIN_SECONDS
        while True:
            for message in end.received():
                if words in message:
                    return message
            assert time.monotonic() < until, "it was not received"
            time.sleep(0.02)

    def ended(self, caller: Sipp, callee: Sipp) -> Conversation:
        """What both received, once both have ended."""
        try:
            return Conversation(caller.outcome(), callee.outcome())
        finally:
            caller.stop()
            callee.stop()

    def talk(self, a: End, calls: Sequence[str], b: End | None = None, answers: Sequence[str] = ()) -> Conversation:
        """Both play their parts to the end."""
        callee = None if b is None else self.listen(b, *answers)
        try:
            caller = self.dial(a, *calls).outcome()
            return Conversation(caller, None if callee is None else callee.outcome())
        finally:
            if callee is not None:
                callee.stop()


def answered_call(a: End, b: End, dialled: str) -> tuple[Sequence[str], Sequence[str]]:
    """A call that is answered, changed once by each side, and ended by the caller."""
    caller, callee = Caller(a, dialled), Callee(b)
    calls = [
        *(caller.invite(), expect(200, route=True), caller.ack(), pause(100)),
        *(caller.invite(2, direction="sendonly"), expect(200, route=True), caller.ack(2)),
        *(Callee(a).take("UPDATE"), Callee(a).answer(200, sdp=True, tagged=True, again=False), pause(100)),
        *(caller.bye(3), expect(200)),
    ]
    answers = [
        *(callee.take("INVITE"), callee.answer(180), pause(50), callee.answer(200, sdp=True), callee.take("ACK")),
        *(callee.take("INVITE"), callee.answer(200, sdp=True, tagged=True), callee.take("ACK")),
        *(callee.request("UPDATE", 9, sdp=True), expect(200), callee.take("BYE"), callee.answer(200, tagged=True)),
    ]
    return calls, answers


def busy_call(a: End, b: End, dialled: str) -> tuple[Sequence[str], Sequence[str]]:
    """A call that rings nobody: the callee is busy."""
    callee = Callee(b)
    return refused_call(a, dialled, 486), [callee.take("INVITE"), callee.answer(486), callee.take("ACK")]


def refused_call(a: End, dialled: str, code: int, **how: str) -> Sequence[str]:
    """A call that is refused."""
    caller = Caller(a, dialled, **how)
    return [caller.invite(), expect(code), caller.ack_refusal()]


def assert_hidden(talk: Conversation, a: End, b: End, switch: Switch) -> None:
    """Both scenarios went as they should, each side received something, none of it names the other, and no log names anybody."""
    assert talk.caller.status == 0, talk.caller.lines
    assert talk.caller.received
    if talk.callee is not None:
        assert talk.callee.status == 0, talk.callee.lines
        assert talk.callee.received
        for message in talk.callee.received:
            assert not leaks(message, a.needles), message.decode(errors="replace")
    for message in talk.caller.received:
        assert not leaks(message, b.needles), message.decode(errors="replace")
    said = switch.said().encode()
    assert not leaks(said, [*a.needles, *b.needles]), said.decode()
