"""The text of a credential, and how it is recognised again.

    moat_       ‖ secret ‖ check         a credential
    moat_test_  ‖ secret ‖ check         a test credential

`secret` is 256 random bits as 43 digits of base 62 and `check` is the CRC-32 of all that stands before it as 6 digits. A
secret scanner finds a leaked one by `moat_(test_)?[0-9A-Za-z]{49}` and tells it from a look-alike by the check, and a
mistyped one is refused without asking the database. The check protects nothing else: it can be computed by anybody.

Stored is the SHA-256 of the whole text and never the text. A slow hash with a salt would be the right choice for a
password; here nobody can guess 256 bits, however fast the hash, and a slow one would only be paid on every request.
"""

import hmac
import re
import secrets
import zlib
from dataclasses import dataclass
from hashlib import sha256

from web.errors import MalformedCredentialError
from web.principal import Role, Scope

PREFIX = "moat_"
TEST_PREFIX = "moat_test_"

_SECRET_BITS = 256
_SECRET_DIGITS = 43
_CHECK_DIGITS = 6
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FORM = re.compile(r"moat_(?:test_)?[0-9A-Za-z]{49}")


class CredentialText:
    """A credential's text, shown once to whoever asked for it. It has no repr, so that it ends in no log by accident."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if _FORM.fullmatch(text) is None or not hmac.compare_digest(
            text[-_CHECK_DIGITS:], _check(text[:-_CHECK_DIGITS])
        ):
            raise MalformedCredentialError
        self._text = text

    def __repr__(self) -> str:
        return "CredentialText()"

    def reveal(self) -> str:
        """The text itself, for the one answer that shows it."""
        return self._text

    def digest(self) -> bytes:
        """SHA-256 of the text: what is stored and looked up."""
        return sha256(self._text.encode("ascii")).digest()


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential as its administrator sees it. Times are milliseconds since the epoch; None is never."""

    id: int
    name: str
    role: Role
    scopes: frozenset[Scope]
    test: bool
    created_at: int
    expires_at: int | None
    revoked_at: int | None


def draw(*, test: bool) -> CredentialText:
    """A fresh credential text."""
    body = (TEST_PREFIX if test else PREFIX) + _base62(secrets.randbits(_SECRET_BITS), _SECRET_DIGITS)
    return CredentialText(body + _check(body))


def same_digest(stored: bytes, presented: bytes) -> bool:
    """Compare in constant time. The index has already compared, but in terms of a hash that a caller cannot steer."""
    return hmac.compare_digest(stored, presented)


def _check(body: str) -> str:
    return _base62(zlib.crc32(body.encode("ascii")), _CHECK_DIGITS)


def _base62(number: int, digits: int) -> str:
    written = ""
    for _ in range(digits):
        number, digit = divmod(number, 62)
        written = _ALPHABET[digit] + written
    return written
