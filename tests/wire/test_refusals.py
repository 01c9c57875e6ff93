"""Calls that are refused, and who is not even refused."""

import socket

import pytest

from tests.wire.conversation import Wire, assert_hidden, refused_call
from tests.wire.ends import Callee, Caller, expect, pause
from tests.wire.front import Front
from tests.wire.leaks import leaks
from tests.wire.world import Pair, World

NOT_ALLOWED = ("REFER", "SUBSCRIBE", "NOTIFY", "REGISTER", "PUBLISH", "INFO")


def assert_refused(wire: Wire, pair: Pair, code: int, **how: str) -> None:
    dialled = how.pop("dialled", pair.a_dials)
    talk = wire.talk(pair.a, refused_call(pair.a, dialled, code, **how))
    assert_hidden(talk, pair.a, pair.b, wire.switch)


def test_somebody_who_is_bound_to_nobody(wire: Wire, world: World, front: Front) -> None:
    pair = world.pair()
    assert_refused(wire, pair.called_by(world.stranger()), 404)
    assert front.reason() == "no_binding"


def test_somebody_who_is_blocked(wire: Wire, world: World, front: Front) -> None:
    pair = world.pair()
    world.block(pair)
    assert_refused(wire, pair, 403)
    assert front.reason() == "blocked"


def test_an_order_that_is_over(wire: Wire, world: World, front: Front) -> None:
    pair = world.pair()
    world.unbind(pair)
    assert_refused(wire, pair, 410)
    assert front.reason() == "ended"


def test_a_binding_whose_time_is_over(wire: Wire, world: World, front: Front) -> None:
    pair = world.expired()
    assert_refused(wire, pair, 410)
    assert front.reason() == "ended"


def test_somebody_who_calls_too_often(wire: Wire, world: World, front: Front) -> None:
    pair = world.pair()
    world.exhaust(pair)
    assert_refused(wire, pair, 480)
    assert front.reason() == "rate_limited"


def test_a_direction_that_the_binding_has_not(wire: Wire, world: World, front: Front) -> None:
    pair = world.pair(direction="b")
    assert_refused(wire, pair, 403)
    assert front.reason() == "direction_denied"


@pytest.mark.parametrize(
    "sender",
    [
        "<sip:anonymous@anonymous.invalid>",
        '"Anonymous" <sip:restricted@x>',
        "<sip:%31%33@x>",
        '"x" <sip:+8613900001111x@x>',
    ],
)
def test_a_caller_without_a_number(wire: Wire, world: World, front: Front, sender: str) -> None:
    assert_refused(wire, world.shared_pair, 433, sender=sender, tells="Privacy: id")
    assert front.reason() == "anonymous_caller"


@pytest.mark.parametrize("emergency", ["110", "119", "120", "112", "+86110"])
def test_an_emergency_number(wire: Wire, world: World, front: Front, emergency: str) -> None:
    assert_refused(wire, world.shared_pair, 403, dialled=emergency)
    assert front.reason() == "emergency_number"


@pytest.mark.parametrize("dialled", ["alice", "+86-abc", "170%22,%22", "0000000000000000000000000"])
def test_what_is_no_number_is_not_asked_for(wire: Wire, world: World, front: Front, dialled: str) -> None:
    before = len(front.exchanges)
    assert_refused(wire, world.shared_pair, 404, dialled=dialled)
    assert len(front.exchanges) == before


def test_a_tag_with_the_callers_digits(wire: Wire, world: World) -> None:
    pair = world.shared_pair
    assert_refused(wire, pair, 403, tag=f"x{pair.a.digits}")


def test_a_tag_with_the_callees_digits_ends_in_no_call(wire: Wire, world: World) -> None:
    pair = world.pair()
    caller, callee = Caller(pair.a, pair.a_dials), Callee(pair.b)
    named = callee.answer(180).replace(";tag=b[pid]", f";tag={pair.b.digits}x")
    answers = [callee.take("INVITE"), named, pause(200), callee.answer(486), callee.take("ACK")]
    calls = [caller.invite(), expect(486), caller.ack_refusal()]
    talk = wire.talk(pair.a, calls, pair.b, answers)
    assert_hidden(talk, pair.a, pair.b, wire.switch)
    assert not any("180" in line for line in talk.caller.lines)


@pytest.mark.parametrize("method", NOT_ALLOWED)
def test_methods_that_ask_for_identities(wire: Wire, world: World, method: str) -> None:
    pair = world.shared_pair
    talk = wire.talk(pair.a, [Caller(pair.a, pair.a_dials).other(method), expect(405)])
    assert_hidden(talk, pair.a, pair.b, wire.switch)


def test_a_request_within_a_call_that_there_is_not(wire: Wire, world: World) -> None:
    pair = world.shared_pair
    bye = Caller(pair.a, pair.a_dials).bye(2).replace("[next_url]", f"sip:{pair.a_dials}@[remote_ip]:[remote_port]")
    bye = bye.replace("[routes]\n", "").replace("[peer_tag_param]", ";tag=nobody")
    talk = wire.talk(pair.a, [bye, expect(481)])
    assert_hidden(talk, pair.a, pair.b, wire.switch)


def test_what_cannot_be_read_is_not_answered_with_a_number_and_not_logged(wire: Wire, world: World) -> None:
    me = world.shared_pair.a
    lines = [
        f"INVITE sip:{world.shared_pair.a_dials}@{wire.switch.address} SIP/2.0",
        f"Via: SIP/2.0/UDP {me.host}:{me.port};branch=z9hG4bKmalformed",
        f'From: "{me.name} <sip:{me.number}@;tag',
        "To: <sip:",
        f"Call-ID: {me.digits}",
        "CSeq: one INVITE",
        "Content-Length: 0",
    ]
    for cut in range(1, len(lines) + 1):
        for answer in _sent(wire, me.host, "\r\n".join([*lines[:cut], "", ""]).encode()):
            assert answer.split(b" ", 2)[1][:1] in (b"4", b"5"), answer
    assert wire.switch.running
    assert not leaks(wire.switch.said().encode(), me.needles)


def test_a_stranger_gets_no_answer_at_all(wire: Wire, world: World) -> None:
    options = f"OPTIONS sip:{wire.switch.address} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.99:5060;branch=z9hG4bKx\r\n"
    options += "From: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n"
    options += "Max-Forwards: 9\r\nContent-Length: 0\r\n\r\n"
    assert _sent(wire, "127.0.0.99", options.encode()) == []
    assert len(_sent(wire, world.shared_pair.a.host, options.encode())) == 1


def _sent(wire: Wire, host: str, message: bytes) -> list[bytes]:
    """What comes back within a moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.bind((host, 0))
        end.settimeout(0.2)
        message = message.replace(b";branch", b";rport;branch")
        end.sendto(message, (wire.switch.host, wire.switch.port))
        try:
            return [end.recv(65_535)]
        except TimeoutError:
            return []
