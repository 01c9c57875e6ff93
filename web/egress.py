"""The only way out: calls to hosts that the operator named, at addresses that are what they seem.

Steps of the argument that a request cannot make this service reach where it should not:
 1. The origin (scheme, host, port) is one that the operator named; nothing from a request adds to them.
 2. The scheme is https, except for origins declared internal.
 3. The host is resolved once. All its addresses must be public, except for origins declared internal.
 4. The connection goes to an address of that answer and not to the name, so that a second answer of the resolver cannot
    redirect it. The name stays in the Host header, in SNI and in the check of the certificate.
 5. Redirects are not followed, and no proxy is taken from the environment.
 6. Time and size are bounded as a whole, however slowly the bytes come. Compressed answers are refused: they hide their size.
"""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from queue import Empty, SimpleQueue
from urllib.parse import SplitResult, urlsplit

import httpx

from web.errors import EgressFailedError, EgressRefusedError

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Iterable[str]]
"""Addresses of a host name, as texts."""

ANSWER_BYTES = 1024 * 1024
TIMEOUT_SECONDS = 10.0

_PORTS = {"https": 443, "http": 80}
_NAT64 = 0x0064FF9B << 96
_LOW_32 = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What a called host answered. `headers` have small letters as names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Origin:
    scheme: str
    host: str
    port: int


class Egress:
    """Calls to the outside. `allowed` and `internal` are origins such as https://hooks.example.com:8443.

    Raises:
        ValueError: an entry is not an origin, or one outside `internal` is not https.
    """

    def __init__(
        self,
        *,
        allowed: Iterable[str],
        internal: Iterable[str] = (),
        resolve: Resolver | None = None,
        trust: ssl.SSLContext | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        answer_bytes: int = ANSWER_BYTES,
    ) -> None:
        self._internal = frozenset(_origin(text) for text in internal)
        self._allowed = frozenset(_origin(text) for text in allowed)
        if any(origin.scheme != "https" for origin in self._allowed):
            raise ValueError("an origin outside the internal ones is https")
        self._resolve = _system_addresses if resolve is None else resolve
        self._trust = _public_trust() if trust is None else trust
        self._timeout = timeout_seconds
        self._answer_bytes = answer_bytes

    def allows(self, url: str) -> bool:
        """Whether the operator allows calls to the origin of `url`. Where its host leads is judged at every call."""
        try:
            return _split(url)[1] in self._allowed | self._internal
        except EgressRefusedError:
            return False

    def call(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
        """Make one call and give its answer, whatever its status.

        Raises:
            EgressRefusedError: the operator does not allow it, or the host's address is not a public one.
            EgressFailedError: it was allowed and did not succeed within its bounds.
        """
        parts, origin = _split(url)
        if origin not in self._allowed | self._internal:
            raise EgressRefusedError
        address = self._pin(origin)
        try:
            return asyncio.run(self._send(method, parts, origin, address, headers=dict(headers or {}), body=body))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError):
            raise EgressFailedError from None

    def _pin(self, origin: _Origin) -> Address:
        found = [
            ip_address(text) for text in _within(self._timeout, lambda: list(self._resolve(origin.host, origin.port)))
        ]
        if not found:
            raise EgressFailedError
        if origin not in self._internal and not all(is_public(address) for address in found):
            raise EgressRefusedError
        return found[0]

    async def _send(
        self,
        method: str,
        parts: SplitResult,
        origin: _Origin,
        address: Address,
        *,
        headers: dict[str, str],
        body: bytes,
    ) -> Answer:
        host = f"[{address}]" if isinstance(address, IPv6Address) else str(address)
        target = f"{origin.scheme}://{host}:{origin.port}{parts.path or '/'}" + (
            f"?{parts.query}" if parts.query else ""
        )
        named = origin.host if origin.port == _PORTS[origin.scheme] else f"{origin.host}:{origin.port}"
        ours = {"host": named, "accept-encoding": "identity"}
        sent = {**{name.lower(): value for name, value in headers.items()}, **ours}
        async with (
            asyncio.timeout(self._timeout),
            httpx.AsyncClient(
                verify=self._trust, trust_env=False, follow_redirects=False, timeout=self._timeout
            ) as client,
            client.stream(
                method, target, headers=sent, content=body, extensions={"sni_hostname": origin.host}
            ) as answer,
        ):
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise EgressFailedError
            received = bytearray()
            async for piece in answer.aiter_raw():
                received += piece
                if len(received) > self._answer_bytes:
                    raise EgressFailedError
            return Answer(answer.status_code, dict(answer.headers), bytes(received))


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet.

    Loopback, private, link-local (where cloud metadata lives), multicast, reserved and unspecified addresses are not, nor is an
    IPv6 address that carries an IPv4 one (mapped, 6to4, Teredo, NAT64): where it leads depends on a translator.
    """
    if isinstance(address, IPv6Address):
        translated = address.ipv4_mapped or address.sixtofour or address.teredo or (int(address) & ~_LOW_32) == _NAT64
        if translated:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _origin(text: str) -> _Origin:
    try:
        parts, origin = _split(text)
    except EgressRefusedError:
        raise ValueError("an origin is a scheme, a host and perhaps a port") from None
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("an origin is a scheme, a host and perhaps a port")
    return origin


def _split(url: str) -> tuple[SplitResult, _Origin]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise EgressRefusedError from None
    if parts.scheme not in _PORTS or not host or parts.username is not None or parts.password is not None:
        raise EgressRefusedError
    return parts, _Origin(parts.scheme, host, port or _PORTS[parts.scheme])


@cache
def _public_trust() -> ssl.SSLContext:
    """The authorities that this machine trusts, for all callers of a process: reading them takes longer than a call."""
    return ssl.create_default_context()


def _system_addresses(host: str, port: int) -> list[str]:
    """What the system's resolver says."""
    return [str(entry[4][0]).partition("%")[0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _within(seconds: float, work: Callable[[], list[str]]) -> list[str]:
    """`work`, for which the system's resolver has no bound of its own, in a thread that is left behind if it takes too long."""
    answers: SimpleQueue[list[str]] = SimpleQueue()

    def run() -> None:
        try:
            answers.put(work())
        except (OSError, UnicodeError):
            answers.put([])

    threading.Thread(target=run, name="resolver", daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        raise EgressFailedError from None
