"""One-time links: 32 drawn octets as text, of which only the SHA-256 is kept.

"mpk1_" base64url of 32 octets, without padding (43). The figure is the version of the form
"""

import re
from hashlib import sha256
from secrets import token_urlsafe

PREFIX = "mpk1_"

_TEXT = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}", re.ASCII)


def drawn() -> str:
    """The text of a new link."""
    return PREFIX + token_urlsafe(32)


def digest_of(text: str) -> bytes | None:
    """What a link is known by; None for what is no text of a link."""
    return sha256(text.encode("ascii")).digest() if _TEXT.fullmatch(text) else None
