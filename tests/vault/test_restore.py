"""A database that was put back from a copy gives row numbers out again; the tokens of before must not meet the new rows."""

import shutil
from pathlib import Path

import pytest

from database.engine import Database
from tests.support import postgres
from tests.support.clock import Clock
from tests.support.vault import Gates, Vault, submitted


def start(url: str, keys: Path, clock: Clock) -> Vault:
    """A start as `moat serve` does it."""
    vault = Vault(Database(url), keys, clock, Gates())
    vault.keyring.renew_token_keys()
    return vault


def copied_sqlite(tmp_path: Path, template: Path) -> tuple[str, str]:
    first, copy = tmp_path / "first.db", tmp_path / "copy.db"
    shutil.copy(template, first)
    return f"sqlite:///{first}", f"sqlite:///{copy}"


def issue_before_and_after(first: str, copy_database: object, keys: Path, clock: Clock) -> None:
    before = start(first, keys, clock)
    kept = before.token(submitted(subject="kept", value="13800000001"))
    before.database.dispose()
    copy = copy_database()  # type: ignore[operator]  # a function of each of the two tests
    lost_to_the_copy = start(first, keys, clock)
    token_of_b = lost_to_the_copy.token(submitted(subject="b", value="13800000002"))
    lost_to_the_copy.database.dispose()

    restored = start(copy, keys, clock)
    token_of_c = restored.token(submitted(subject="c", value="13800000003"))
    assert restored.seen(token_of_b) == ["not_found"]
    assert restored.seen(token_of_c, kept) == ["13800000003", "13800000001"]
    again = restored.another_process(Database(copy))
    assert again.seen(token_of_b, token_of_c) == ["not_found", "13800000003"]
    restored.database.dispose()
    again.database.dispose()


def test_a_token_issued_after_the_backup_never_opens_a_row_issued_after_the_restore(
    tmp_path: Path, sqlite_template: Path, clock: Clock
) -> None:
    first, copy = copied_sqlite(tmp_path, sqlite_template)

    def copy_database() -> str:
        shutil.copy(tmp_path / "first.db", tmp_path / "copy.db")
        return copy

    issue_before_and_after(first, copy_database, tmp_path / "keys", clock)


@pytest.mark.postgres
def test_nor_does_it_on_postgresql(cluster: postgres.Cluster, tmp_path: Path, clock: Clock) -> None:
    with cluster.fresh() as first:
        copies = []

        def copy_database() -> str:
            copy = cluster.fresh(first)
            copies.append(copy)
            return cluster.url(copy.__enter__())

        try:
            issue_before_and_after(cluster.url(first), copy_database, tmp_path / "keys", clock)
        finally:
            for copy in copies:
                copy.__exit__(None, None, None)


def test_without_the_renewal_it_would(tmp_path: Path, sqlite_template: Path, clock: Clock) -> None:
    """The control: the danger is real, and it is the renewal that removes it."""
    first, copy = copied_sqlite(tmp_path, sqlite_template)
    vault = Vault(Database(first), tmp_path / "keys", clock, Gates())
    vault.token(submitted(subject="kept", value="13800000001"))
    vault.database.dispose()
    shutil.copy(tmp_path / "first.db", tmp_path / "copy.db")
    vault = Vault(Database(first), tmp_path / "keys", clock, Gates())
    token_of_b = vault.token(submitted(subject="b", value="13800000002"))
    vault.database.dispose()
    restored = Vault(Database(copy), tmp_path / "keys", clock, Gates())
    restored.token(submitted(subject="c", value="13800000003"))
    assert restored.seen(token_of_b) == ["13800000003"]
    restored.database.dispose()
