"""What one device sends to another, format 1, as this service sees it:

    u8 0x01 | 32 octets commitment | 24 octets nonce | 16 octets tag | ciphertext, n × 256 octets, n from 1 to 8

The last three are libsodium's crypto_box_easy (X25519, XSalsa20, Poly1305) with the sender's secret and the recipient's public
key, of

    u8 0x01 | u64 time, ms | 32 octets opening | u8 length, order, ASCII | text, UTF-8 | 0x80 | zero octets

padded as sodium_pad does it. Numbers are big-endian. The commitment is BLAKE2b-256 (crypto_generichash) under the opening as key,
of

    "moat-letter-1" | 32 octets sender's key | 32 octets recipient's key | u8 length, order, ASCII | u64 time, ms | text

It binds whoever made it to the text and hides it: without the 32 random octets of the opening it tells nothing. A device refuses
a message whose commitment is not that of its text, for it could never be reported.

Guarantee: neither this service nor whoever carries the envelope reads the text, nor sees its length but in steps of 256 octets.
Not guaranteed: forward secrecy. Whoever gets a device's secret key and an envelope that it sent or received opens it, for which
envelopes are kept for hours, and keys are renewed.
"""

import hashlib
import hmac
from struct import Struct

VERSION = 0x01
COMMITMENT_BYTES = 32
OPENING_BYTES = 32
BLOCK = 256
BLOCKS_AT_MOST = 8
OVERHEAD = 1 + COMMITMENT_BYTES + 24 + 16
TEXT_BYTES_AT_MOST = BLOCK * BLOCKS_AT_MOST

_LABEL = b"moat-letter-1"
_TIME = Struct(">Q").pack


class EnvelopeError(ValueError):
    """Octets that are no envelope of this format."""


def commitment_of(envelope: bytes) -> bytes:
    """The commitment of an envelope.

    Raises:
        EnvelopeError: it is none: another version, or of a length that none has.
    """
    body = len(envelope) - OVERHEAD
    if not envelope or envelope[0] != VERSION or body % BLOCK or not BLOCK <= body <= BLOCK * BLOCKS_AT_MOST:
        raise EnvelopeError
    return envelope[1 : 1 + COMMITMENT_BYTES]


def commits(
    commitment: bytes, opening: bytes, text: bytes, *, sender: bytes, recipient: bytes, order: str, sent_at: int
) -> bool:
    """Whether a commitment is that of this text, between these two keys, for this order and time."""
    named = order.encode("ascii")
    message = b"".join((_LABEL, sender, recipient, bytes((len(named),)), named, _TIME(sent_at), text))
    return hmac.compare_digest(hashlib.blake2b(message, digest_size=COMMITMENT_BYTES, key=opening).digest(), commitment)
