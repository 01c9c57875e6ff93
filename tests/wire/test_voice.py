"""Voice goes through rtpengine and no other way."""

from tests.wire.conversation import Wire, assert_hidden
from tests.wire.ends import Callee, Caller, expect, pause
from tests.wire.voice import Voice, speak
from tests.wire.world import World

PACKETS = 50


def test_both_sides_hear_each_other_and_see_the_relay_only(wire: Wire, world: World) -> None:
    pair = world.pair()
    caller, callee = Caller(pair.a, pair.a_dials), Callee(pair.b)
    voices = Voice(pair.a), Voice(pair.b)
    waiting = wire.listen(
        pair.b,
        callee.take("INVITE"),
        callee.answer(200, sdp=True),
        callee.take("ACK"),
        callee.take("BYE"),
        callee.answer(200, tagged=True),
    )
    calling = wire.dial(
        pair.a, caller.invite(), expect(200, route=True), caller.ack(), pause(2000), caller.bye(2), expect(200)
    )
    speak(wire, calling, waiting, voices, PACKETS)
    talk = wire.ended(calling, waiting)
    for voice, words in zip(voices, (b"from b", b"from a"), strict=True):
        voice.close()
        assert len(voice.heard) > PACKETS // 5
        assert all(words in packet for _, packet in voice.heard)
        assert {host for (host, _), _ in voice.heard} == {wire.switch.host}
        assert all(port in wire.switch.media for (_, port), _ in voice.heard)
    assert_hidden(talk, pair.a, pair.b, wire.switch)
