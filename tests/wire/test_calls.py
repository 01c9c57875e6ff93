"""Calls and texts that are connected: both sides speak, and neither learns who the other is."""

from tests.wire.conversation import Wire, answered_call, assert_hidden, busy_call, refused_call
from tests.wire.ends import Callee, Caller, compact, expect, pause
from tests.wire.front import Front
from tests.wire.world import Pair, World


def spoken(wire: Wire, pair: Pair) -> str:
    """A whole call from A to B; what B received first."""
    calls, answers = answered_call(pair.a, pair.b, pair.a_dials)
    talk = wire.talk(pair.a, calls, pair.b, answers)
    assert_hidden(talk, pair.a, pair.b, wire.switch)
    assert talk.callee is not None
    return talk.callee.received[0].decode()


def assert_shown(invite: str, pair: Pair) -> None:
    assert invite.startswith(f"INVITE sip:{pair.b.number}@")
    for header in ("From", "To", "P-Asserted-Identity"):
        assert f"{header}: <sip:{pair.b_sees}@relay.invalid>" in invite


def test_a_call_that_both_sides_change_while_it_lasts(wire: Wire, world: World, front: Front) -> None:
    pair = world.pair()
    assert_shown(spoken(wire, pair), pair)
    events = front.events_of(front.last_leg())
    assert [told["event"] for told in events] == ["answered", "ended"]
    assert events[1]["released"] == "caller"
    assert 0 <= events[1]["seconds"] <= 5


def test_headers_in_their_short_forms(wire: Wire, world: World) -> None:
    pair = world.pair()
    calls, answers = answered_call(pair.a, pair.b, pair.a_dials)
    talk = wire.talk(pair.a, list(map(compact, calls)), pair.b, list(map(compact, answers)))
    assert_hidden(talk, pair.a, pair.b, wire.switch)


def test_voice_before_the_answer_and_a_change_by_the_callee(wire: Wire, world: World) -> None:
    pair = world.pair()
    caller, callee = Caller(pair.a, pair.a_dials), Callee(pair.b)
    calls = [caller.invite(), expect(183), expect(200, route=True), caller.ack(), Callee(pair.a).take("INVITE")]
    calls += [Callee(pair.a).answer(200, sdp=True, tagged=True), Callee(pair.a).take("ACK"), caller.bye(2), expect(200)]
    answers = [
        callee.take("INVITE"),
        callee.answer(183, sdp=True, again=False),
        pause(100),
        callee.answer(200, sdp=True),
    ]
    answers += [callee.take("ACK"), callee.request("INVITE", 9, sdp=True), expect(200), callee.request("ACK", 9)]
    answers += [callee.take("BYE"), callee.answer(200, tagged=True)]
    assert_hidden(wire.talk(pair.a, calls, pair.b, answers), pair.a, pair.b, wire.switch)


def test_the_callee_calls_back(wire: Wire, world: World) -> None:
    pair = world.pair().turned
    assert_shown(spoken(wire, pair), pair)


def test_two_numbers_of_fifteen_digits_both_ways(wire: Wire, world: World) -> None:
    pair = world.pair(mode="axyb")
    assert pair.a_dials != pair.b_dials
    assert len(pair.a_dials) == len(pair.b_dials) == 15
    for way in (pair, pair.turned):
        assert_shown(spoken(wire, way), way)


def test_anybody_may_call_a_number_that_is_somebodys(wire: Wire, world: World) -> None:
    pair = world.reachable()
    assert_shown(spoken(wire, pair), pair)


def test_an_extension_that_is_dialled_with_the_number(wire: Wire, world: World) -> None:
    pair = world.reachable(mode="axe")
    bare, extension = pair.a_dials.split("*")
    assert extension
    assert_shown(spoken(wire, pair), pair)
    refused = wire.talk(pair.a, refused_call(pair.a, bare, 484))
    assert refused.caller.status == 0, refused.caller.lines


