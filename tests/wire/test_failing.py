"""What fails ends calls, and shows nobody anything: the service, voice, the memory of where ends are."""

from typing import Any

import orjson
import pytest

from tests.wire.conftest import Started
from tests.wire.conversation import Wire, assert_hidden, refused_call
from tests.wire.ends import Callee, Caller, expect, pause
from tests.wire.front import Front, Spoiled
from tests.wire.world import World


def _without(field: str, said: dict[str, Any]) -> Spoiled:
    return 200, orjson.dumps({name: value for name, value in said.items() if name != field})


def _with(said: dict[str, Any], **changed: Any) -> Spoiled:
    return 200, orjson.dumps({**said, **changed})


SPOILED = {
    "silent": lambda _: None,
    "failing": lambda _: (500, b"{}"),
    "refusing": lambda _: (401, b"{}"),
    "empty": lambda _: (200, b""),
    "garbage": lambda _: (200, b"<html>"),
    "a list": lambda _: (200, b"[]"),
    "cut": lambda said: (200, orjson.dumps(said)[:-9]),
    "another action": lambda said: _with(said, action="transfer"),
    "without whom": lambda said: _without("to", said),
    "without what to show": lambda said: _without("present", said),
    "without a leg": lambda said: _without("leg", said),
    "without a limit": lambda said: _without("max_seconds", said),
    "a limit of years": lambda said: _with(said, max_seconds=10**9),
    "whom with a header": lambda said: _with(said, to=said["to"] + ">\r\nX-Real: " + said["to"]),
    "what to show with a header": lambda said: _with(said, present="+861\r\nX: y"),
    "whom elsewhere": lambda said: _with(said, to=said["to"] + "@198.51.100.9"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_no_clear_answer_no_call(wire: Wire, world: World, front: Front, how: str) -> None:
    pair = world.pair()
    with front.spoiling(SPOILED[how]):
        talk = wire.talk(pair.a, refused_call(pair.a, pair.a_dials, 503))
    assert_hidden(talk, pair.a, pair.b, wire.switch)


def test_an_answer_that_comes_late_connects_nobody(wire: Wire, world: World, front: Front) -> None:
    pair = world.pair()
    with front.spoiling(front.late):
        talk = wire.talk(pair.a, refused_call(pair.a, pair.a_dials, 503))
    assert_hidden(talk, pair.a, pair.b, wire.switch)


def test_voice_that_is_not_relayed_is_not_passed_on(another: Started, world: World) -> None:
    """rtpengine dies while it rings: the answer's SDP, which names where the callee listens, goes no further."""
    wire, pair = another.wire, world.pair()
    caller, callee = Caller(pair.a, pair.a_dials), Callee(pair.b)
    waiting = wire.listen(pair.b, callee.take("INVITE"), callee.answer(180), pause(2000), callee.answer(200, sdp=True))
    calling = wire.dial(pair.a, caller.invite(), expect(200, route=True))
    wire.await_received(calling, b"SIP/2.0 180")
    wire.switch.kill("rtpengine")
    talk = wire.ended(calling, waiting)
    assert_hidden(talk, pair.a, pair.b, wire.switch)
    assert b"c=IN" not in talk.caller.received[-1]
    refused = wire.talk(pair.a, refused_call(pair.a, pair.a_dials, 503))
    assert_hidden(refused, pair.a, pair.b, wire.switch)


def test_without_the_memory_of_where_ends_are_nothing_is_passed_on(another: Started, world: World) -> None:
    """Redis dies while it rings: topos would send on what it cannot hide."""
    wire, pair = another.wire, world.pair()
    caller, callee = Caller(pair.a, pair.a_dials), Callee(pair.b)
    waiting = wire.listen(
        pair.b, callee.take("INVITE"), callee.answer(180), pause(2000), callee.answer(200, sdp=True, again=False)
    )
    calling = wire.dial(pair.a, caller.invite(), expect(180), pause(2500))
    wire.await_received(calling, b"SIP/2.0 180")
    wire.switch.kill("redis")
    talk = wire.ended(calling, waiting)
    assert_hidden(talk, pair.a, pair.b, wire.switch)
    assert not any(line.startswith("SIP/2.0 200") for line in talk.caller.lines)
    refused = wire.talk(pair.a, refused_call(pair.a, pair.a_dials, 503))
    assert_hidden(refused, pair.a, pair.b, wire.switch)
