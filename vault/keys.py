"""Keys of the vault: 32 random octets each, in classes that cannot be shown, compared, hashed, copied or stored.

A type per use, so that mypy refuses a key of one use where another is due:

    DataKey           DEK, one per data subject: seals that subject's records
    KeyEncryptionKey  KEK, versioned, per tenant: wraps the other keys
    TokenKey          versioned, per tenant: seals row numbers inside tokens
    FormatKey         versioned, per tenant: FF1 over serial numbers
    MacKey            keyed fingerprints; SubjectSecret and SearchKey are MacKeys of one purpose

`expose()` is the one way out, for wrapping; searching for that word lists every place where a key leaves its class.

Not promised: erasure from memory. CPython may copy immutable bytes and never clears them; a dump of the process
holds its keys.

The input of a MacKey is drawn as

    u8 length of the label | label (ASCII) | message

so that the messages of two labels never meet, whatever they hold.
"""

import hmac
import secrets
from typing import NoReturn, Self, SupportsIndex, TypeAlias

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.errors import InvalidKeyError

KEY_BYTES = 32

Bound: TypeAlias = tuple[bytes, bytes]
"""(octets, context): a key, or a wrapped one, and what it is bound to."""

TOKEN_VERSIONS = 1 << 16


class OpaqueKey:
    """32 octets. Raises InvalidKeyError for anything else, without telling what it was given."""

    __slots__ = ("_octets",)

    def __init__(self, octets: bytes) -> None:
        if not isinstance(octets, bytes) or len(octets) != KEY_BYTES:
            raise InvalidKeyError
        self._octets = octets

    def expose(self) -> bytes:
        """The key itself, for wrapping it and for building a cipher that keeps it. Never for storing or printing."""
        return self._octets

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __eq__(self, other: object) -> NoReturn:
        """Refused: comparing keys leaks by time, and equality would let them into sets and asserts that print."""
        raise TypeError("keys are not compared")

    __hash__ = None  # type: ignore[assignment]  # a key is neither a member of a set nor the key of a mapping

    def __copy__(self) -> NoReturn:
        raise TypeError("keys are not copied")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise TypeError("keys are not copied")

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("keys are not serialized")

    def __getstate__(self) -> NoReturn:
        raise TypeError("keys are not serialized")


class DataKey(OpaqueKey):
    """DEK: seals the records of one data subject. `aead` is AES-256-GCM, built once."""

    __slots__ = ("aead",)

    def __init__(self, octets: bytes) -> None:
        super().__init__(octets)
        self.aead = AESGCM(octets)

    @classmethod
    def generate(cls) -> Self:
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def generate_many(cls, count: int) -> list[Self]:
        """Independent keys whose octets are drawn at once."""
        return [cls(octets) for octets in _draw(count)]


class KeyEncryptionKey(OpaqueKey):
    """KEK: wraps other keys. `id` is its number in the keyring; `aead` is AES-256-GCM, built once."""

    __slots__ = ("aead", "id")

    def __init__(self, octets: bytes, *, id: int) -> None:  # noqa: A002 - the keyring's own word for this number
        super().__init__(octets)
        self.aead = AESGCM(octets)
        self.id = id

    @classmethod
    def generate(cls, *, id: int) -> Self:  # noqa: A002 - as in the constructor
        return cls(secrets.token_bytes(KEY_BYTES), id=id)


class TokenKey(OpaqueKey):
    """Seals row numbers inside tokens. `version` is printed in every token and so fits in 16 bits."""

    __slots__ = ("cipher", "version")

    def __init__(self, octets: bytes, *, version: int) -> None:
        super().__init__(octets)
        if not 0 <= version < TOKEN_VERSIONS:
            raise InvalidKeyError
        # ECB is the bare block cipher here: each token is one block of its own, never part of a longer message.
        self.cipher = Cipher(algorithms.AES(octets), modes.ECB())  # noqa: S305 - see the line above
        self.version = version

    @classmethod
    def generate(cls, *, version: int) -> Self:
        return cls(secrets.token_bytes(KEY_BYTES), version=version)


class FormatKey(OpaqueKey):
    """FF1 key of format-preserving tokens."""

    __slots__ = ()

    @classmethod
    def generate(cls) -> Self:
        return cls(secrets.token_bytes(KEY_BYTES))


def labelled(label: bytes) -> bytes:
    """What the message of a MacKey begins with, so that the messages of two labels never meet."""
    return bytes((len(label),)) + label


class MacKey(OpaqueKey):
    """HMAC-SHA256 (FIPS 198-1), truncated from the right as SP 800-107 section 5.3.3 allows."""

    __slots__ = ()

    @classmethod
    def generate(cls) -> Self:
        return cls(secrets.token_bytes(KEY_BYTES))

    def digest(self, message: bytes, size: int = 16, *, label: bytes = b"") -> bytes:
        """The first `size` octets, 16 to 32. Uses with different labels are independent functions."""
        if not 16 <= size <= 32:
            raise ValueError("a digest has 16 to 32 octets")
        return hmac.digest(self._octets, labelled(label) + message, "sha256")[:size]

    def fingerprint(self, message: bytes) -> bytes:
        """`digest` of 16 octets, over a message that already begins with what `labelled` made of its label."""
        return hmac.digest(self._octets, message, "sha256")[:16]


class SubjectSecret(MacKey):
    """Per data subject; gone with the subject's DEK, and with it every link that it made."""

    __slots__ = ()

    @classmethod
    def generate_many(cls, count: int) -> list[Self]:
        """Independent secrets whose octets are drawn at once."""
        return [cls(octets) for octets in _draw(count)]


class SearchKey(MacKey):
    """Per tenant, kind and epoch; destroyed when the epoch has turned."""

    __slots__ = ()


def _draw(count: int) -> list[bytes]:
    drawn = secrets.token_bytes(KEY_BYTES * count)
    return [drawn[at : at + KEY_BYTES] for at in range(0, len(drawn), KEY_BYTES)]
