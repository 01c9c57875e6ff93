"""The private key of a month, in two halves that two persons keep: neither says anything of it alone.

    one half = 32 random octets, the other = the X25519 private key XOR the first

What is sealed to a keeper's age recipient (age-encryption.org/v1), 76 octets:

    octet 0        version 0x01
    octet 1        which half: 0x01 or 0x02
    octets 2-3     month, u16 big-endian: 12 · year + month - 1
    octets 4-11    zeros
    octets 12-43   the half
    octets 44-75   the public key

The key is whole in the memory of the process that makes it and of the one that opens with it, and nowhere else.
"""

import secrets
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from struct import Struct, error

import pyrage
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from masking.relay.calls.errors import LegalError

VERSION = 1
_HALF = Struct(">BBH8s32s32s")


class Which(IntEnum):
    """One of the two halves."""

    FIRST = 1
    SECOND = 2


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key: its public part, and its private one as two sealed files."""

    month: int
    public: bytes
    first: bytes = field(repr=False)
    second: bytes = field(repr=False)


def digest_of(sealed_half: bytes) -> bytes:
    """By which a file with a half is known again: SHA-256."""
    return sha256(sealed_half).digest()


def make_key(month: int, first_keeper: str, second_keeper: str) -> MadeKey:
    """A key of a month, its halves sealed to the age recipients of two persons.

    Raises:
        LegalError: a recipient is none, or both are one.
    """
    if first_keeper == second_keeper:
        raise LegalError("the halves go to two different persons")
    private = X25519PrivateKey.generate()
    whole, public = private.private_bytes_raw(), private.public_key().public_bytes_raw()
    mask = secrets.token_bytes(32)
    halves = (mask, _xor(whole, mask))
    sealed = [
        _to(keeper, _HALF.pack(VERSION, which, month, b"", half, public))
        for which, keeper, half in zip(Which, (first_keeper, second_keeper), halves, strict=True)
    ]
    return MadeKey(month, public, *sealed)


def join_halves(month: int, sealed: tuple[bytes, bytes], identities: tuple[str, str]) -> X25519PrivateKey:
    """The key of a month from both files, each with the identity of its keeper, in either order.

    Raises:
        LegalError: one does not open, they are not the two halves of one key, or it is that of another month.
    """
    read = [_read(one, identity) for one, identity in zip(sealed, identities, strict=True)]
    (one, first_month, left, public), (other, second_month, right, public_too) = read
    if {one, other} != set(Which) or public != public_too or {first_month, second_month} != {month}:
        raise LegalError("these are not the two halves of the key of that month")
    private = X25519PrivateKey.from_private_bytes(_xor(left, right))
    if private.public_key().public_bytes_raw() != public:
        raise LegalError("these are not the two halves of the key of that month")
    return private


def _read(sealed: bytes, identity: str) -> tuple[int, int, bytes, bytes]:
    try:
        octets = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(identity)])
        version, which, month, _, half, public = _HALF.unpack(octets)
    except (pyrage.DecryptError, pyrage.IdentityError, error):
        raise LegalError("a half does not open with the identity given for it") from None
    if version != VERSION:
        raise LegalError("a half is of a version that is not known here")
    return which, month, half, public


def _to(keeper: str, octets: bytes) -> bytes:
    try:
        sealed: bytes = pyrage.encrypt(octets, [pyrage.x25519.Recipient.from_str(keeper)])
    except pyrage.RecipientError:
        raise LegalError("a keeper is named by an age recipient, age1…") from None
    return sealed


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(left, right, strict=True))
