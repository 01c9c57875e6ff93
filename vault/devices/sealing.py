"""Values sealed for a device, format 1: libsodium's sealed box (crypto_box_seal, X25519 and XSalsa20-Poly1305) of

    header | value, UTF-8 | 0x80 | zero octets up to a multiple of 64 (ISO/IEC 7816-4, as sodium_pad)

where the header is, big-endian,

    u8 0x01 | u64 tenant | u64 time, milliseconds since the epoch | u8 view: 0 masked, 1 plain, 2 building
    | u8 length, kind, ASCII | u8 length, ref, ASCII | 16 octets: BLAKE2b-128 of the device's key

So a device that has opened a box knows for which tenant, order, kind, view and time it was made, and refuses what it did not
ask for. Beside the box stands the *context*, BLAKE2b-256 of the header in base64url: it says nothing of the value, and whoever
carries several boxes can tell by it, and the device again, that none was mixed up with another.

Guarantee: nobody but the holder of the device's secret key reads the value, whoever stores the box; its length is hidden up to
64 octets. Not guaranteed: who sealed it. Anybody who knows the device's public key can seal for it.
"""

import hashlib
from struct import Struct

from nacl.bindings import crypto_box_seal

from vault.base64url import text_of
from vault.devices.public_key import PublicKey
from vault.item import SealedValue, Sealing
from vault.wiping import wipe

VERSION = 0x01
BLOCK = 64
KEY_ID_BYTES = 16

_FIXED = Struct(">BQQB").pack
_VIEWS = {"masked": 0, "plain": 1, "building": 2}


def key_id(key: PublicKey) -> bytes:
    """What names a device's key."""
    return hashlib.blake2b(key.octets, digest_size=KEY_ID_BYTES).digest()


def sealing_for(key: PublicKey, *, tenant: int, at: int) -> Sealing:
    """Seals values for a device, in one answer at `at`, milliseconds since the epoch."""
    named = key_id(key)

    def seal(kind: str, ref: str, view: str, value: bytes) -> SealedValue:
        header = _FIXED(VERSION, tenant, at, _VIEWS[view]) + _counted(kind) + _counted(ref) + named
        padded = b"".join((header, value, b"\x80", bytes(-(len(header) + len(value) + 1) % BLOCK)))
        box = crypto_box_seal(padded, key.octets)
        wipe(padded)
        return SealedValue(text_of(box), text_of(hashlib.blake2b(header, digest_size=32).digest()))

    return seal


def _counted(text: str) -> bytes:
    octets = text.encode("ascii")
    return bytes((len(octets),)) + octets
