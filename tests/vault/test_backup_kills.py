"""`kill -9` in the middle of a backup, of a restore and of a shredding: nothing half done is ever taken for whole."""

import signal
from pathlib import Path

import pytest

from database.engine import Database
from tests.support.backups import Safe
from tests.support.clock import Clock
from tests.support.killed import Kill, run
from tests.support.vault import Gates, Vault, submitted
from vault.backup.halves import Half
from vault.shred_ledger import ShredLedger
from vault.shredding import ShredReason


def where(url: str, keys: Path) -> list[str]:
    """The options that name a deployment: on SQLite the directory of its file."""
    if url.startswith("sqlite"):
        return ["--data", str(Path(url.removeprefix("sqlite:///")).parent), "--keys", str(keys)]
    return ["--data", str(keys.parent / "data-of-postgresql"), "--keys", str(keys), "--database", url]


def files(safe: Safe, directory: Path) -> list[str]:
    """Options that name both identities."""
    for name, text in (("keyring.id", safe.keyring), ("data.id", safe.data)):
        (directory / name).write_text(text + "\n")
    return ["--identity", str(directory / "keyring.id"), "--identity", str(directory / "data.id")]


def creating(safe: Safe, url: str, keys: Path) -> list[str]:
    to = ["--keyring-recipient", safe.recipient(Half.KEYRING), "--data-recipient", safe.recipient(Half.DATA)]
    return ["backup", "create", str(safe.directory), *to, *where(url, keys)]


CREATE_POINTS = [
    Kill("vault.shred_ledger:ShredLedger.append", after=True),
    Kill("vault.shred_ledger:ShredLedger._write_head", 2),
    Kill("vault.backup.store:rows_of", 2),
    Kill("vault.backup.making:write_archive", after=True),
    Kill("vault.backup.store:rows_of", 20),
    Kill("pathlib:Path.rename", 2),
    Kill("audit.log:AuditLog.append"),
]


@pytest.mark.parametrize("kill", CREATE_POINTS, ids=lambda kill: f"{kill.target.rpartition(':')[2]}-{kill.number}")
def test_a_backup_that_was_killed_is_no_backup_and_the_next_one_is_good(
    vault: Vault, database_url: str, tmp_path: Path, kill: Kill
) -> None:
    safe = Safe.new(tmp_path / "safe")
    tokens = [vault.token(), vault.token(submitted("13987654321", subject="cust-2"))]
    vault.database.dispose()
    ended = run(creating(safe, database_url, vault.keys), tmp_path / "said", kill)
    assert ended.code == -signal.SIGKILL, ended.said
    whole = [path for path in safe.directory.iterdir() if not path.name.startswith(".")]
    assert len([path for path in whole if path.name.endswith(".data.age")]) <= 1
    for path in safe.directory.iterdir():
        octets = path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600
        assert b"ndjson" not in octets
        assert octets.startswith(b"age-encryption.org/v1") or not octets
    if len(whole) < 2:
        before = set(whole)
        again = run(creating(safe, database_url, vault.keys), tmp_path / "said")
        assert again.code == 0, again.said
        whole = [path for path in safe.directory.iterdir() if not path.name.startswith(".") and path not in before]
    data, keyring = sorted(whole)
    verify = ["backup", "verify", str(data), str(keyring), *files(safe, tmp_path), *where(database_url, vault.keys)]
    verified = run(verify, tmp_path / "said")
    assert (verified.code, verified.said[:5]) == (0, "good:"), verified.said
    assert vault.another_process().seen(*tokens) == ["13812345678", "13987654321"]


RESTORE_POINTS = [
    Kill("vault.backup.places:Place.require_empty", after=True),
    Kill("vault.backup.restoring:insertion", 4, after=True),
    Kill("vault.backup.restoring:put_sequence", 2, after=True),
    Kill("composition.backup:_finish"),
    Kill("vault.destruction:Destruction._again"),
    Kill("vault.keyring:Keyring.renew_token_keys", after=True),
    Kill("vault.backup.places:Place.settle"),
    Kill("vault.backup.places:Place.settle", after=True),
]


@pytest.mark.parametrize("kill", RESTORE_POINTS, ids=lambda kill: f"{kill.target.rpartition(':')[2]}-{kill.after}")
def test_a_restore_that_was_killed_is_done_again_or_finished_by_a_start(
    vault: Vault, empty_url: str, tmp_path: Path, clock: Clock, kill: Kill
) -> None:
    safe = Safe.new(tmp_path / "safe")
    erased, kept = vault.token(), vault.token(submitted("13987654321", subject="cust-2"))
    archives = safe.make(vault)
    vault.shredding.shred(vault.caller("privacy_officer"), "cust-1001", ShredReason.TEST)
    url = empty_url
    if url.startswith("sqlite"):
        (tmp_path / "new").mkdir(mode=0o700)
        url = f"sqlite:///{tmp_path / 'new' / 'moat.db'}"
    arguments = ["backup", "restore", str(archives.data), str(archives.keyring)]
    arguments += [*files(safe, tmp_path), *where(url, vault.keys)]
    vault.database.dispose()
    place = "SqlitePlace" if url.startswith("sqlite") else "PostgresqlPlace"
    ended = run(arguments, tmp_path / "said", kill._replace(target=kill.target.replace(":Place.", f":{place}.")))
    assert ended.code == -signal.SIGKILL, ended.said
    again = run(arguments, tmp_path / "said")
    assert again.code == 0 or "not empty" in again.said, again.said
    restored = Vault(Database(url), vault.keys, clock, Gates())
    assert restored.seen(erased, kept) == ["not_found", "13987654321"]
    assert restored.sql("SELECT count(*) FROM dek WHERE subject = 1") == [(0,)]
    restored.database.dispose()


def test_the_ledger_is_whole_after_all_that(vault: Vault, database_url: str, tmp_path: Path) -> None:
    """A run that was killed between a line and its head leaves a ledger that goes on."""
    safe = Safe.new(tmp_path / "safe")
    vault.token()
    vault.database.dispose()
    run(creating(safe, database_url, vault.keys), tmp_path / "said", Kill("vault.shred_ledger:ShredLedger._write_head"))
    ledger = ShredLedger(vault.keys, vault.keys)
    ledger.open()
    assert ledger.verify() == 1
    archives = safe.make(vault)
    ledger.advance()
    assert ledger.verify() == 3
    assert archives.data.exists()
