"""A software token (SoftHSM2) of a test's own: its configuration, its PIN in a file, and the options that name it.

SoftHSM2 reads its configuration from the environment when a process first loads it, so that one process has one directory of
tokens: tests that use the provider in their own process share it, each with a token of its own.
"""

import os
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
APT = "apt-get install -y softhsm2"
_CONFIGURATION = "SOFTHSM2_CONF"


class SoftTokenMissingError(Exception):
    """SoftHSM2 is not on this machine."""

    def __init__(self) -> None:
        super().__init__(f"SoftHSM2 is not installed: {APT}")


@dataclass(frozen=True, slots=True)
class SoftToken:
    """A token with its user's PIN, in `pin_file` too. `environment` is what a process needs to find it."""

    label: str
    pin: str
    pin_file: Path
    environment: dict[str, str]
    directory: Path

    @property
    def options(self) -> list[str]:
        """What `moat serve` is told of it."""
        named = ["--pkcs11-module", str(MODULE), "--pkcs11-token", self.label, "--pkcs11-pin-file", str(self.pin_file)]
        return ["--key-provider", "pkcs11", *named]


def configured(place: Path) -> Path:
    """A configuration with a directory for tokens, for this process and those that it starts.

    Raises:
        SoftTokenMissingError: there is no SoftHSM2.
    """
    if not MODULE.is_file():
        raise SoftTokenMissingError
    (place / "tokens").mkdir(parents=True)
    file = place / "softhsm2.conf"
    file.write_text(f"directories.tokendir = {place / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ[_CONFIGURATION] = str(file)
    return file


def new_token(configuration: Path, place: Path) -> SoftToken:
    """A token that nobody has used."""
    label, pin = f"moat-{secrets.token_hex(4)}", secrets.token_hex(6)
    environment = {_CONFIGURATION: str(configuration)}
    command = [
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        label,
        "--pin",
        pin,
        "--so-pin",
        secrets.token_hex(6),
    ]
    subprocess.run(command, env={**os.environ, **environment}, check=True, capture_output=True)
    file = place / "pin"
    file.write_text(f"{pin}\n")
    file.chmod(0o600)
    return SoftToken(label, pin, file, environment, configuration.parent / "tokens")
