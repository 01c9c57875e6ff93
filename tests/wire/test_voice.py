"""Voice goes through rtpengine and no other way."""

import re
import socket
import time

from tests.wire.conversation import Wire, assert_hidden
from tests.wire.ends import Callee, Caller, End, expect, pause
from tests.wire.world import World

PACKETS = 50
EACH_SECONDS = 0.02
_PORT = re.compile(rb"m=audio (\d+) ")


class Voice:
    """One end's socket for voice."""

    def __init__(self, end: End) -> None:
        self.heard: list[tuple[tuple[str, int], bytes]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((end.host, end.voice))
        self._socket.setblocking(False)

    def say(self, number: int, words: bytes, towards: tuple[str, int]) -> None:
        """Send one packet of 20 ms (RFC 3550, PCMA)."""
        header = bytes((0x80, 8)) + number.to_bytes(2, "big") + (number * 160).to_bytes(4, "big") + b"\x00\x00\x00\x07"
        self._socket.sendto(header + words.ljust(160, b"\xd5"), towards)

    def listen(self) -> None:
        """Take what has arrived."""
        while True:
            try:
                packet, source = self._socket.recvfrom(2048)
            except BlockingIOError:
                return
            self.heard.append((source, packet))

    def close(self) -> None:
        self._socket.close()


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
    answer, offer = wire.await_received(calling, b"m=audio"), wire.await_received(waiting, b"m=audio")
    towards = [(wire.switch.host, int(found[1])) for found in (_PORT.search(answer), _PORT.search(offer)) if found]
    for number in range(PACKETS):
        for voice, place, words in zip(voices, towards, (b"from a", b"from b"), strict=True):
            voice.say(number, words, place)
        time.sleep(EACH_SECONDS)
        for voice in voices:
            voice.listen()
    talk = wire.ended(calling, waiting)
    for voice, words in zip(voices, (b"from b", b"from a"), strict=True):
        voice.close()
        assert len(voice.heard) > PACKETS // 5
        assert all(words in packet for _, packet in voice.heard)
        assert {host for (host, _), _ in voice.heard} == {wire.switch.host}
        assert all(port in wire.switch.media for (_, port), _ in voice.heard)
    assert_hidden(talk, pair.a, pair.b, wire.switch)
