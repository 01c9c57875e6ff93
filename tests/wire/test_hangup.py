"""The service ends a call that is under way."""

import uuid

import httpx
import pytest

from tests.wire.conversation import Wire, assert_hidden
from tests.wire.ends import Callee, Caller, expect
from tests.wire.front import Front
from tests.wire.switch import Control
from tests.wire.voice import Voice, speak
from tests.wire.world import World

PACKETS = 25


def test_a_call_in_which_both_speak_is_hung_up_by_the_service(
    wire: Wire, world: World, front: Front, control: Control
) -> None:
    pair = world.pair()
    caller, callee, hung_up = Caller(pair.a, pair.a_dials), Callee(pair.b), Callee(pair.a)
    voices = Voice(pair.a), Voice(pair.b)
    bye = [callee.take("BYE"), callee.answer(200, tagged=True)]
    waiting = wire.listen(pair.b, callee.take("INVITE"), callee.answer(200, sdp=True), callee.take("ACK"), *bye)
    calling = wire.dial(
        pair.a,
        *(caller.invite(), expect(200, route=True), caller.ack()),
        *(hung_up.take("BYE"), hung_up.answer(200, tagged=True)),
    )
    speak(wire, calling, waiting, voices, PACKETS)
    assert all(voice.heard for voice in voices)
    leg = front.last_leg()
    assert _posted(control, leg, "x" * 48) == _posted(control, leg, control.secret.read_text()[:-1]) == 403
    assert world.call_of(pair)["ended_at"] is None
    assert world.hang_up(pair) == {"calls": 1, "switch": "told"}
    for end in (calling, waiting):
        wire.await_received(end, b"BYE sip:")
    talk = wire.ended(calling, waiting)
    for voice in voices:
        voice.close()
    assert_hidden(talk, pair.a, pair.b, wire.switch)
    assert front.events_of(leg)[-1]["released"] == "switch"
    book = world.call_of(pair)
    assert (book["status"], book["released"]) == ("completed", "switch")
    assert _posted(control, leg, control.secret.read_text()) == 404
    assert world.hang_up(pair) == {"calls": 0, "switch": "told"}


def test_a_call_that_the_switch_does_not_know(wire: Wire, control: Control) -> None:
    assert wire.switch.running
    assert _posted(control, str(uuid.UUID(int=1)), control.secret.read_text()) == 404


@pytest.mark.parametrize("shown", ["", "Bearer", "Basic eDp5", "bearer {}", "Bearer  {}", "Bearer {}0", "Bearer {}, x"])
def test_no_other_writing_of_the_secret_is_taken(wire: Wire, control: Control, shown: str) -> None:
    headers = {"Authorization": shown.format(control.secret.read_text())} if shown else {}
    answer = httpx.post(f"{control.url}/hangup/{uuid.UUID(int=1)}", headers=headers, trust_env=False)
    assert answer.status_code == 403
    assert not answer.content
    assert control.secret.read_text() not in wire.switch.said()


def _posted(control: Control, leg: str, secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    return httpx.post(f"{control.url}/hangup/{leg}", headers=headers, trust_env=False).status_code


def test_a_call_that_rings_is_ended_with_its_binding(wire: Wire, world: World, front: Front, control: Control) -> None:
    assert control.url
    pair = world.pair()
    caller, callee = Caller(pair.a, pair.a_dials), Callee(pair.b)
    ringing = [callee.take("INVITE"), callee.answer(180), callee.take("CANCEL"), callee.answer(200, tagged=True)]
    waiting = wire.listen(pair.b, *ringing, callee.answer(487, cseq="CSeq: 1 INVITE"), callee.take("ACK"))
    calling = wire.dial(pair.a, caller.invite(), expect(180), expect(487), caller.ack_refusal())
    wire.await_received(calling, b"SIP/2.0 180")
    world.unbind(pair)
    talk = wire.ended(calling, waiting)
    assert_hidden(talk, pair.a, pair.b, wire.switch)
    assert front.events_of(front.last_leg())[-1]["event"] == "failed"
    assert world.call_of(pair)["status"] == "failed"


def test_a_call_in_which_both_speak_is_ended_with_its_binding(wire: Wire, world: World, front: Front) -> None:
    pair = world.pair()
    caller, callee, cut_off = Caller(pair.a, pair.a_dials), Callee(pair.b), Callee(pair.a)
    bye = [callee.take("BYE"), callee.answer(200, tagged=True)]
    waiting = wire.listen(pair.b, callee.take("INVITE"), callee.answer(200, sdp=True), callee.take("ACK"), *bye)
    calling = wire.dial(
        pair.a,
        *(caller.invite(), expect(200, route=True), caller.ack()),
        *(cut_off.take("BYE"), cut_off.answer(200, tagged=True)),
    )
    wire.await_received(waiting, b"ACK sip:")
    world.unbind(pair)
    talk = wire.ended(calling, waiting)
    assert_hidden(talk, pair.a, pair.b, wire.switch)
    assert front.events_of(front.last_leg())[-1]["released"] == "switch"
