"""Programs over other people's code that check a log: each takes a directory, the log's key and perhaps an older checkpoint."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.audit_log import LOG

NAMES = ("golang.org/x/mod", "tlog-scales", "openssl")

_SOURCES = Path(__file__).parent.parent / "verifier" / "third_party"
_GO_MODULES = Path("/usr/share/gocode")


class GoMissingError(Exception):
    """Debian's Go or its golang.org/x/mod is not installed."""


def build_go_program(place: Path) -> Path:
    """Build the program over golang.org/x/mod, as Debian has it.

    Raises:
        GoMissingError: it cannot be built here.
    """
    go = shutil.which("go", path=f"/usr/bin{os.pathsep}{os.environ['PATH']}")
    if go is None or not (_GO_MODULES / "src/golang.org/x/mod").is_dir():
        raise GoMissingError("apt-get install -y golang-go golang-golang-x-mod-dev")
    settings = {"GO111MODULE": "off", "GOPATH": str(_GO_MODULES), "GOCACHE": str(place / "cache"), "GOFLAGS": ""}
    program = place / "verify_log"
    subprocess.run([go, "build", "-o", program, _SOURCES / "verify_log.go"], env={**os.environ, **settings}, check=True)
    return program


def command(name: str, go_program: Path) -> list[str]:
    """How to start one of the programs."""
    if name == "golang.org/x/mod":
        return [str(go_program)]
    return [sys.executable, str(_SOURCES / ("scales_log.py" if name == "tlog-scales" else "openssl_log.py"))]


def accepts(started: list[str], root: Path, seen_before: Path | None = None) -> bool:
    """Whether a program accepts the log in a directory, by the key `LOG`."""
    arguments = [str(root), str(LOG.verifier()), *([] if seen_before is None else [str(seen_before)])]
    ran = subprocess.run([*started, *arguments], capture_output=True, text=True, check=False)
    assert ran.returncode in {0, 1}, ran.stderr
    return ran.returncode == 0
