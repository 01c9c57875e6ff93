"""Logs and programs that the tests of the verifier share."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.audit_log import LOG, Log, entries, write_log
from tests.support.tampering import SIZE

THIRD_PARTY = Path(__file__).parent / "third_party"
Check = Callable[[Path, Path | None], int]
"""Exit status of a program over a log, and the checkpoint that was seen before if there is one."""


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """A good log of 257 entries, not to be changed."""
    return write_log(tmp_path_factory.mktemp("log") / "log", entries(SIZE))


@pytest.fixture(scope="session")
def go_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program over Debian's golang.org/x/mod."""
    place = tmp_path_factory.mktemp("go")
    go = shutil.which("go", path=f"/usr/bin{os.pathsep}{os.environ['PATH']}")
    if go is None or not Path("/usr/share/gocode/src/golang.org/x/mod").is_dir():
        pytest.fail("needs Go: apt-get install -y golang-go golang-golang-x-mod-dev", pytrace=False)
    settings = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(place / "cache"), "GOFLAGS": ""}
    subprocess.run(
        [go, "build", "-o", place / "verify_log", THIRD_PARTY / "verify_log.go"],
        env={**os.environ, **settings},
        check=True,
    )
    return place / "verify_log"


@pytest.fixture(params=["golang.org/x/mod", "tlog-scales", "openssl"])
def stranger(request: pytest.FixtureRequest) -> Check:
    """Each program of others in turn, with the log's key."""
    match request.param:
        case "golang.org/x/mod":
            command = [str(request.getfixturevalue("go_program"))]
        case "tlog-scales":
            command = [sys.executable, str(THIRD_PARTY / "scales_log.py")]
        case _:
            command = [sys.executable, str(THIRD_PARTY / "openssl_log.py")]

    def check(root: Path, seen_before: Path | None = None) -> int:
        arguments = [str(root), str(LOG.verifier()), *([] if seen_before is None else [str(seen_before)])]
        ran = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
        assert ran.returncode in {0, 1}, ran.stderr
        return ran.returncode

    return check
