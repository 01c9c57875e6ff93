"""The embedded key provider: the root key in a file of its own, apart from the data.

The file `root.key` is one line of ASCII, mode 0600, in a directory of mode 0700:

    moat-root-key-v1 SP id (16 hexadecimal digits) SP key (base64 of 32 octets) LF

A wrapped key is

    u8 0x91 | 8 octets root id | 12 octets nonce | ciphertext | 16 octets tag

AES-256-GCM over `u8 0x91 | root id | context`. Whoever can read the file can read everything: the file belongs on
another volume, and into another backup, than the data.
"""

import base64
import binascii
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag

from vault.errors import IntegrityError, RootKeyError
from vault.keys import KEY_BYTES, DataKey

FILE_NAME = "root.key"

_HEADER = "moat-root-key-v1"
_OCTET = b"\x91"
_ID_BYTES = 8
_NONCE_BYTES = 12


class FileKeyProvider:
    """Wraps with the root key of a directory.

    Raises:
        RootKeyError: the file is missing, damaged, or readable by others than its owner.
    """

    name = "file"

    def __init__(self, directory: Path) -> None:
        self._id, self._key = _read(directory / FILE_NAME)

    def root(self) -> str:
        return self._id.hex()

    def wrap(self, octets: bytes, context: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        head = _OCTET + self._id
        return head + nonce + self._key.aead.encrypt(nonce, octets, head + context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        head, rest = wrapped[: 1 + _ID_BYTES], wrapped[1 + _ID_BYTES :]
        if head != _OCTET + self._id:
            raise IntegrityError
        try:
            return self._key.aead.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], head + context)
        except (InvalidTag, ValueError):
            raise IntegrityError from None


def create_root_key(directory: Path) -> None:
    """Draw a root key and write it, durable before this returns. An existing one is never touched.

    Raises:
        FileExistsError: there is one already.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    line = f"{_HEADER} {secrets.token_hex(_ID_BYTES)} {key}\n"
    path = directory / FILE_NAME
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123 - a descriptor, not a path
        file.write(line)
        file.flush()
        os.fsync(descriptor)
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
    os.close(folder)


def _read(path: Path) -> tuple[bytes, DataKey]:
    try:
        mode = path.stat().st_mode
        header, root, key = path.read_text("ascii").split()
        if mode & 0o077:
            raise RootKeyError("readable_by_others")
        if header != _HEADER or len(root) != 2 * _ID_BYTES:
            raise RootKeyError("damaged")
        return bytes.fromhex(root), DataKey(base64.b64decode(key, validate=True))
    except FileNotFoundError:
        raise RootKeyError("missing") from None
    except (ValueError, binascii.Error, UnicodeError, OSError):
        raise RootKeyError("damaged") from None
