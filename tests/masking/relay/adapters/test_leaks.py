"""No answer of any adapter holds anybody's number but in the one field by which a switch connects: whoever calls whatever with
whatever."""

import re
from ipaddress import ip_address
from itertools import count
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masking.relay.decision import Collect, RefusalReason, Refuse
from masking.relay.routing import Answer, Connected
from masking.relay.sip302.answer import STATUS, Redirect, Source, redirected, refused
from masking.relay.sip302.request import parse
from masking.relay.text.wording import digits_of
from masking.relay.twiml.answering import Addresses, answered
from masking.relay.twiml.verbs import Reply
from tests.masking.relay.adapters.house import Bound, House
from tests.masking.relay.adapters.test_sip302 import invite

TO, X = "+8613887654321", "+8617000000001"
LANGUAGES = st.sampled_from(["zh-CN", "zh-HK", "zh-TW", "en-US"])
ANSWERS = st.one_of(
    st.builds(
        Connected,
        to=st.just(TO),
        present=st.just(X),
        binding=st.integers(1, 9),
        leg=st.uuids().map(str),
        max_seconds=st.integers(1, 9_999),
        record=st.booleans(),
    ),
    st.builds(Collect, st.integers(1, 4)),
    st.builds(Refuse, st.sampled_from(RefusalReason), st.none() | st.integers(1, 9)),
)
FIELD = re.compile(r"<Number[^>]*>[^<]*</Number>")


@given(ANSWERS, LANGUAGES, st.integers(1, 3), st.integers(0, 4))
def test_a_twiml_answer_has_it_in_number_alone(answer: Answer, language: str, tries: int, keyed: int) -> None:
    document = answered(answer, language, Addresses("/v1/relay/twiml/1"), tries=tries, keyed=keyed).decode()
    Xml.fromstring(document)
    assert (TO in document) is isinstance(answer, Connected)
    assert TO[-8:] not in digits_of(FIELD.sub("", document))


@given(ANSWERS)
def test_a_sip_answer_has_it_in_contact_alone(answer: Answer) -> None:
    call, source = parse(invite()), Source(ip_address("127.0.0.1"), 5060)
    if isinstance(answer, Connected):
        redirect = Redirect(answer.to, answer.present, answer.leg, answer.max_seconds)
        octets = redirected(call, source, "t", redirect, "sbc").decode()
        lines = [line for line in octets.split("\r\n") if not line.startswith("Contact: ")]
        assert TO[-8:] not in "".join(lines)
        assert octets.count(TO) == 1
    elif isinstance(answer, Refuse):
        assert TO[-8:] not in refused(call, source, "t", STATUS[answer.reason]).decode()


@given(st.text(max_size=300))
def test_any_text_stands_in_a_message_as_it_is_and_breaks_no_document(text: str) -> None:
    octets = Reply("zh-CN").message(TO, present=X, text=text).octets()
    (message,) = Xml.fromstring(octets)
    assert message.get("to") == TO
    assert len(message) == 0


@pytest.fixture(scope="module")
def pair(house: House) -> Bound:
    return house.bound()


CALLS = count(1)
WRITINGS = st.sampled_from(
    [
        "{e}", "{n}", "0086{n}", "86{n}", " {e} ", "tel:{e}", "sip:{e}@net", "{wide}", "{dashed}", "+{n}", "({e})", "{n}#",
        "{e};ext=1", "anonymous", "", "110", "+86110", "１１０", "+266696687", "7{n}", "{e}{e}",
        "\u200b{e}", "'{n}'", "<{e}>", "{e}\r\nX: y",
    ]
)  # fmt: skip


def written(number: str, how: str) -> str:
    national = number.removeprefix("+86")
    wide = "".join(chr(0xFF10 + int(one)) for one in national)
    dashed = f"{national[:3]}-{national[3:7]}-{national[7:]}"
    return how.format(e=number, n=national, wide=wide, dashed=dashed)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.tuples(st.sampled_from(["a", "b", "x", "other"]), WRITINGS),
    st.tuples(st.sampled_from(["a", "b", "x"]), WRITINGS),
    st.booleans(),
)
def test_whatever_calls_whatever_gets_its_answer_and_no_number(
    house: House, pair: Bound, caller: tuple[str, str], called: tuple[str, str], texts: bool
) -> None:
    who = {"a": pair.a, "b": pair.b, "x": pair.x, "other": "+8613900007777"}
    came, dialled = written(who[caller[0]], caller[1]), written(who[called[0]], called[1])
    house.clock.advance(seconds=90)
    if texts:
        fields = {"MessageSid": f"SMleak{next(CALLS)}", "From": came, "To": dialled, "Body": f"找 {pair.a} 或 {pair.b}"}
        said = house.post("messages", fields).text
        said = re.sub(r' to="[^"]*"', "", said)
    else:
        said = house.post("voice", {"CallSid": f"CAleak{next(CALLS)}", "From": came, "To": dialled}).text
        said = FIELD.sub("", said)
    found = digits_of(said)
    assert pair.a[-8:] not in found
    assert pair.b[-8:] not in found
