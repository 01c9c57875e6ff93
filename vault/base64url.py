"""Octets as text: base64url without padding (RFC 4648 section 5), one spelling for each."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode


def text_of(octets: bytes) -> str:
    """Octets as text."""
    return urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def octets_of(text: str) -> bytes:
    """The octets of a text.

    Raises:
        ValueError: it is none, or not the one spelling of its octets.
    """
    try:
        octets = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("not base64url") from None
    if text_of(octets) != text:
        raise ValueError("not the one spelling")
    return octets
