"""Sealed values and wrapped keys, format 1: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce.

A sealed value is

    u8 0x01 | 12 octets nonce | ciphertext, as long as the plaintext | 16 octets tag

and authenticates with it, big-endian, 27 octets:

    u8 0x01 | u64 tenant | u64 subject (internal number) | u64 row | u16 kind

A wrapped key is

    u8 0x81 | 12 octets nonce | 32 octets ciphertext | 16 octets tag

and authenticates with it, big-endian, 23 octets:

    u8 0x81 | u64 tenant | u64 owner | u32 version of the owner's key | u16 usage

The first octet differs between the two both in the clear and under the tag, and so does the length of what is
authenticated: neither is ever accepted as the other, even under one key.

Guarantee: a value opens only with its key and only where it was sealed. Any flipped bit, cut, move or wrong key raises
IntegrityError, the same for all. Not hidden: the length of the plaintext. Not detected: an older sealed value put back
in its own place.

A DEK seals one subject's records and a KEK wraps a tenant's DEKs; both stay far below the 2^32 seals that SP 800-38D
section 8.3 allows a key with random nonces.
"""

import secrets
from collections.abc import Iterable, Sequence
from struct import Struct
from typing import TypeAlias

from cryptography.exceptions import InvalidTag

from vault.errors import IntegrityError
from vault.keys import DataKey, KeyEncryptionKey, OpaqueKey

SEALED = 0x01
WRAPPED = 0x81
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD = 1 + NONCE_BYTES + TAG_BYTES

_PLACE = Struct(">BQQQH").pack
_HOLDING = Struct(">BQQIH").pack
_SEALED_OCTET = bytes((SEALED,))
_WRAPPED_OCTET = bytes((WRAPPED,))

Placed: TypeAlias = tuple[DataKey, bytes, int, int, int]
"""(key, octets, subject, row, kind): octets are the plaintext to seal, or the sealed value to open, and their place."""


def seal(key: DataKey, plaintext: bytes, *, tenant: int, subject: int, row: int, kind: int) -> bytes:
    """Seal one value in its place. Numbers outside their field are a programming error (struct.error)."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return _SEALED_OCTET + nonce + key.aead.encrypt(nonce, plaintext, _PLACE(SEALED, tenant, subject, row, kind))


def seal_many(items: Sequence[Placed], *, tenant: int) -> list[bytes]:
    """Seal each value in its place, in order; the nonces of the whole batch are drawn at once."""
    nonces = secrets.token_bytes(NONCE_BYTES * len(items))
    sealed = []
    for at, (key, plaintext, subject, row, kind) in zip(range(0, len(nonces), NONCE_BYTES), items, strict=True):
        nonce = nonces[at : at + NONCE_BYTES]
        place = _PLACE(SEALED, tenant, subject, row, kind)
        sealed.append(_SEALED_OCTET + nonce + key.aead.encrypt(nonce, plaintext, place))
    return sealed


def open_sealed(key: DataKey, sealed: bytes, *, tenant: int, subject: int, row: int, kind: int) -> bytes:
    """The plaintext that was sealed with this key in this place. Raises IntegrityError for everything else."""
    return _open(key, SEALED, sealed, _PLACE(SEALED, tenant, subject, row, kind))


def open_many(items: Iterable[Placed], *, tenant: int) -> list[bytes | None]:
    """Each plaintext in order, None where `open_sealed` would raise, so that one damaged row spoils no batch."""
    opened: list[bytes | None] = []
    for key, sealed, subject, row, kind in items:
        try:
            opened.append(_open(key, SEALED, sealed, _PLACE(SEALED, tenant, subject, row, kind)))
        except IntegrityError:
            opened.append(None)
    return opened


def wrap(kek: KeyEncryptionKey, key: OpaqueKey, *, tenant: int, owner: int, version: int, usage: int) -> bytes:
    """Wrap a key for the keyring. `owner` is whose key it is and `usage` what for; both are the keyring's numbers."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    holding = _HOLDING(WRAPPED, tenant, owner, version, usage)
    return _WRAPPED_OCTET + nonce + kek.aead.encrypt(nonce, key.expose(), holding)


def wrap_many(
    kek: KeyEncryptionKey, keys: Sequence[OpaqueKey], owners: Sequence[int], *, tenant: int, version: int, usage: int
) -> list[bytes]:
    """Wrap the key of each owner, in order; the nonces of the whole batch are drawn at once."""
    nonces = secrets.token_bytes(NONCE_BYTES * len(keys))
    wrapped = []
    for at, key, owner in zip(range(0, len(nonces), NONCE_BYTES), keys, owners, strict=True):
        nonce = nonces[at : at + NONCE_BYTES]
        holding = _HOLDING(WRAPPED, tenant, owner, version, usage)
        wrapped.append(_WRAPPED_OCTET + nonce + kek.aead.encrypt(nonce, key.expose(), holding))
    return wrapped


def rewrap_many(
    kek: KeyEncryptionKey, items: Sequence[tuple[KeyEncryptionKey, bytes, int, int]], *, tenant: int, usage: int
) -> list[bytes | None]:
    """Each wrapped key, given as (its KEK, octets, owner, version), wrapped by `kek` instead; None where `unwrap` would raise."""
    nonces = secrets.token_bytes(NONCE_BYTES * len(items))
    wrapped: list[bytes | None] = []
    for at, (of, octets, owner, version) in zip(range(0, len(nonces), NONCE_BYTES), items, strict=True):
        nonce, holding = nonces[at : at + NONCE_BYTES], _HOLDING(WRAPPED, tenant, owner, version, usage)
        try:
            key = _open(of, WRAPPED, octets, holding)
        except IntegrityError:
            wrapped.append(None)
        else:
            wrapped.append(_WRAPPED_OCTET + nonce + kek.aead.encrypt(nonce, key, holding))
    return wrapped


def unwrap(kek: KeyEncryptionKey, wrapped: bytes, *, tenant: int, owner: int, version: int, usage: int) -> bytes:
    """The 32 octets that were wrapped, for the constructor of their class. Raises IntegrityError for everything else."""
    return _open(kek, WRAPPED, wrapped, _HOLDING(WRAPPED, tenant, owner, version, usage))


def _open(key: DataKey | KeyEncryptionKey, octet: int, sealed: bytes, authenticated: bytes) -> bytes:
    if len(sealed) < OVERHEAD or sealed[0] != octet:
        raise IntegrityError
    try:
        return key.aead.decrypt(sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], authenticated)
    except InvalidTag:
        raise IntegrityError from None
