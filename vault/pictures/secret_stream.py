"""A picture's octets as messages of libsodium's secretstream (crypto_secretstream_xchacha20poly1305), under the picture's key.

Each message authenticates its place with it, big-endian:

    u8 0x01 | u64 tenant | u64 number of the picture | u32 number of the message, from 0

and the last one carries the tag FINAL. So a message that was changed, moved, left out, doubled or taken from another picture does
not open, and neither does a picture that was cut.
"""

from struct import Struct

from nacl.bindings import (
    crypto_secretstream_xchacha20poly1305_ABYTES,
    crypto_secretstream_xchacha20poly1305_init_pull,
    crypto_secretstream_xchacha20poly1305_init_push,
    crypto_secretstream_xchacha20poly1305_pull,
    crypto_secretstream_xchacha20poly1305_push,
    crypto_secretstream_xchacha20poly1305_state,
    crypto_secretstream_xchacha20poly1305_TAG_FINAL,
    crypto_secretstream_xchacha20poly1305_TAG_MESSAGE,
)
from nacl.exceptions import CryptoError

from vault.errors import IntegrityError
from vault.keys import DataKey

CHUNK_BYTES = 128 * 1024
OVERHEAD = crypto_secretstream_xchacha20poly1305_ABYTES

_PLACE = Struct(">BQQI").pack


class SealingStream:
    """Seals the messages of a picture in their order. `header` is needed to open them."""

    def __init__(self, key: DataKey, *, tenant: int, picture: int) -> None:
        self._state = crypto_secretstream_xchacha20poly1305_state()
        self.header: bytes = crypto_secretstream_xchacha20poly1305_init_push(self._state, key.expose())
        self._tenant, self._picture, self._number = tenant, picture, 0

    def seal(self, octets: bytes, *, last: bool) -> bytes:
        """The next message."""
        place = _PLACE(1, self._tenant, self._picture, self._number)
        self._number += 1
        tag = (
            crypto_secretstream_xchacha20poly1305_TAG_FINAL
            if last
            else crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
        )
        sealed: bytes = crypto_secretstream_xchacha20poly1305_push(self._state, octets, place, tag)
        return sealed


class OpeningStream:
    """Opens the messages of a picture in their order."""

    def __init__(self, key: DataKey, header: bytes, *, tenant: int, picture: int) -> None:
        self._state = crypto_secretstream_xchacha20poly1305_state()
        try:
            crypto_secretstream_xchacha20poly1305_init_pull(self._state, header, key.expose())
        except (CryptoError, ValueError, TypeError):
            raise IntegrityError from None
        self._tenant, self._picture, self._number = tenant, picture, 0

    def open(self, sealed: bytes, *, last: bool) -> bytes:
        """The octets of the next message, which must be the last one or not.

        Raises:
            IntegrityError: it is not that message.
        """
        place = _PLACE(1, self._tenant, self._picture, self._number)
        self._number += 1
        try:
            octets, tag = crypto_secretstream_xchacha20poly1305_pull(self._state, sealed, place)
        except (CryptoError, RuntimeError, ValueError):
            raise IntegrityError from None
        if (tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL) != last:
            raise IntegrityError
        return bytes(octets)
