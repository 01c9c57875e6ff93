"""The redirect server on UDP.

1. source      only from networks that the operator named; others get no answer, as if nobody were here
2. read        what is no request is dropped: an answer to it could be reflected at anybody
3. repeated    a transaction that was answered gets the same answer for 32 s (timer H of RFC 3261: 64*T1), and one that is
               being looked up none
4. look up     the service is asked, by whoever is free, within two seconds; whatever goes wrong is 503
5. answer

It keeps no state of calls beyond the answers of 32 seconds, in memory, and writes nothing of a request to any log.
"""

import asyncio
import hmac
import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Final

import structlog

from masking.relay.decision import Collect, Refuse
from masking.relay.sip302.answer import (
    STATUS,
    Redirect,
    Source,
    described,
    port_to_answer,
    redirected,
    refused,
)
from masking.relay.sip302.request import MalformedSipError, SipCall, parse

Lookup = Callable[[str, str, str | None], Redirect | Collect | Refuse]
"""Asks the service by the number called, the caller and the extension. What it raises is a refusal."""

KEPT_SECONDS: Final = 32.0
ANSWERS_AT_MOST: Final = 4_096
WAITING_AT_MOST: Final = 256
LOOKERS: Final = 8
REPORT_SECONDS: Final = 60.0


class RedirectServer(asyncio.DatagramProtocol):
    """Answers datagrams. `host` is where the switch takes calls to whoever is called; else where it came from."""

    def __init__(
        self,
        lookup: Lookup,
        sources: Sequence[IPv4Network | IPv6Network],
        *,
        host: str | None,
        clock: Callable[[], float],
    ) -> None:
        self._lookup = lookup
        self._sources = tuple(sources)
        self._host = host
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._pool = ThreadPoolExecutor(LOOKERS, thread_name_prefix="redirect")
        self._answers: OrderedDict[tuple[object, ...], tuple[float, bytes | None]] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: Any = None
        self.counts: Counter[str] = Counter()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Answer one datagram. Nothing that is in it can end the server."""
        try:
            source = Source(ip_address(addr[0].partition("%")[0]), addr[1])
            self._take(data, source)
        except Exception as error:
            self.counts["failed"] += 1
            structlog.get_logger().error("sip_redirect_failed", kind=type(error).__name__)

    def error_received(self, exc: Exception) -> None:  # noqa: ARG002 - asyncio's signature
        """An answer that could not be delivered: the sender asks again."""
        self.counts["undelivered"] += 1

    def close(self) -> None:
        """Answer nobody any more."""
        if self._transport is not None:
            self._transport.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _take(self, data: bytes, source: Source) -> None:
        """Steps 1 to 3."""
        if not any(source.address in network for network in self._sources):
            self.counts["foreign"] += 1
            return
        try:
            call = parse(data)
        except MalformedSipError:
            self.counts["malformed"] += 1
            return
        if call.method == "ACK":
            return
        key = (source.address, call.branch, call.call_id, call.method)
        self._forget()
        if key in self._answers:
            answer = self._answers[key][1]
            if answer is not None:
                self._send(answer, call, source)
            return
        if call.method == "INVITE" and call.to_tag is None:
            self._begin(key, call, source)
        else:
            self._send(self._by_method(call, source), call, source)

    def _by_method(self, call: SipCall, source: Source) -> bytes:
        """What needs no looking up."""
        tag = self._tag(call)
        if call.method == "OPTIONS":
            return described(call, source, tag)
        if call.method == "CANCEL":
            invite = (source.address, call.branch, call.call_id, "INVITE")
            return described(call, source, tag) if invite in self._answers else refused(call, source, tag, 481)
        known = {"INVITE", "BYE", "INFO", "UPDATE", "PRACK"}
        return refused(call, source, tag, 481 if call.method in known else 405)

    def _begin(self, key: tuple[object, ...], call: SipCall, source: Source) -> None:
        if len(self._tasks) >= WAITING_AT_MOST:
            self._send(refused(call, source, self._tag(call), 503), call, source)
            return
        self._keep(key, None)
        task = asyncio.get_running_loop().create_task(self._answer(key, call, source))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, key: tuple[object, ...], call: SipCall, source: Source) -> None:
        """Steps 4 and 5."""
        tag = self._tag(call)
        found: Redirect | Collect | Refuse | None = None
        try:
            looking = asyncio.get_running_loop().run_in_executor(
                self._pool, self._lookup, call.called, call.caller, call.digits
            )
            found = await looking
        except Exception as error:
            structlog.get_logger().error("sip_redirect_failed", kind=type(error).__name__)
        if isinstance(found, Redirect):
            answer = redirected(call, source, tag, found, self._host or f"{source.host}:{source.port}")
        else:
            answer = refused(call, source, tag, _status(found))
        self._keep(key, answer)
        self._send(answer, call, source)

    def _send(self, answer: bytes, call: SipCall, source: Source) -> None:
        self.counts[answer[8:11].decode()] += 1
        self._transport.sendto(answer, (str(source.address), port_to_answer(call, source)))

    def _tag(self, call: SipCall) -> str:
        """The same for a repeated request (RFC 3261, section 8.2.7)."""
        return hmac.digest(self._key, f"{call.branch} {call.call_id}".encode(), "sha256").hex()[:16]

    def _keep(self, key: tuple[object, ...], answer: bytes | None) -> None:
        self._answers[key] = (self._clock() + KEPT_SECONDS, answer)
        self._answers.move_to_end(key)
        while len(self._answers) > ANSWERS_AT_MOST:
            self._answers.popitem(last=False)

    def _forget(self) -> None:
        now = self._clock()
        while self._answers and next(iter(self._answers.values()))[0] <= now:
            self._answers.popitem(last=False)


def _status(found: Collect | Refuse | None) -> int:
    if isinstance(found, Refuse):
        return STATUS[found.reason]
    return 503 if found is None else 484
