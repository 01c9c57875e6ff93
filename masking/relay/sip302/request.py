"""SIP requests as they come in datagrams (RFC 3261), read strictly: what is not clearly a request is none.

Grammar is sipmessage's. On top of it: no control characters, headers that must be there once are there once, and the method of
CSeq is that of the request (RFC 3261, sections 7.3.1, 8.1.1 and 20). Nothing of a request has a repr, for it names people.
"""

import re
from dataclasses import dataclass
from typing import Final

from sipmessage import URI, Address, CSeq, Message, Parameters, Via
from sipmessage import Request as SipRequest

LONGEST: Final = 8_192
"""Octets of a datagram; a call fits into a third of that."""
VIAS_AT_MOST: Final = 70

_FOLDED: Final = re.compile(rb"\r\n[ \t]+")
_BEFORE_COLON: Final = re.compile(rb"(?m)^([A-Za-z0-9.!%*_+`'~-]+)[ \t]+:")
_CONTROLS: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_TOKEN: Final = re.compile(r"[A-Za-z0-9.!%*_+`'~-]{1,64}")
_ONCE: Final = ("From", "To", "Call-ID", "CSeq")
_NUMBER: Final = re.compile(r"(\+?[0-9]{3,20})(?:\*([0-9]{1,8})|;ext=([0-9]{1,8}))?")
_VISUAL: Final = re.compile(r"[-.()]")


class MalformedSipError(ValueError):
    """A datagram that is no SIP request."""


@dataclass(frozen=True, slots=True, repr=False)
class SipCall:
    """One request. `called` and `caller` are empty where they are no numbers; `digits` is an extension that was dialled behind
    the number, by `*` or `;ext=`."""

    method: str
    vias: tuple[Via, ...]
    from_: str
    to: str
    to_tag: str | None
    call_id: str
    cseq: str
    called: str
    digits: str | None
    caller: str

    @property
    def branch(self) -> str:
        """What names the transaction (section 17.2.3)."""
        return self.vias[0].parameters.get("branch") or ""


def parse(datagram: bytes) -> SipCall:
    """The request of a datagram.

    Raises:
        MalformedSipError: there is none that can be answered.
    """
    if len(datagram) > LONGEST:
        raise MalformedSipError
    head, middle, body = datagram.lstrip(b"\r\n").partition(b"\r\n\r\n")
    head = _BEFORE_COLON.sub(rb"\1:", _FOLDED.sub(b" ", head))
    try:
        message = Message.parse(head + middle + body)
        if not isinstance(message, SipRequest):
            raise MalformedSipError
        return _read(message, head.decode().split("\r\n"), len(body))
    except (ValueError, KeyError, RecursionError):
        raise MalformedSipError from None


def _read(message: SipRequest, lines: list[str], body_octets: int) -> SipCall:
    if any(_CONTROLS.search(line) for line in lines) or not _TOKEN.fullmatch(message.method):
        raise MalformedSipError
    if any(len(message.headers.getlist(name)) != 1 for name in _ONCE):
        raise MalformedSipError
    vias, cseq = tuple(message.via), CSeq.parse(message.headers["CSeq"])
    if not 0 < len(vias) <= VIAS_AT_MOST or cseq.method != message.method or cseq.sequence >= 2**31:
        raise MalformedSipError
    declared = message.content_length
    if declared is not None and not 0 <= declared <= body_octets:
        raise MalformedSipError
    to = message.to_address
    called, digits = _dialled(message.uri)
    return SipCall(
        method=message.method,
        vias=vias,
        from_=message.headers["From"],
        to=message.headers["To"],
        to_tag=to.parameters.get("tag"),
        call_id=message.headers["Call-ID"],
        cseq=str(cseq),
        called=called,
        digits=digits,
        caller=_caller(message),
    )


def _dialled(uri: URI) -> tuple[str, str | None]:
    user = _VISUAL.sub("", uri.user or "")
    match = _NUMBER.fullmatch(user)
    if match is None:
        return "", None
    inside = match[2] or match[3]
    return match[1], inside or _extension(uri.parameters)


def _extension(parameters: Parameters) -> str | None:
    found = parameters.get("ext")
    return found if found and found.isascii() and found.isdecimal() and len(found) <= 8 else None


def _caller(message: SipRequest) -> str:
    """Who calls: what the network asserts (RFC 3325) before what the phone says of itself."""
    asserted = [one for value in message.headers.getlist("P-Asserted-Identity") for one in _addresses(value)]
    for address in (*asserted, message.from_address):
        match = _NUMBER.fullmatch(_VISUAL.sub("", address.uri.user or ""))
        if match is not None and match[2] is None and match[3] is None:
            return match[1]
    return ""


def _addresses(value: str) -> list[Address]:
    try:
        return Address.parse_many(value)
    except ValueError:
        return []
