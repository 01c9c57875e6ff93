"""The keyring: one root for one database, keys made once, caches that notice when keys move on, restored copies."""

import shutil
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from database.engine import Database
from tests.support.clock import Clock
from tests.support.vault import OTHER_TENANT, Gates, Vault, submitted
from vault.custody.roots import Roots
from vault.errors import IntegrityError, RootKeyError
from vault.providers.file import FileKeyProvider, create_root_key


@pytest.fixture
def other_root(tmp_path: Path) -> Path:
    create_root_key(tmp_path / "other-keys")
    return tmp_path / "other-keys"


def test_keys_are_made_once_however_many_begin_together(database: Database, tmp_path: Path, clock: Clock) -> None:
    first = Vault(database, tmp_path / "keys", clock, Gates())
    processes = [first, *(first.another_process() for _ in range(7))]
    with ThreadPoolExecutor(8) as threads:
        tokens = list(threads.map(lambda vault: vault.token(), processes))
    assert len(set(tokens)) == 1
    assert len(first.entries(action="keys.create")) == 1
    assert first.sql("SELECT tenant, count(*) FROM kek GROUP BY tenant") == [(1, 1)]


def test_each_tenant_has_keys_of_its_own(vault: Vault) -> None:
    vault.token()
    vault.token(caller=vault.caller(tenant=OTHER_TENANT))
    wrapped = [bytes(octets) for (octets,) in vault.sql("SELECT wrapped FROM purpose_key")]
    assert len(set(wrapped)) == len(wrapped)
    tenants = {tenant for (tenant,) in vault.sql("SELECT DISTINCT tenant FROM purpose_key")}
    assert tenants == {1, OTHER_TENANT}


def test_a_database_of_another_root_is_not_opened_and_nothing_is_made(
    vault: Vault, other_root: Path, clock: Clock
) -> None:
    vault.token()
    before = vault.dump()
    stranger = Roots(vault.database, [FileKeyProvider(other_root)], clock)
    for act in (stranger.open, stranger.prove):
        with pytest.raises(RootKeyError) as refused:
            act()
        assert refused.value.cause == "other_database"
    assert vault.dump() == before


def test_a_root_file_that_bears_the_right_name_and_the_wrong_key_is_found_out(
    vault: Vault, other_root: Path, clock: Clock
) -> None:
    right = (vault.keys / "root.key").read_text().split()
    wrong = (other_root / "root.key").read_text().split()
    (other_root / "root.key").write_text(f"{right[0]} {right[1]} {wrong[2]}\n")
    with pytest.raises(RootKeyError):
        Roots(vault.database, [FileKeyProvider(other_root)], clock).open()


ANOTHER = "(SELECT wrapped FROM purpose_key p WHERE p.tenant = {} AND p.usage = '{}')"


@pytest.mark.parametrize(
    "swap",
    [
        f"UPDATE purpose_key SET wrapped = {ANOTHER.format(2, 'token')} WHERE tenant = 1 AND usage = 'token'",
        f"UPDATE purpose_key SET wrapped = {ANOTHER.format(1, 'ref')} WHERE tenant = 1 AND usage = 'token'",
        f"UPDATE kek SET wrapped = {ANOTHER.format(1, 'ref')} WHERE tenant = 1",
        "UPDATE kek SET version = 2 WHERE tenant = 1",
    ],
    ids=["of_another_tenant", "of_another_usage", "a_purpose_key_as_kek", "another_version"],
)
def test_a_wrapped_key_in_another_place_opens_nothing(vault: Vault, swap: str) -> None:
    vault.token()
    vault.token(caller=vault.caller(tenant=OTHER_TENANT))
    assert vault.damage(swap) == 1
    with pytest.raises(IntegrityError):
        vault.another_process().keyring.of(1)


def test_nothing_of_the_keys_is_shown_by_printing_them(vault: Vault) -> None:
    keys = vault.keyring.of(1)
    assert repr(keys).startswith("<")
    assert "Key" not in repr(keys.token).replace("TokenKey", "")


