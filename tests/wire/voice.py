"""Voice as the two ends of a call send and hear it."""

import re
import socket
import time
from collections.abc import Sequence

from tests.wire.conversation import Wire
from tests.wire.ends import End
from tests.wire.sipp import Sipp

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


def speak(wire: Wire, calling: Sipp, waiting: Sipp, voices: Sequence[Voice], packets: int) -> None:
    """Let both say so much once the call is answered, the caller ``from a``, the callee ``from b``, and listen."""
    answer, offer = wire.await_received(calling, b"m=audio"), wire.await_received(waiting, b"m=audio")
    towards = [(wire.switch.host, int(found[1])) for found in (_PORT.search(answer), _PORT.search(offer)) if found]
    for number in range(packets):
        for voice, place, words in zip(voices, towards, (b"from a", b"from b"), strict=True):
            voice.say(number, words, place)
        time.sleep(EACH_SECONDS)
        for voice in voices:
            voice.listen()
