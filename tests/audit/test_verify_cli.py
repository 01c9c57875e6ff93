"""`moat audit verify` over files is moat-verify, and over the stored log stays what it was."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from audit.cli import audit_group
from database.engine import Database
from tests.support.audit_log import LOG, entries, write_log


@pytest.fixture
def invoke(database: Database) -> Any:
    def open_host(**_: Any) -> AbstractContextManager[Any]:
        return nullcontext()

    group = audit_group(lambda *_: database, open_host)
    return lambda *arguments: CliRunner().invoke(group, ["verify", *map(str, arguments)])


def test_a_target_is_checked_with_the_keys_given(invoke: Any, tmp_path: Path) -> None:
    root = write_log(tmp_path / "log", entries(300)).root
    ran = invoke(root, "--vkey", LOG.verifier())
    assert (ran.exit_code, ran.output.splitlines()[-1]) == (0, "VERIFIED")
    ran = invoke(root)
    assert (ran.exit_code, "KEY NOT PINNED" in ran.output) == (2, True)
    (root / "tile/entries/000").write_bytes(b"")
    assert invoke(root, "--vkey", LOG.verifier()).exit_code == 1


def test_a_target_and_a_deployment_do_not_go_together(invoke: Any, tmp_path: Path) -> None:
    assert invoke("--data", tmp_path, tmp_path).exit_code == 2


def test_without_a_target_the_stored_log_is_checked(invoke: Any) -> None:
    ran = invoke()
    assert (ran.exit_code, ran.output) == (0, "verified: 0 entries of 0 acts\n")
