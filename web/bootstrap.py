"""The credential file of a first start: there while nobody else can hand out access, and gone afterwards."""

import os
from contextlib import suppress
from pathlib import Path

from web.issuance import CredentialDesk, Occasion

_OWNER_ONLY = 0o600


def keep_bootstrap_file(file: Path, desk: CredentialDesk, tenant: int, occasion: Occasion) -> bool:
    """Make sure that somebody can hand out access to `tenant`, and tell whether that is the holder of `file`.

    With an administrator there is no file. Without one the file holds a working credential, a new one if need be: a first start
    that was cut off between the commit and the file, or whose day has passed, is made good by the next.
    """
    if desk.has_administrator(tenant, occasion.at):
        remove_bootstrap_file(file)
        return False
    with suppress(FileNotFoundError):
        if desk.works(file.read_text(encoding="ascii", errors="replace").strip(), occasion.at):
            return True
        file.unlink()
    text = desk.bootstrap(tenant, occasion).reveal()
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        opened.write(text + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    return True


def remove_bootstrap_file(file: Path) -> None:
    """Remove the file, if it is there."""
    file.unlink(missing_ok=True)
