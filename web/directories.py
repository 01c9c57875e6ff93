"""The directories of a deployment: private to their owner, and served by one process tree at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

_OWNER_ONLY = 0o700
_OTHERS = 0o077


def make_private(directory: Path) -> None:
    """Make a directory that only its owner may enter.

    Raises:
        click.ClickException: it exists and others may enter it, or it cannot be made.
    """
    try:
        directory.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
        mode = directory.stat().st_mode
    except OSError as error:
        raise click.ClickException(f"cannot make the directory {directory}: {error.strerror}") from None
    if mode & _OTHERS:
        raise click.ClickException(f"others may enter {directory}: chmod 700 {directory}")


@contextmanager
def only_one(directory: Path) -> Iterator[None]:
    """Hold the directory for this process. SQLite has one writer, and its fair queue works within one process only.

    The kernel lets go of it when the process ends, however it ends.

    Raises:
        click.ClickException: another process holds it.
    """
    handle = os.open(directory / "serving.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(
                f"another moat serve uses {directory}: stop it, or give --data and --port of your own"
            ) from None
        yield
    finally:
        os.close(handle)
