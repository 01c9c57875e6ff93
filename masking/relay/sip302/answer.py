"""Answers of the redirect server. A number of somebody stands in `Contact` of a 302 and nowhere else.

302  Contact: whom to call · X-Relay-CLI: the number to show · X-Relay-Ref: the name of the call · X-Relay-Limit: seconds
others by why nobody is connected, without a word of the other side
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from sipmessage import Via

from masking.relay.decision import RefusalReason
from masking.relay.sip302.request import SipCall

ALLOW: Final = "INVITE, ACK, CANCEL, OPTIONS"
DEFAULT_PORT: Final = 5060

PHRASES: Final = {
    200: "OK",
    302: "Moved Temporarily",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    410: "Gone",
    433: "Anonymity Disallowed",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    484: "Address Incomplete",
    503: "Service Unavailable",
    603: "Decline",
}

STATUS: Final = {
    RefusalReason.NO_BINDING: 404,
    RefusalReason.ENDED: 410,
    RefusalReason.DIRECTION: 403,
    RefusalReason.BLOCKED: 603,
    RefusalReason.RATE: 480,
    RefusalReason.ANONYMOUS: 433,
    RefusalReason.EXTENSION: 484,
    RefusalReason.SUSPENDED: 480,
    RefusalReason.NO_TEXTS: 403,
    RefusalReason.NOBODY_TO_REACH: 480,
    RefusalReason.FROZEN: 480,
    RefusalReason.EMERGENCY: 403,
    RefusalReason.INVALID: 404,
    RefusalReason.UNAVAILABLE: 503,
}
"""433 is of RFC 5079, the others of RFC 3261 (section 21)."""


@dataclass(frozen=True, slots=True, repr=False)
class Redirect:
    """Where a call goes, as the service answered it."""

    to: str
    present: str
    leg: str
    max_seconds: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where a datagram came from."""

    address: IPv4Address | IPv6Address
    port: int

    @property
    def host(self) -> str:
        """As it stands in a URI."""
        return f"[{self.address}]" if isinstance(self.address, IPv6Address) else str(self.address)


def redirected(call: SipCall, source: Source, tag: str, to: Redirect, host: str) -> bytes:
    """302 to somebody, at the switch `host`."""
    lines = [
        f"Contact: <sip:{to.to}@{host}>;expires=0",
        f"X-Relay-CLI: {to.present}",
        f"X-Relay-Ref: {to.leg}",
        f"X-Relay-Limit: {to.max_seconds}",
    ]
    return _written(302, call, source, tag, lines)


def refused(call: SipCall, source: Source, tag: str, status: int) -> bytes:
    """An answer that connects nobody."""
    lines = {405: [f"Allow: {ALLOW}"], 503: ["Retry-After: 2"]}.get(status, [])
    return _written(status, call, source, tag, lines)


def described(call: SipCall, source: Source, tag: str) -> bytes:
    """200 to OPTIONS, or to a CANCEL."""
    return _written(200, call, source, tag, [f"Allow: {ALLOW}"])


def _written(status: int, call: SipCall, source: Source, tag: str, more: list[str]) -> bytes:
    to = call.to if call.to_tag is not None else f"{call.to};tag={tag}"
    first, *others = call.vias
    lines = [
        f"SIP/2.0 {status} {PHRASES[status]}",
        *(f"Via: {via}" for via in (_received(first, source), *others)),
        f"From: {call.from_}",
        f"To: {to}",
        f"Call-ID: {call.call_id}",
        f"CSeq: {call.cseq}",
        *more,
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _received(via: Via, source: Source) -> Via:
    """The topmost Via with where the request came from (RFC 3261, section 18.2.1; RFC 3581, section 4)."""
    changes: dict[str, str | None] = {"received": str(source.address)}
    if "rport" in via.parameters:
        changes["rport"] = str(source.port)
    return Via(via.transport, via.host, via.port, via.parameters.replace(**changes))


def port_to_answer(call: SipCall, source: Source) -> int:
    """Where the answer goes at the address that the request came from."""
    via = call.vias[0]
    return source.port if "rport" in via.parameters else via.port or DEFAULT_PORT
