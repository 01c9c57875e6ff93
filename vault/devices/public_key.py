"""Public keys of devices: points of Curve25519 (RFC 7748 section 5) as 32 octets, little-endian.

Refused are octets that do not name their point in the one canonical way, and the points of low order, with which every secret
would be shared with everybody (RFC 7748 section 6.1).
"""

from nacl.bindings import crypto_scalarmult
from nacl.exceptions import CryptoError

from vault.base64url import octets_of

KEY_BYTES = 32
TEXT_CHARACTERS = 43
"""Length of a key as base64url without padding."""

_FIELD = 2**255 - 19
_PROBE = b"\x01" + bytes(KEY_BYTES - 1)


class WeakKeyError(ValueError):
    """No public key that anything may be sealed for."""


class PublicKey:
    """A point that has been checked. `octets` are public and may be shown."""

    __slots__ = ("octets",)

    def __init__(self, octets: bytes) -> None:
        """Take the octets of a point.

        Raises:
            WeakKeyError: they are none, not canonical, or a point of low order.
        """
        if len(octets) != KEY_BYTES or int.from_bytes(octets, "little") >= _FIELD:
            raise WeakKeyError
        try:
            # libsodium clears the cofactor and refuses the neutral point, to which exactly the points of low order come.
            crypto_scalarmult(_PROBE, octets)
        except (CryptoError, RuntimeError):
            raise WeakKeyError from None
        self.octets = octets

    @classmethod
    def of(cls, text: str) -> "PublicKey":
        """Read base64url without padding.

        Raises:
            WeakKeyError: the text is no such key, or has another spelling.
        """
        try:
            octets = octets_of(text)
        except ValueError:
            raise WeakKeyError from None
        return cls(octets)