def test_the_callee_hangs_up(wire: Wire, world: World, front: Front) -> None:
    pair = world.pair()
    caller, callee = Caller(pair.a, pair.a_dials), Callee(pair.b)
    calls = [caller.invite(), expect(200, route=True), caller.ack(), Callee(pair.a).take("BYE")]
    calls.append(Callee(pair.a).answer(200, tagged=True))
    answers = [callee.take("INVITE"), callee.answer(200, sdp=True), callee.take("ACK"), pause(100)]
    answers += [callee.request("BYE", 10), expect(200)]
    assert_hidden(wire.talk(pair.a, calls, pair.b, answers), pair.a, pair.b, wire.switch)
    assert front.events_of(front.last_leg())[-1]["released"] == "callee"


def test_a_callee_who_hangs_up_on_somebody_who_is_gone(wire: Wire, world: World) -> None:
    """What the switch answers by itself then must not repeat the names by which it asked the other side."""
    pair = world.pair()
    caller, callee = Caller(pair.a, pair.a_dials), Callee(pair.b)
    calls = [caller.invite(), expect(200, route=True), caller.ack()]
    answers = [callee.take("INVITE"), callee.answer(200, sdp=True), callee.take("ACK"), pause(100)]
    answers += [callee.request("BYE", 10), expect(408)]
    assert_hidden(wire.talk(pair.a, calls, pair.b, answers), pair.a, pair.b, wire.switch)


def test_a_callee_who_is_busy(wire: Wire, world: World, front: Front) -> None:
    pair = world.pair()
    calls, answers = busy_call(pair.a, pair.b, pair.a_dials)
    assert_hidden(wire.talk(pair.a, calls, pair.b, answers), pair.a, pair.b, wire.switch)
    assert front.events_of(front.last_leg()) == [{"leg": front.last_leg(), "event": "failed", "status": 486}]


def test_a_callee_whose_calls_are_forwarded_is_not_named_by_it(wire: Wire, world: World) -> None:
    pair = world.pair()
    caller, callee = Caller(pair.a, pair.a_dials), Callee(pair.b)
    answers = [callee.take("INVITE"), callee.answer(302), callee.take("ACK")]
    calls = [caller.invite(), expect(480), caller.ack_refusal()]
    assert_hidden(wire.talk(pair.a, calls, pair.b, answers), pair.a, pair.b, wire.switch)


def test_a_caller_who_gives_up(wire: Wire, world: World) -> None:
    pair = world.pair()
    caller, callee = Caller(pair.a, pair.a_dials), Callee(pair.b)
    calls = [caller.invite(), expect(180), pause(100), caller.cancel(), expect(200), expect(487), caller.ack_refusal()]
    answers = [callee.take("INVITE"), callee.answer(180), callee.take("CANCEL"), callee.answer(200, tagged=True)]
    answers += [callee.answer(487, cseq="CSeq: 1 INVITE"), callee.take("ACK")]
    assert_hidden(wire.talk(pair.a, calls, pair.b, answers), pair.a, pair.b, wire.switch)


def test_a_call_whose_offer_comes_with_the_answer(wire: Wire, world: World) -> None:
    pair = world.pair()
    caller, callee = Caller(pair.a, pair.a_dials), Callee(pair.b)
    calls = [caller.invite(offer=False), expect(200, route=True), caller.ack(body=pair.a.sdp()), pause(100)]
    calls += [caller.bye(2), expect(200)]
    answers = [callee.take("INVITE"), callee.answer(200, sdp=True), callee.take("ACK"), callee.take("BYE")]
    answers.append(callee.answer(200, tagged=True))
    talk = wire.talk(pair.a, calls, pair.b, answers)
    assert_hidden(talk, pair.a, pair.b, wire.switch)
    assert talk.callee is not None
    acknowledged = talk.callee.received[1].decode()
    assert f"c=IN IP4 {wire.switch.host}" in acknowledged


