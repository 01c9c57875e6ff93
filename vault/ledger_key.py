"""The key that signs what must outlive the database: the shred ledger and the manifests of backups.

It lies beside the root key and not in the keyring, because a keyring that was put back from a copy must neither lose it nor
bring an older one back. The file `ledger.key` is one line of ASCII, mode 0600:

    "moat-ledger-key-v1" SP ledger (32 hexadecimal digits) SP seed (base64 of 32 octets) LF

The seed is an Ed25519 private key (RFC 8032). Every host of a deployment has the same file, like the root key's.
"""

import base64
import binascii
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, Self

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey

from vault.errors import LedgerError

KEY_FILE = "ledger.key"

_HEADER = "moat-ledger-key-v1"
_LEDGER_BYTES = 16
_SEED_BYTES = 32


class LedgerKey:
    """Signs, and cannot be shown or copied. `ledger` is the number of the ledger that it belongs to."""

    __slots__ = ("_key", "ledger")

    def __init__(self, ledger: bytes, seed: bytes) -> None:
        self.ledger = ledger
        self._key = SigningKey(seed)

    @classmethod
    def read(cls, directory: Path) -> Self:
        """The key of a directory.

        Raises:
            LedgerError: the file is missing, damaged, or readable by others than its owner.
        """
        path = directory / KEY_FILE
        try:
            if path.stat().st_mode & 0o077:
                raise LedgerError("readable_by_others")
            header, ledger, seed = path.read_text("ascii").split()
            octets = bytes.fromhex(ledger), base64.b64decode(seed, validate=True)
        except FileNotFoundError:
            raise LedgerError("key_missing") from None
        except (ValueError, binascii.Error, OSError):
            raise LedgerError("damaged") from None
        if header != _HEADER or [len(one) for one in octets] != [_LEDGER_BYTES, _SEED_BYTES]:
            raise LedgerError("damaged")
        return cls(*octets)

    @property
    def public(self) -> bytes:
        """The public key, 32 octets."""
        return bytes(self._key.verify_key)

    def sign(self, message: bytes) -> bytes:
        """The signature of `message`, 64 octets."""
        return self._key.sign(message).signature

    def verify(self, message: bytes, signature: bytes) -> None:
        """Make sure that this key signed `message`.

        Raises:
            LedgerError: it did not.
        """
        try:
            self._key.verify_key.verify(message, signature)
        except (BadSignatureError, ValueError):
            raise LedgerError("damaged") from None

    def __repr__(self) -> str:
        return "LedgerKey()"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are not serialized")


def create_key(directory: Path) -> LedgerKey:
    """Draw a key for a new ledger, durable before this returns. Where another process was first, its key it is."""
    ledger, seed = secrets.token_bytes(_LEDGER_BYTES), secrets.token_bytes(_SEED_BYTES)
    line = f"{_HEADER} {ledger.hex()} {base64.b64encode(seed).decode()}\n"
    begin_file(directory / KEY_FILE, line.encode("ascii"))
    return LedgerKey.read(directory)


def begin_file(path: Path, octets: bytes) -> None:
    """A file that appears whole and durable. Where another process was first, what it made stays."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    write_durably(draft, octets)
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    sync_directory(path.parent)


def write_durably(path: Path, octets: bytes) -> None:
    """A new file of its owner's only, its content on the disk when this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
        file.write(octets)
        file.flush()
        os.fsync(descriptor)


def sync_directory(directory: Path) -> None:
    """Make names in a directory durable."""
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
