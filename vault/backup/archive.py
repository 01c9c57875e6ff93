"""Archives as streams: members of a tar go into an age file, and come out of one, in constant memory and over no other file.

Nothing is ever on the disk in the clear. A half-written archive has another name, and is ciphertext too.
"""

import io
import os
import tarfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pyrage

from formats.age_source import AgeSource
from vault.backup.manifest import HEADER_MEMBER
from vault.errors import BackupError
from vault.ledger_key import sync_directory

MEMBER_BYTES_AT_MOST = 64 << 20
_BLOCK = 512


class Member(NamedTuple):
    """A file of the archive."""

    name: str
    content: bytes


def write_archive(path: Path, recipients: Sequence[str], members: Iterable[Member]) -> None:
    """Seal the members to age recipients (`age1…`) in a new file, readable by its owner only and durable when this returns.

    Raises:
        BackupError: a text is no recipient.
        FileExistsError: there is such a file.
    """
    if path.exists():
        raise FileExistsError(path)
    keys = [_recipient(text) for text in recipients]
    draft = path.with_name(f".{path.name}.partial")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    source = AgeSource(_tar(members))
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            _seal(source, file, keys)
            file.flush()
            os.fsync(descriptor)
        draft.rename(path)
        sync_directory(path.parent)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _seal(source: AgeSource, file: object, keys: Sequence[object]) -> None:
    try:
        pyrage.encrypt_io(source, file, keys)
    except pyrage.EncryptError:
        if source.error is not None:
            raise source.error from None
        raise OSError("the archive could not be written") from None


@contextmanager
def opened_archive(path: Path, identities: Sequence[str]) -> Iterator[Iterator[Member]]:
    """The members of an archive, one after another, opened with one of the identities (`AGE-SECRET-KEY-1…`).

    Raises:
        BackupError: no identity opens it, or it is damaged, cut off, or not an archive.
    """
    keys = [_identity(text) for text in identities]
    reading, writing = os.pipe()
    failed: list[BaseException] = []

    def decrypt() -> None:
        with open(writing, "wb") as pipe, path.open("rb") as file:  # noqa: PTH123 - a descriptor, not a path
            try:
                pyrage.decrypt_io(file, pipe, keys)
            except BrokenPipeError:
                pass  # Nobody wants the rest.
            except (pyrage.DecryptError, OSError) as error:
                failed.append(error)

    thread = threading.Thread(target=decrypt, name="decrypt", daemon=True)
    with open(reading, "rb") as pipe:  # noqa: PTH123 - a descriptor, not a path
        thread.start()
        try:
            yield _members(pipe, failed, thread)
        except tarfile.TarError:
            raise BackupError("damaged") from None
    thread.join()


def _members(pipe: io.BufferedReader, failed: list[BaseException], thread: threading.Thread) -> Iterator[Member]:
    first = True
    try:
        with tarfile.open(fileobj=pipe, mode="r|") as tar:
            for info in tar:
                if not info.isreg() or info.size > MEMBER_BYTES_AT_MOST or first != (info.name == HEADER_MEMBER):
                    raise BackupError("damaged")
                first = False
                file = tar.extractfile(info)
                yield Member(info.name, file.read() if file else b"")
        pipe.read()
    except tarfile.TarError:
        thread.join()
        raise BackupError("not_openable" if failed and first else "damaged") from None
    thread.join()
    if failed:
        raise BackupError("not_openable" if first else "damaged")


def _tar(members: Iterable[Member]) -> Iterator[bytes]:
    for member in members:
        info = tarfile.TarInfo(member.name)
        info.size, info.mode = len(member.content), 0o600
        yield info.tobuf(tarfile.USTAR_FORMAT)
        yield member.content
        yield bytes(-len(member.content) % _BLOCK)
    yield bytes(2 * _BLOCK)


def require_recipients(texts: Sequence[str]) -> None:
    """Raises BackupError where one is no age recipient."""
    for text in texts:
        _recipient(text)


def _recipient(text: str) -> object:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise BackupError("recipient") from None


def _identity(text: str) -> object:
    try:
        return pyrage.x25519.Identity.from_str(text)
    except pyrage.IdentityError:
        raise BackupError("identity") from None
