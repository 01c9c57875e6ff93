"""The SIP redirect server: what it answers, to whom, and that nothing that it hears can end it."""

import asyncio
import re
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masking.relay.decision import Collect, RefusalReason, Refuse
from masking.relay.sip302.answer import STATUS, Redirect
from masking.relay.sip302.lookup import ServiceLookup
from masking.relay.sip302.request import MalformedSipError, parse
from masking.relay.sip302.server import KEPT_SECONDS, RedirectServer

X, A, B = "+8617000000001", "+8613912345678", "+8613887654321"
INVITE = (
    "INVITE sip:{x}@relay.example SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.11:5061;branch={branch};rport\r\n"
    "Via: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKouter\r\n"
    'From: "Somebody" <sip:{a}@10.0.0.9>;tag=from1\r\n'
    "To: <sip:{x}@relay.example>\r\n"
    "Call-ID: {call}\r\n"
    "CSeq: 1 {method}\r\n"
    "Max-Forwards: 70\r\n"
    "{more}"
    "Content-Length: 0\r\n\r\n"
)


def invite(*, method: str = "INVITE", **given: str) -> bytes:
    """A request of the switch's."""
    fields = {"x": X, "a": A, "branch": "z9hG4bK1", "call": "call-1@sbc", "more": "", **given}
    text = INVITE.format(method=method, **fields)
    return text.replace("INVITE sip:", f"{method} sip:", 1).encode()


