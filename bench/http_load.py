"""A client that costs next to nothing, so that what is measured is the server: sockets kept open, driven by one thread."""

import selectors
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

BODY = Callable[[], bytes]
_RECEIVED_AT_ONCE = 1 << 18


class UnexpectedAnswerError(Exception):
    """The server answered something else than 200 without an error in it; carries its first octets."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of calls took: each call in seconds, and all of them together."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Calls a second."""
        return len(self.latencies) / self.seconds


@dataclass(frozen=True, slots=True)
class Target:
    """A POST operation of a server on this host."""

    port: int
    path: str
    token: str = ""

    def request(self, body: bytes) -> bytes:
        """The octets of one call."""
        allowed = f"Authorization: Bearer {self.token}\r\n" if self.token else ""
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"{allowed}Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


class Connection:
    """One connection, used for one call at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self._received = bytearray()

    def send(self, request: bytes) -> None:
        self._received.clear()
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bytes | None:
        """Take what has arrived; the answer's body once it is whole.

        Raises:
            UnexpectedAnswerError: the call or an item of it failed.
        """
        piece = self.socket.recv(_RECEIVED_AT_ONCE)
        self._received += piece
        end = self._received.find(b"\r\n\r\n")
        if end < 0 and piece:
            return None
        head = bytes(self._received[:end]).lower()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        if not piece or not length or not head.startswith((b"http/1.1 200", b"http/1.1 201")):
            raise UnexpectedAnswerError(bytes(self._received[:400]))
        if len(self._received) < end + 4 + int(length):
            return None
        body = bytes(self._received[end + 4 :])
        if b'"error":' in body:
            raise UnexpectedAnswerError(body[:400])
        return body

    def call(self, request: bytes) -> bytes:
        """One whole call."""
        self.send(request)
        while (answer := self.receive()) is None:
            pass
        return answer

    def close(self) -> None:
        self.socket.close()


class Connections:
    """Several connections to one operation, all of them always busy while `run` runs."""

    def __init__(self, target: Target, count: int) -> None:
        self._target = target
        self._open = [Connection(target.port) for _ in range(count)]

    def __enter__(self) -> "Connections":
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._open:
            connection.close()

    def run(self, bodies: Iterator[bytes], seconds: float) -> Load:
        """Call with one body after another for so many seconds; what is under way then is waited for."""
        load: list[float] = []
        started = time.perf_counter()
        until = started + seconds
        with selectors.DefaultSelector() as selector:
            for connection in self._open:
                selector.register(connection.socket, selectors.EVENT_READ, connection)
                connection.send(self._target.request(next(bodies)))
            busy = len(self._open)
            while busy:
                for key, _ in selector.select():
                    connection = key.data
                    if connection.receive() is None:
                        continue
                    now = time.perf_counter()
                    load.append(now - connection.sent_at)
                    if now < until:
                        connection.send(self._target.request(next(bodies)))
                    else:
                        busy -= 1
        return Load(load, time.perf_counter() - started)
