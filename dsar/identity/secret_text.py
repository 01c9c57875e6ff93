"""The texts that a person holds for a while: of a session, and of a link that begins one.

    mps1_ ‖ 43 characters     a session
    mpl1_ ‖ 43 characters     a link

The characters are 256 random bits in base64url without padding (RFC 4648, section 5). The figure is the version of the form. None
of them begins like a credential, so that a session opens no operation that takes one.

Stored is the SHA-256 of the text: nobody can guess 256 bits, so it needs neither salt nor key.
"""

import re
import secrets
from hashlib import sha256

from dsar.identity.errors import MalformedSecretError

_RANDOM_OCTETS = 32


class SecretText:
    """A text that is shown once. It has no repr, so that it ends in no log by accident.

    Raises:
        MalformedSecretError: it is not of this form.
    """

    __slots__ = ("_text",)
    prefix = ""

    def __init__(self, text: str) -> None:
        if re.fullmatch(self.prefix + "[A-Za-z0-9_-]{43}", text, re.ASCII) is None:
            raise MalformedSecretError
        self._text = text

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def reveal(self) -> str:
        """The text itself, for the one answer that shows it."""
        return self._text

    def digest(self) -> bytes:
        """What is stored and looked up."""
        return sha256(self._text.encode("ascii")).digest()


class SessionText(SecretText):
    """Opens a session."""

    __slots__ = ()
    prefix = "mps1_"

    @classmethod
    def draw(cls) -> "SessionText":
        """A fresh one."""
        return cls(cls.prefix + secrets.token_urlsafe(_RANDOM_OCTETS))


class LinkText(SecretText):
    """Begins a session, once."""

    __slots__ = ()
    prefix = "mpl1_"

    @classmethod
    def draw(cls) -> "LinkText":
        """A fresh one."""
        return cls(cls.prefix + secrets.token_urlsafe(_RANDOM_OCTETS))
