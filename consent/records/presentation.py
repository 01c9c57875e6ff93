"""Presentations: signed proof of what a person was shown before they decided.

A presentation token is base64url without padding of

    u8   version, 1
    u64  tenant
    16   nonce, random
    u64  shown at, milliseconds since the epoch of time
    u64  expires at, likewise
    32   subject: SHA-256 of "moat/presentation/subject/v1" 0x00 | u64 tenant | nonce | the platform's id, ASCII
    u8   length | locale, ASCII
    u8   length | channel, ASCII
    u8   count of notices, and for each
             u8   length | purpose, ASCII
             u32  version of the notice
             32   SHA-256 of the wording's UTF-8 octets
             u8   how its switch stood: 0 off, 1 on
    64   Ed25519 signature (RFC 8032) of "moat presentation v1" 0x0A and everything before it

All numbers are big-endian. The subject is bound and cannot be read out; whoever shows the notice knows whom to. Nothing is
stored for a presentation: what was shown comes back with the consent, and goes into the event.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from struct import Struct

VERSION = 1
LIFETIME_MS = 3_600_000
NOTICES_AT_MOST = 32
TOKEN_AT_MOST = 6_000
"""Characters of the longest token: 32 notices of the longest names."""

_DOMAIN = b"moat presentation v1\n"
_SUBJECT = b"moat/presentation/subject/v1\x00"
_HEAD = Struct(">BQ16sQQ32s")
_NOTICE = Struct(">I32sB")
_SIGNATURE_BYTES = 64

Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], bool]


class NotAPresentationError(ValueError):
    """A text that is no presentation, or none that was signed here."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One notice as it was shown. `ticked` is whether its switch stood on before the person touched it."""

    purpose: str
    version: int
    wording: bytes
    ticked: bool


@dataclass(frozen=True, slots=True)
class Presentation:
    """What one person was shown at one time. Times are in milliseconds since the epoch."""

    tenant: int
    nonce: bytes
    shown_at: int
    expires_at: int
    subject: bytes
    locale: str
    channel: str
    notices: tuple[Shown, ...]

    def is_for(self, platform_id: str) -> bool:
        """Whether it was shown to this person of the platform."""
        return self.subject == bound_subject(self.tenant, self.nonce, platform_id)

    def of(self, purpose: str) -> Shown | None:
        """The notice of a purpose, if it was among those shown."""
        return next((shown for shown in self.notices if shown.purpose == purpose), None)


def bound_subject(tenant: int, nonce: bytes, platform_id: str) -> bytes:
    """The digest by which a presentation is bound to a person."""
    return sha256(_SUBJECT + tenant.to_bytes(8, "big") + nonce + platform_id.encode("ascii")).digest()


def digest_of(token: str) -> bytes:
    """What an event keeps of a token: its SHA-256."""
    return sha256(token.encode("ascii", "replace")).digest()


def encode(presentation: Presentation, sign: Sign) -> str:
    """The token of a presentation."""
    body = _body(presentation)
    return urlsafe_b64encode(body + sign(_DOMAIN + body)).rstrip(b"=").decode("ascii")


def decode(token: str, verify: Verify) -> Presentation:
    """The presentation of a token that was signed here, of whatever tenant, expired or not.

    Raises:
        NotAPresentationError: it was not, or is in any way another text than the one that was given out.
    """
    try:
        octets = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except ValueError:
        raise NotAPresentationError from None
    body, signature = octets[:-_SIGNATURE_BYTES], octets[-_SIGNATURE_BYTES:]
    if urlsafe_b64encode(octets).rstrip(b"=").decode("ascii") != token or not verify(_DOMAIN + body, signature):
        raise NotAPresentationError
    return _read(body)


def _body(presentation: Presentation) -> bytes:
    head = _HEAD.pack(
        VERSION,
        presentation.tenant,
        presentation.nonce,
        presentation.shown_at,
        presentation.expires_at,
        presentation.subject,
    )
    notices = [
        _short(shown.purpose) + _NOTICE.pack(shown.version, shown.wording, shown.ticked)
        for shown in presentation.notices
    ]
    return b"".join([head, _short(presentation.locale), _short(presentation.channel), bytes([len(notices)]), *notices])


def _short(text: str) -> bytes:
    encoded = text.encode("ascii")
    return bytes([len(encoded)]) + encoded


def _read(body: bytes) -> Presentation:
    """The parts of a body whose signature was right, so that its form is too, unless another version of Moat wrote it."""
    if not body or body[0] != VERSION:
        raise NotAPresentationError
    _, tenant, nonce, shown_at, expires_at, subject = _HEAD.unpack_from(body)
    locale, place = _read_short(body, _HEAD.size)
    channel, place = _read_short(body, place)
    notices: list[Shown] = []
    count, place = body[place], place + 1
    for _ in range(count):
        purpose, place = _read_short(body, place)
        version, wording, ticked = _NOTICE.unpack_from(body, place)
        place += _NOTICE.size
        notices.append(Shown(purpose, version, wording, bool(ticked)))
    return Presentation(tenant, nonce, shown_at, expires_at, subject, locale, channel, tuple(notices))


def _read_short(body: bytes, place: int) -> tuple[str, int]:
    end = place + 1 + body[place]
    return body[place + 1 : end].decode("ascii"), end


def purposes_of(notices: Sequence[Shown]) -> tuple[str, ...]:
    """The purposes that were shown together, in the order of the screen."""
    return tuple(shown.purpose for shown in notices)