class Wire:
    """What the server sends."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, tuple[str, int]]] = []

    def sendto(self, data: bytes, addr: tuple[str, int]) -> None:
        self.sent.append((data, addr))

    def close(self) -> None:
        pass


class Stand:
    """A server without a network, which asks a function and a clock that is moved."""

    def __init__(self, lookup: Callable[..., Any], host: str | None = "sbc.example:5060") -> None:
        self.asked: list[tuple[str, str, str | None]] = []
        self.now = 0.0
        self.wire = Wire()

        def ask(called: str, caller: str, digits: str | None) -> Any:
            self.asked.append((called, caller, digits))
            return lookup(called, caller, digits)

        self.server = RedirectServer(ask, [ip_network("127.0.0.0/8")], host=host, clock=lambda: self.now)
        self.server.connection_made(self.wire)

    def hear(self, *datagrams: bytes, source: tuple[str, int] = ("127.0.0.11", 5061)) -> list[str]:
        """What is answered to these, one after the other."""

        async def go() -> None:
            for one in datagrams:
                self.server.datagram_received(one, source)
                await asyncio.gather(*self.server._tasks)

        before = len(self.wire.sent)
        asyncio.run(go())
        return [data.decode() for data, _ in self.wire.sent[before:]]


def connected(_called: str, _caller: str, _digits: str | None) -> Redirect:
    return Redirect(B, X, "0198-leg", 3_600)


def test_an_invite_is_redirected_and_the_number_stands_in_contact_alone() -> None:
    stand = Stand(connected)
    (answer,) = stand.hear(invite())
    head, *lines = answer.split("\r\n")
    assert head == "SIP/2.0 302 Moved Temporarily"
    assert f"Contact: <sip:{B}@sbc.example:5060>;expires=0" in lines
    assert f"X-Relay-CLI: {X}" in lines
    assert "X-Relay-Ref: 0198-leg" in lines
    assert answer.count(B[3:]) == 1
    assert lines[0].startswith("Via: SIP/2.0/UDP 127.0.0.11:5061;branch=z9hG4bK1;")
    assert "received=127.0.0.11" in lines[0]
    assert "rport=5061" in lines[0]
    assert lines[1] == "Via: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKouter"
    assert re.search(r"To: <sip:\+8617000000001@relay.example>;tag=[0-9a-f]{16}\r\n", answer)
    assert stand.asked == [(X, A, None)]
    assert stand.wire.sent[0][1] == ("127.0.0.11", 5061)


def test_a_repeated_invite_gets_the_same_answer_and_asks_nobody_until_it_is_forgotten() -> None:
    stand = Stand(connected)
    first, second = stand.hear(invite(), invite())
    assert first == second
    assert len(stand.asked) == 1
    stand.now = KEPT_SECONDS + 1
    assert stand.hear(invite()) == [first]
    assert len(stand.asked) == 2


def test_an_acknowledgement_gets_no_answer_and_a_cancel_one_where_there_is_a_call() -> None:
    stand = Stand(connected)
    stand.hear(invite())
    assert stand.hear(invite(method="ACK")) == []
    assert stand.hear(invite(method="CANCEL"))[0].startswith("SIP/2.0 200")
    assert stand.hear(invite(method="CANCEL", branch="z9hG4bKother"))[0].startswith("SIP/2.0 481")


@pytest.mark.parametrize("reason", list(RefusalReason))
def test_each_reason_has_a_status_and_no_answer_a_word_of_the_other_side(reason: RefusalReason) -> None:
    (answer,) = Stand(lambda *_: Refuse(reason)).hear(invite())
    assert answer.startswith(f"SIP/2.0 {STATUS[reason]} ")
    assert "Contact" not in answer


def test_without_an_extension_the_address_is_incomplete_and_one_is_dialled_behind_the_number() -> None:
    assert Stand(lambda *_: Collect(3)).hear(invite())[0].startswith("SIP/2.0 484")
    for written in (f"{X}*123", f"{X};ext=123"):
        stand = Stand(connected)
        stand.hear(invite(x=written))
        assert stand.asked == [(X, A, "123")]


def test_whatever_goes_wrong_connects_nobody() -> None:
    def broken(*_: object) -> Redirect:
        raise RuntimeError(B)

    for lookup in (broken, lambda *_: None):
        (answer,) = Stand(lookup).hear(invite())
        assert answer.startswith("SIP/2.0 503")
        assert B[3:] not in answer


def test_methods_that_need_no_looking_up() -> None:
    stand = Stand(connected)
    for method, status in (("OPTIONS", 200), ("BYE", 481), ("MESSAGE", 405), ("REGISTER", 405), ("SUBSCRIBE", 405)):
        (answer,) = stand.hear(invite(method=method, branch=f"z9hG4bK{method}"))
        assert answer.startswith(f"SIP/2.0 {status} "), method
    within = invite().replace(b"@relay.example>\r\n", b"@relay.example>;tag=to1\r\n")
    assert stand.hear(within)[0].startswith("SIP/2.0 481")
    assert stand.asked == []


def test_strangers_get_no_answer() -> None:
    stand = Stand(connected)
    assert stand.hear(invite(), source=("192.0.2.1", 5060)) == []
    assert stand.server.counts["foreign"] == 1


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        (f"P-Asserted-Identity: <sip:{B}@net>\r\n", B),
        (f"P-Asserted-Identity: <tel:{B}>\r\n", B),
        ('P-Asserted-Identity: "x" <sip:+86-138.8765(4321)@net>\r\n', B),
        ("P-Asserted-Identity: <sip:anonymous@anonymous.invalid>\r\n", A),
        ("P-Asserted-Identity: garbage>>\r\n", A),
    ],
)
def test_what_the_network_asserts_goes_before_what_the_phone_says(more: str, asked: str) -> None:
    stand = Stand(connected)
    stand.hear(invite(more=more))
    assert stand.asked == [(X, asked, None)]


@pytest.mark.parametrize("caller", ["anonymous", "Anonymous", "", "bob", "%2B8613912345678x", "1" * 40])
def test_a_caller_without_a_number_is_nobody(caller: str) -> None:
    stand = Stand(connected)
    stand.hear(invite(a=caller))
    assert [one[1] for one in stand.asked] in ([""], [])


@pytest.mark.parametrize(
    "datagram",
    [
        b"", b"\r\n\r\n", b"\x00" * 100, b"SIP/2.0 200 OK\r\n\r\n", b"INVITE sip:x SIP/2.0\r\n\r\n", invite()[:120],
        invite().replace(b"CSeq: 1 INVITE", b"CSeq: 1 BYE"), invite().replace(b"Call-ID", b"X-Call"),
        invite(more="Call-ID: second\r\n"), invite(more="From: <sip:b@c>;tag=2\r\n"), invite(more="Subject: a\nTo: b\r\n"),
        invite(more="Subject: \x07\r\n"), invite().replace(b"Content-Length: 0", b"Content-Length: 50"),
        invite().replace(b"SIP/2.0\r\n", b"SIP/3.0\r\n", 1), invite(more="X: " + "y" * 9_000 + "\r\n"),
        invite(more="Via: SIP/2.0/UDP a;branch=b\r\n" * 80), invite(more="No colon\r\n"), "INVITE sip:电话@x SIP/2.0".encode(),
    ],
)  # fmt: skip
def test_what_is_no_request_is_dropped(datagram: bytes) -> None:
    stand = Stand(connected)
    assert stand.hear(datagram) == []
    assert stand.server.counts["malformed"] == 1
    assert stand.asked == []


@given(st.binary(max_size=600))
def test_no_octets_break_the_reading(octets: bytes) -> None:
    with pytest.raises(MalformedSipError):
        parse(octets)


@given(st.data())
def test_a_damaged_request_is_answered_in_form_or_not_at_all(data: st.DataObject) -> None:
    octets = bytearray(invite(more=f"P-Asserted-Identity: <sip:{A}@net>\r\n"))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(octets) - 1))
        put = data.draw(
            st.one_of(st.binary(max_size=6), st.sampled_from([b'"', b"<", b";", b"\r\n", b"\r\n ", b"%00", b"="]))
        )
        octets[place : place + data.draw(st.integers(0, 4))] = put
        if not octets:
            break
    try:
        call = parse(bytes(octets))
    except MalformedSipError:
        return
    stand = Stand(connected)
    for answer in stand.hear(bytes(octets)):
        lines = answer.split("\r\n")
        assert re.fullmatch(r"SIP/2\.0 \d{3} [A-Za-z/ ]+", lines[0])
        assert lines[-3:] == ["Content-Length: 0", "", ""]
        assert not any("\n" in line for line in lines)
        assert answer.count(B[3:]) <= 1
    assert stand.server.counts["failed"] == 0
    assert call.method


def test_what_the_service_answers_is_trusted_no_further_than_its_form() -> None:
    class Answers:
        def __init__(self, answer: dict[str, object]) -> None:
            self.answer = answer

        def route(self, called: str, caller: str, *, digits: str | None = None) -> dict[str, object]:
            return self.answer

    right: dict[str, object] = {"action": "connect", "to": B, "present": X, "leg": "a-b", "max_seconds": 60}
    found = ServiceLookup(Answers(right))(X, A, None)  # type: ignore[arg-type]  # as much of it as is used
    assert isinstance(found, Redirect)
    for wrong in (
        {"to": "110"}, {"to": f"{B}>\r\nX: y"}, {"present": "a"}, {"leg": "x y"}, {"max_seconds": "9"}, {"action": "x"},
    ):  # fmt: skip
        found = ServiceLookup(Answers({**right, **wrong}))(X, A, None)  # type: ignore[arg-type]  # as above
        assert found == Refuse(RefusalReason.UNAVAILABLE), wrong
    ended = ServiceLookup(Answers({"action": "reject", "reason": "ended"}))(X, A, None)  # type: ignore[arg-type]
    assert ended == Refuse(RefusalReason.ENDED)
    assert ServiceLookup(Answers(right))("", A, None) == Refuse(RefusalReason.INVALID)  # type: ignore[arg-type]
