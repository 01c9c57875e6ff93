"""Who called whom, sealed to a key that is not here: the bytes.

What is sealed, 74 octets for either part, so that its length says nothing:

    octet   part 1: a call goes out                  part 2: it has ended
    0       version 0x01                             version 0x01
    1       part 0x01                                part 0x02
    2-9     when, u64 milliseconds since the epoch   when it was answered, 0 for never
    10      kind: 0x01 voice, 0x02 text              ┐ 10-17 when it ended
    11-31   caller: u8 length | digits | zeros       │ 18    cause of ITU-T Q.850, 0 for none
    32-52   callee, alike                            ┘ 19-73 zeros
    53-73   number dialled, alike

How it is stored:

    octet 0     version 0x01
    octets 1-2  month, u16: 12 · year + month - 1
    octets 3-   HPKE (RFC 9180, section 6.1, single shot, mode base): encapsulated key (32) | ciphertext | tag (16)
                DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM
    info        "moat relay legal/v1" | tenant u64 | month u16 | leg (16) | part u8

so that nothing opens in another place than its own. Whoever holds the public key can seal, and only the private key opens: mode
base says nothing of who sealed. All integers are big-endian.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from struct import Struct, error
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from masking.relay.calls.errors import LegalError

VERSION = 1
BEGIN, END = 1, 2
TEXT_AT_MOST = 20
KINDS = {"voice": 1, "text": 2}

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_LABEL = b"moat relay legal/v1"
_INFO = Struct(">QH16sB")
_BEGIN = Struct(">BBQB21s21s21s")
_END = Struct(">BBQQB55s")
_STORED = Struct(">BH")
_DIGITS = re.compile(r"\+?[0-9]{0,19}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed part belongs."""

    tenant: int
    month: int
    leg: bytes
    part: int

    @property
    def info(self) -> bytes:
        """What binds it there."""
        return _LABEL + _INFO.pack(self.tenant, self.month, self.leg, self.part)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBegun:
    """Part 1: both numbers in E.164 (the caller's is empty where there was none), and the one that was dialled."""

    part: ClassVar[int] = BEGIN
    at: int
    kind: str
    caller: str = field(repr=False)
    callee: str = field(repr=False)
    dialled: str

    def octets(self) -> bytes:
        """What is sealed. Raises ValueError for what is no number."""
        return _BEGIN.pack(
            VERSION, BEGIN, self.at, KINDS[self.kind], _text(self.caller), _text(self.callee), _text(self.dialled)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded:
    """Part 2: when it was answered and when it ended."""

    part: ClassVar[int] = END
    answered_at: int | None
    ended_at: int
    cause: int | None

    def octets(self) -> bytes:
        """What is sealed."""
        return _END.pack(VERSION, END, self.answered_at or 0, self.ended_at, self.cause or 0, b"")


def month_of(at: int) -> int:
    """The month of a moment (milliseconds since the epoch), in UTC."""
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return 12 * moment.year + moment.month - 1


def month_name(month: int) -> str:
    """A month as people write it, such as 2026-11."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def read_month(text: str) -> int:
    """The month of such a name. Raises LegalError."""
    found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text)
    if found is None or found[1] < "2000":
        raise LegalError("a month is written as 2026-11")
    return 12 * int(found[1]) + int(found[2]) - 1


def seal(public: bytes, place: Place, record: CallBegun | CallEnded) -> bytes:
    """A part as it is stored."""
    key = X25519PublicKey.from_public_bytes(public)
    return _STORED.pack(VERSION, place.month) + _SUITE.encrypt(record.octets(), key, place.info)


def unseal(private: X25519PrivateKey, place: Place, stored: bytes) -> CallBegun | CallEnded:
    """What was sealed in this place.

    Raises:
        LegalError: it was not, or not to this key, or it is damaged.
    """
    try:
        version, month = _STORED.unpack_from(stored)
        if (version, month) != (VERSION, place.month):
            raise LegalError("what is sealed does not open")
        octets = _SUITE.decrypt(stored[_STORED.size :], private, place.info)
        return _read(octets, place.part)
    except (InvalidTag, ValueError, error):
        raise LegalError("what is sealed does not open") from None


def _read(octets: bytes, part: int) -> CallBegun | CallEnded:
    if octets[:2] != bytes((VERSION, part)):
        raise ValueError
    if part == BEGIN:
        _, _, at, kind, caller, callee, dialled = _BEGIN.unpack(octets)
        name = next(name for name, number in KINDS.items() if number == kind)
        return CallBegun(at=at, kind=name, caller=_words(caller), callee=_words(callee), dialled=_words(dialled))
    _, _, answered_at, ended_at, cause, _ = _END.unpack(octets)
    return CallEnded(answered_at=answered_at or None, ended_at=ended_at, cause=cause or None)


def _text(value: str) -> bytes:
    if not _DIGITS.fullmatch(value):
        raise ValueError("not a number")
    octets = value.encode("ascii")
    return bytes((len(octets),)) + octets


def _words(octets: bytes) -> str:
    return octets[1 : 1 + octets[0]].decode("ascii")
