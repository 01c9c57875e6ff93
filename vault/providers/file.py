"""The embedded key provider: the root keys in a file of their own, apart from the data.

The file `root.key` is ASCII, mode 0600, in a directory of mode 0700, one line for each root key, the newest last:

    moat-root-key-v1 SP id (16 hexadecimal digits) SP key (base64 of 32 octets) LF

A wrapped key is

    u8 0x91 | 8 octets root id | 12 octets nonce | ciphertext | 16 octets tag

AES-256-GCM over `u8 0x91 | root id | context`. Whoever can read the file can read everything: the file belongs on
another volume, and into another backup, than the data.

The file is read once, and again when it is asked for a root key that it did not have. A changed file is written beside the old
one and put in its place, so that it is whole after any crash. Destroying a line unlinks the file that had it; what a disk, a
snapshot or a backup keeps of unlinked files is beyond this program.
"""

import base64
import binascii
import os
import secrets
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag

from vault.errors import IntegrityError, InvalidKeyError, RootKeyError
from vault.keys import KEY_BYTES, Bound, DataKey

FILE_NAME = "root.key"

_HEADER = "moat-root-key-v1"
_OCTET = b"\x91"
_ID_BYTES = 8
_NONCE_BYTES = 12


class FileKeyProvider:
    """Wraps with the root keys of a directory.

    Raises, when it is asked for one:
        RootKeyError: the file is missing, damaged, or readable by others than its owner, or has not the root key.
    """

    name = "file"

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._keys: dict[str, DataKey] = {}
        self._lock = threading.Lock()

    def newest(self) -> str:
        return next(reversed(self._read()))

    def wrap(self, root: str, keys: Sequence[Bound]) -> list[bytes]:
        key, head = self._key(root), _OCTET + bytes.fromhex(root)
        nonces = [secrets.token_bytes(_NONCE_BYTES) for _ in keys]
        return [
            head + nonce + key.aead.encrypt(nonce, octets, head + context)
            for nonce, (octets, context) in zip(nonces, keys, strict=True)
        ]

    def unwrap(self, root: str, wrapped: Sequence[Bound]) -> list[bytes]:
        key, head = self._key(root), _OCTET + bytes.fromhex(root)
        return [_open(key, head, octets, context) for octets, context in wrapped]

    def create_root(self) -> str:
        path = self._directory / FILE_NAME
        if not path.exists():
            with suppress(FileExistsError):  # another process that begins at the same time
                create_root_key(self._directory)
            return self.newest()
        lines = [_line(root, key.expose()) for root, key in self._read().items()]
        _replace(path, [*lines, _line(secrets.token_hex(_ID_BYTES), secrets.token_bytes(KEY_BYTES))])
        return self.newest()

    def destroy_root(self, root: str) -> None:
        keys = self._read()
        if keys.pop(root, None) is not None:
            path = self._directory / FILE_NAME
            _replace(path, [_line(name, key.expose()) for name, key in keys.items()]) if keys else _remove(path)
        with self._lock:
            self._keys = keys

    def close(self) -> None:
        pass

    def _key(self, root: str) -> DataKey:
        if root not in self._keys:
            self._read()
        try:
            return self._keys[root]
        except KeyError:
            raise RootKeyError("other_database") from None

    def _read(self) -> dict[str, DataKey]:
        """The keys of the file by their ids, the newest last."""
        with self._lock:
            self._keys = keys = _read(self._directory / FILE_NAME)
        return dict(keys)


def create_root_key(directory: Path) -> None:
    """Draw a root key and write it, durable before this returns. An existing one is never touched.

    Raises:
        FileExistsError: there is one already.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / FILE_NAME
    new = _written(path, [_line(secrets.token_hex(_ID_BYTES), secrets.token_bytes(KEY_BYTES))])
    try:
        path.hardlink_to(new)
    finally:
        new.unlink()
    _sync_directory(directory)


def _open(key: DataKey, head: bytes, wrapped: bytes, context: bytes) -> bytes:
    rest = wrapped[len(head) :]
    if wrapped[: len(head)] != head:
        raise IntegrityError
    try:
        return key.aead.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], head + context)
    except (InvalidTag, ValueError):
        raise IntegrityError from None


def _line(root: str, key: bytes) -> str:
    return f"{_HEADER} {root} {base64.b64encode(key).decode()}\n"


def _replace(path: Path, lines: Iterable[str]) -> None:
    _written(path, lines).replace(path)
    _sync_directory(path.parent)


def _remove(path: Path) -> None:
    path.unlink()
    _sync_directory(path.parent)


def _written(path: Path, lines: Iterable[str]) -> Path:
    """A durable file beside `path` with these lines."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123 - a descriptor, not a path
        file.writelines(lines)
        file.flush()
        os.fsync(descriptor)
    return beside


def _sync_directory(directory: Path) -> None:
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
    os.close(folder)


def _read(path: Path) -> dict[str, DataKey]:
    try:
        mode = path.stat().st_mode
        lines = path.read_text("ascii").splitlines()
        if mode & 0o077:
            raise RootKeyError("readable_by_others")
        keys = dict(_key_of(line) for line in lines)
    except FileNotFoundError:
        raise RootKeyError("missing") from None
    except (ValueError, binascii.Error, UnicodeError, OSError, InvalidKeyError):
        raise RootKeyError("damaged") from None
    if not keys or len(keys) < len(lines):
        raise RootKeyError("damaged")
    return keys


def _key_of(line: str) -> tuple[str, DataKey]:
    header, root, key = line.split()
    if header != _HEADER or len(root) != 2 * _ID_BYTES:
        raise RootKeyError("damaged")
    return bytes.fromhex(root).hex(), DataKey(base64.b64decode(key, validate=True))
