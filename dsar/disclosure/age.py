"""Sealing a stream for one person in the age format (age-encryption.org/v1): to their public key, or under a passphrase.

Public keys go through pyrage. It takes a passphrase for octets in memory only, so that kind is written here, by the specification
(C2SP, age.md) over the primitives of `cryptography` and hashlib:

    "age-encryption.org/v1" LF
    "-> scrypt " base64(salt, 16) SP log2(N) LF
    base64(ChaCha20-Poly1305(wrap key, nonce 0, file key of 16)) LF
    "--- " base64(HMAC-SHA-256(HKDF(file key, info "header"), all above up to "---")) LF
    nonce (16)
    chunks of 64 KiB, each ChaCha20-Poly1305(HKDF(file key, salt nonce, info "payload"), counter (11) · last (1))

    wrap key   scrypt(passphrase, "age-encryption.org/v1/scrypt" · salt, N, r = 8, p = 1), 32 octets

Base64 is without padding. Passphrases are drawn here and have 140 bits, so that N need not slow anybody down.
"""

import hmac
import secrets
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import scrypt, sha256
from typing import Protocol

import pyrage
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dsar.disclosure.errors import RecipientError
from formats.age_source import AgeSource

CHUNK_BYTES = 64 * 1024
LOG_N = 15
"""32 MiB while a key is derived; age itself accepts up to 22."""

_KEY_BYTES = 16
_MEMORY_BYTES = 64 * 1024 * 1024
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz0"
"""32 characters: 5 bits each."""
_GROUPS, _GROUP = 7, 4


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A person's or a receiver's own key, `age1…`.

    Raises:
        RecipientError: it is none.
    """

    text: str

    def __post_init__(self) -> None:
        _recipient(self.text)


@dataclass(frozen=True, slots=True)
class Passphrase:
    """A passphrase that was drawn for one package, which is told once and never shown otherwise."""

    text: str = field(repr=False)

    @classmethod
    def drawn(cls) -> "Passphrase":
        """A new one: seven groups of four characters that are hard to mistake, 140 bits."""
        groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
        return cls("-".join(groups))


Lock = PublicKey | Passphrase


class Written(Protocol):
    """A file that is being written."""

    def write(self, octets: bytes) -> int: ...

    def flush(self) -> None: ...


def write_sealed(octets: Iterator[bytes], file: Written, lock: Lock) -> None:
    """Write the stream to `file`, sealed, in constant memory. What `octets` raises is raised here.

    Raises:
        OSError: the disk does not take it.
    """
    if isinstance(lock, Passphrase):
        for piece in _sealed(octets, lock):
            file.write(piece)
        return
    source = AgeSource(octets)
    try:
        pyrage.encrypt_io(source, file, [_recipient(lock.text)])
    except pyrage.EncryptError:
        if source.error is not None:
            raise source.error from None
        raise OSError("the package could not be written") from None


def _sealed(octets: Iterator[bytes], lock: Passphrase) -> Iterator[bytes]:
    file_key, nonce = secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(16)
    yield _header(lock, file_key) + nonce
    cipher = ChaCha20Poly1305(_derived(file_key, b"payload", salt=nonce))
    number, waiting = 0, bytearray()
    for piece in octets:
        waiting += piece
        while len(waiting) > CHUNK_BYTES:  # what remains is never empty: the last chunk has to hold something
            yield cipher.encrypt(_nonce(number, last=False), bytes(waiting[:CHUNK_BYTES]), None)
            del waiting[:CHUNK_BYTES]
            number += 1
    yield cipher.encrypt(_nonce(number, last=True), bytes(waiting), None)


def _header(lock: Passphrase, file_key: bytes) -> bytes:
    salt = secrets.token_bytes(16)
    wrapping = scrypt(
        lock.text.encode(),
        salt=b"age-encryption.org/v1/scrypt" + salt,
        n=1 << LOG_N,
        r=8,
        p=1,
        maxmem=_MEMORY_BYTES,
        dklen=32,
    )
    wrapped = ChaCha20Poly1305(wrapping).encrypt(bytes(12), file_key, None)
    head = f"age-encryption.org/v1\n-> scrypt {_base64(salt)} {LOG_N}\n{_base64(wrapped)}\n---".encode()
    mac = hmac.digest(_derived(file_key, b"header"), head, sha256)
    return head + f" {_base64(mac)}\n".encode()


def _derived(file_key: bytes, info: bytes, *, salt: bytes | None = None) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(file_key)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _base64(octets: bytes) -> str:
    return b64encode(octets).rstrip(b"=").decode()


def _recipient(text: str) -> object:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise RecipientError from None