def test_an_answer_that_is_sent_again_and_again(wire: Wire, world: World) -> None:
    """What finds no request any more would be passed on as it is: a proxy's rule, which this switch does not follow."""
    pair = world.pair()
    caller, callee = Caller(pair.a, pair.a_dials), Callee(pair.b)
    calls = [caller.invite(), expect(200, route=True), caller.ack(), caller.update(2), expect(200), pause(1500)]
    calls += [caller.bye(3), expect(200)]
    late = [callee.answer(200, sdp=True, tagged=True, again=False), pause(300)]
    nobody = "SIP/2.0/UDP {}:{};branch=z9hG4bKnobody"
    vias = [nobody.format(wire.switch.host, wire.switch.port), nobody.format(pair.a.host, pair.a.port)]
    forged = callee.answer(200, tagged=True).replace("[last_Via:]", "\n".join(f"Via: {via}" for via in vias))
    answers = [callee.take("INVITE"), callee.answer(200, sdp=True), callee.take("ACK"), callee.take("UPDATE")]
    answers += [*late, *late, *late, forged, callee.take("BYE"), callee.answer(200, tagged=True)]
    assert_hidden(wire.talk(pair.a, calls, pair.b, answers), pair.a, pair.b, wire.switch)


def test_a_text_arrives_without_the_number_in_it(wire: Wire, world: World) -> None:
    pair = world.pair()
    caller, callee = Caller(pair.a, pair.a_dials), Callee(pair.b)
    spelled = " ".join(pair.a.digits[2:])
    calls = [caller.text(f"I am at the gate with your soup, or ring {spelled}"), expect(200)]
    answers = [callee.take("MESSAGE"), callee.answer(200)]
    talk = wire.talk(pair.a, calls, pair.b, answers)
    assert_hidden(talk, pair.a, pair.b, wire.switch)
    assert talk.callee is not None
    assert b"I am at the gate" in talk.callee.received[0]


def test_a_text_about_a_code_does_not_arrive(wire: Wire, world: World) -> None:
    pair = world.pair()
    refused = wire.talk(pair.a, [Caller(pair.a, pair.a_dials).text("your verification code is 481516"), expect(403)])
    assert refused.caller.status == 0, refused.caller.lines


def test_a_call_ends_when_its_time_is_up(wire: Wire, world: World, front: Front) -> None:
    pair = world.pair(max_call_seconds=world.shortest_call)
    caller, callee = Caller(pair.a, pair.a_dials), Callee(pair.b)
    calls = [caller.invite(), expect(200, route=True), caller.ack(), Callee(pair.a).take("BYE")]
    calls.append(Callee(pair.a).answer(200, tagged=True))
    answers = [callee.take("INVITE"), callee.answer(200, sdp=True), callee.take("ACK"), callee.take("BYE")]
    answers.append(callee.answer(200, tagged=True))
    assert_hidden(wire.talk(pair.a, calls, pair.b, answers), pair.a, pair.b, wire.switch)
    ended = front.events_of(front.last_leg())[-1]
    assert ended["released"] == "switch"
    assert ended["seconds"] >= world.shortest_call - 1


def test_the_network_s_word_counts_for_who_calls_and_is_not_passed_on(wire: Wire, world: World) -> None:
    pair = world.pair()
    asserted = f"P-Asserted-Identity: <tel:{pair.a.number};phone-context=x>\nPrivacy: id"
    caller = Caller(pair.a, pair.a_dials, sender="<sip:anonymous@anonymous.invalid>", tells=asserted)
    callee = Callee(pair.b)
    calls = [caller.invite(), expect(486), caller.ack_refusal()]
    answers = [callee.take("INVITE"), callee.answer(486), callee.take("ACK")]
    assert_hidden(wire.talk(pair.a, calls, pair.b, answers), pair.a, pair.b, wire.switch)
