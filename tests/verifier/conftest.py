"""Logs and programs that the tests of the verifier share."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.support import strangers
from tests.support.audit_log import Log, entries, write_log
from tests.support.tampering import SIZE

Accepts = Callable[[Path, Path | None], bool]
"""Whether a program accepts a log, and that it extends the checkpoint seen before if there is one."""


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """A good log of 257 entries, not to be changed."""
    return write_log(tmp_path_factory.mktemp("log") / "log", entries(SIZE))


@pytest.fixture(scope="session")
def go_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program over Debian's golang.org/x/mod."""
    try:
        return strangers.build_go_program(tmp_path_factory.mktemp("go"))
    except strangers.GoMissingError as missing:
        pytest.fail(f"needs Go: {missing}", pytrace=False)


@pytest.fixture(params=strangers.NAMES)
def accepts(request: pytest.FixtureRequest, go_program: Path) -> Accepts:
    """Each program of others in turn, with the log's key."""
    return partial(strangers.accepts, strangers.command(request.param, go_program))
