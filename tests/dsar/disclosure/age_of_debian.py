"""Debian's age, as a person would use it."""

import os
import pty
import subprocess
from contextlib import suppress
from pathlib import Path


def age_opens(path: Path, identity: Path) -> bytes:
    """What Debian's age makes of a file with an identity."""
    command = ["age", "--decrypt", "-i", str(identity), str(path)]
    return subprocess.run(command, capture_output=True, check=True).stdout


def age_opens_by_passphrase(path: Path, told: str, place: Path) -> bytes:
    """What Debian's age makes of a file with a passphrase, typed at a terminal of its own."""
    out = place / "opened"
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp("age", ["age", "--decrypt", "-o", str(out), str(path)])
    heard = b""
    while b"passphrase" not in heard:
        heard += os.read(terminal, 1024)
    os.write(terminal, f"{told}\n".encode())
    with suppress(OSError):
        while os.read(terminal, 1024):
            pass
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert status == 0, heard
    return out.read_bytes()