def version_of(token: str) -> int:
    """The token-key version that an opaque token starts with."""
    return int.from_bytes(urlsafe_b64decode(token[4:8])[:2], "big")


def test_a_new_token_key_version_issues_and_the_old_ones_still_read(vault: Vault) -> None:
    old = vault.token()
    vault.keyring.renew_token_keys()
    new = vault.token(submitted("13987654321"))
    assert vault.seen(old, new) == ["13812345678", "13987654321"]
    assert vault.token() == old
    assert version_of(new) == version_of(old) + 1


def test_a_process_notices_that_another_one_has_new_keys(vault: Vault) -> None:
    vault.token()
    newer = vault.another_process()
    newer.keyring.renew_token_keys()
    theirs = newer.token(submitted("13987654321"))
    mine = vault.token(submitted("13711112222"))
    assert version_of(mine) == version_of(theirs)
    assert newer.seen(mine, theirs) == ["13711112222", "13987654321"]


def test_a_process_reads_a_token_of_a_version_that_it_has_not_met(vault: Vault) -> None:
    vault.token()
    newer = vault.another_process()
    newer.keyring.renew_token_keys()
    opaque, preserving = newer.token(submitted("13987654321")), newer.token(submitted(format="preserving"))
    assert vault.seen(opaque) == ["13987654321"]
    assert vault.another_process().seen(preserving, caller=vault.caller(preserving=True)) == ["13812345678"]


def test_a_process_looks_up_a_token_of_a_version_that_it_has_not_met(vault: Vault) -> None:
    vault.token()
    newer = vault.another_process()
    newer.keyring.renew_token_keys()
    token = newer.token(submitted("13987654321"))
    assert vault.tokens.get(vault.caller(), token).kind == "phone"


class Restorable:
    """A deployment on SQLite whose database file is copied and put back."""

    def __init__(self, directory: Path, template: Path) -> None:
        self._live, self._backup, self._keys = directory / "live.db", directory / "backup.db", directory / "keys"
        shutil.copy(template, self._live)
        self._open: list[Database] = []

    def start(self) -> Vault:
        database = Database(f"sqlite:///{self._live}")
        self._open.append(database)
        vault = Vault(database, self._keys, Clock(), Gates())
        vault.keyring.renew_token_keys()
        return vault

    def stop(self) -> None:
        for database in self._open:
            database.dispose()

    def copy(self) -> None:
        self.stop()
        shutil.copy(self._live, self._backup)

    def restore(self) -> None:
        self.stop()
        for path in self._live.parent.glob("live.db*"):
            path.unlink()
        shutil.copy(self._backup, self._live)


@pytest.fixture
def restorable(tmp_path: Path, sqlite_template: Path) -> Iterator[Restorable]:
    deployment = Restorable(tmp_path, sqlite_template)
    yield deployment
    deployment.stop()


@pytest.mark.parametrize(
    "options", [{}, {"mode": "fresh"}, {"format": "preserving"}], ids=["stable", "fresh", "preserving"]
)
@pytest.mark.parametrize("restarts", [0, 1], ids=["same_run", "restarted_in_between"])
def test_a_token_issued_after_the_backup_meets_nobody_elses_row_after_the_restore(
    restorable: Restorable, options: dict[str, str], restarts: int
) -> None:
    vault = restorable.start()
    before = vault.token(submitted(subject="cust-a", **options))
    restorable.copy()
    vault = restorable.start()
    for _ in range(restarts):
        vault = restorable.start()
    to_b = vault.token(submitted("13922222222", subject="cust-b", **options))
    restorable.restore()
    vault = restorable.start()
    to_c = vault.token(submitted("13733333333", subject="cust-c", **options))
    caller = vault.caller(preserving=True)
    assert vault.seen(before, to_b, to_c, caller=caller) == ["13812345678", "not_found", "13733333333"]
    assert vault.sql("SELECT count(*) FROM record") == [(2,)]
