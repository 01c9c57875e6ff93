"""Backups of a live database and their way back, on both databases."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pyrage.x25519 import Identity
from sqlalchemy import inspect

from database.columns import metadata
from database.engine import Database
from tests.support.backups import Safe, place_of, prepare, put_back
from tests.support.clock import Clock
from tests.support.vault import OTHER_TENANT, Gates, Vault, submitted
from vault.backup import making
from vault.backup.archive import Member
from vault.backup.halves import DATA, KEYRING, LEFT_OUT, Half, half_of
from vault.backup.manifest import Header
from vault.backup.reading import read_half
from vault.backup.restoring import Archives, check
from vault.errors import BackupError, LedgerError, RootKeyError
from vault.providers.file import FileKeyProvider
from vault.shred_ledger import ShredLedger
from vault.shredding import ShredReason


@pytest.fixture
def safe(tmp_path: Path) -> Safe:
    return Safe.new(tmp_path / "safe")


@pytest.fixture
def opened() -> Iterator[Callable[[str, Path, Clock], Vault]]:
    """Opens the vault of a restored database."""
    made: list[Vault] = []

    def start(url: str, keys: Path, clock: Clock) -> Vault:
        made.append(Vault(Database(url), keys, clock, Gates()))
        return made[-1]

    yield start
    for vault in made:
        vault.database.dispose()


Opened = Callable[[str, Path, Clock], Vault]


def shred(vault: Vault, subject: str) -> None:
    vault.shredding.shred(vault.caller("privacy_officer"), subject, ShredReason.ERASURE_REQUEST)


def fill(vault: Vault) -> list[str]:
    """Two tenants, several kinds and formats, a profile, an order."""
    tokens = [
        vault.token(),
        vault.token(submitted("王小明", "name", mode="fresh", max_uses=9)),
        vault.token(submitted("13987654321", subject="cust-2")),
    ]
    vault.token(caller=vault.caller(tenant=OTHER_TENANT))
    vault.token(submitted("13987654321", subject="cust-2", format="preserving"))
    vault.profiles.put(vault.caller(), "cust-1001", {"phone": "13711112222"}, type_="customer", purpose="account")
    return tokens


def test_every_table_belongs_to_one_half_or_is_left_out_on_purpose() -> None:
    undecided = []
    for name in metadata.tables:
        try:
            half_of(name)
        except LookupError:
            undecided.append(name)
    assert undecided == [], "say in vault/backup/halves.py where these tables belong"
    assert not KEYRING & DATA
    assert not LEFT_OUT & (KEYRING | DATA)


def test_no_wrapped_key_is_in_the_data_half() -> None:
    with_keys = {name for name, table in metadata.tables.items() if "wrapped" in table.columns}
    assert with_keys
    assert with_keys <= KEYRING


def test_the_models_name_every_table_of_the_database(vault: Vault) -> None:
    there = set(inspect(vault.database.engine).get_table_names()) - {"alembic_version"}
    assert there == KEYRING | DATA | LEFT_OUT


def test_what_was_backed_up_is_there_again(
    vault: Vault, safe: Safe, empty_url: str, clock: Clock, opened: Opened
) -> None:
    tokens = fill(vault)
    before = vault.dump()
    archives = safe.make(vault)
    checked, destroyed = put_back(archives, empty_url, vault.keys, clock)
    restored = opened(empty_url, vault.keys, clock)
    assert destroyed == 0
    assert checked.data.header.revision == before_revision(vault)
    after = restored.dump()
    assert restored.seen(*tokens) == ["13812345678", "王小明", "13987654321"]
    same = [
        name
        for name in before
        if name not in {"purpose_key", "keyring_epoch", "audit_act", "audit_entry", "shred_ledger"} | LEFT_OUT
    ]
    assert {name: sorted(after[name], key=repr) for name in same} == {
        name: sorted(before[name], key=repr) for name in same
    }
    assert set(before["audit_entry"]) <= set(after["audit_entry"])
    assert [e["actor"]["kind"] for e in restored.entries(0, action="backup.restore")] == ["operator"]
    (entry_of_data, entry_of_keyring) = sorted(vault.entries(0, action="backup.create"), key=lambda e: e["kind"])
    assert (entry_of_data["kind"], entry_of_keyring["kind"]) == ("data", "keyring")


def before_revision(vault: Vault) -> str:
    ((revision,),) = vault.sql("SELECT version_num FROM alembic_version")
    return str(revision)


def test_numbers_given_out_before_are_not_given_out_again(
    vault: Vault, safe: Safe, empty_url: str, clock: Clock, opened: Opened
) -> None:
    fill(vault)
    gone = vault.token(submitted("13800000009", subject="cust-9"))
    vault.tokens.revoke(vault.caller(), gone)
    ((last,),) = vault.sql("SELECT max(id) FROM record")
    put_back(safe.make(vault), empty_url, vault.keys, clock)
    restored = opened(empty_url, vault.keys, clock)
    restored.token(submitted("13800000010", subject="cust-10"))
    ((new,),) = restored.sql("SELECT max(id) FROM record")
    assert new > last + 1


def test_a_token_issued_after_the_backup_never_meets_a_row_issued_after_the_restore(
    vault: Vault, safe: Safe, empty_url: str, clock: Clock, opened: Opened
) -> None:
    fill(vault)
    archives = safe.make(vault)
    of_b = vault.token(submitted("13800000002", subject="b"))
    put_back(archives, empty_url, vault.keys, clock)
    restored = opened(empty_url, vault.keys, clock)
    of_c = restored.token(submitted("13800000003", subject="c"))
    assert restored.seen(of_b, of_c) == ["not_found", "13800000003"]


def test_a_person_erased_after_the_backup_is_erased_again_by_its_restore(
    vault: Vault, safe: Safe, empty_url: str, clock: Clock, opened: Opened
) -> None:
    tokens = fill(vault)
    archives = safe.make(vault)
    clock.advance(days=1)
    shred(vault, "cust-1001")
    _, destroyed = put_back(archives, empty_url, vault.keys, clock)
    restored = opened(empty_url, vault.keys, clock)
    assert destroyed == 1
    assert restored.seen(*tokens) == ["not_found", "not_found", "13987654321"]
    (answer,) = restored.tokenize(submitted())
    assert getattr(answer, "code", None) == "subject_erased"
    assert restored.sql("SELECT destroyed_at, reason, line FROM shredding") == [(1793692800000, "erasure_request", 3)]
    assert restored.sql("SELECT count(*) FROM record WHERE subject = 1") == [(0,)]
    (entry,) = restored.entries(action="vault.subject_shred")
    assert entry["actor"]["kind"] == "system"


def test_a_copy_of_the_files_put_back_by_hand_is_erased_again_by_a_start(
    vault: Vault, clock: Clock, opened: Opened, tmp_path: Path, database_url: str
) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("files of a server are not copied")
    tokens = fill(vault)
    vault.database.overwrite()
    shutil.copy(tmp_path / "data" / "moat.db", tmp_path / "old.db")
    shred(vault, "cust-1001")
    assert opened(f"sqlite:///{tmp_path / 'old.db'}", vault.keys, clock).seen(*tokens)[0] == "not_found"


def test_a_backup_is_one_moment_of_a_database_that_others_write(
    vault: Vault, safe: Safe, empty_url: str, clock: Clock, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writers go on between any two members of the archives; each value is there with its subject, key and entries, or not."""
    fill(vault)
    written: list[str] = []
    members = making._Contents.members

    def among_writers(contents: making._Contents) -> Iterator[Member]:
        for number, member in enumerate(members(contents)):
            subject = f"late-{len(written)}"
            with ThreadPoolExecutor(1) as other:
                written.append(other.submit(vault.token, submitted(f"139{number:08}", subject=subject)).result())
            yield member

    monkeypatch.setattr(making._Contents, "members", among_writers)
    archives = safe.make(vault)
    put_back(archives, empty_url, vault.keys, clock)
    restored = opened(empty_url, vault.keys, clock)
    assert len(written) > 10
    assert set(restored.seen(*written)) == {"not_found"}
    for table, column in (("record", "subject"), ("dek", "subject")):
        assert restored.sql(f"SELECT count(*) FROM {table} WHERE {column} NOT IN (SELECT id FROM subject)") == [(0,)]
    assert restored.sql("SELECT count(*) FROM subject") == [(3,)]


def test_archives_are_private_and_open_with_the_age_of_debian(vault: Vault, safe: Safe, tmp_path: Path) -> None:
    fill(vault)
    archives = safe.make(vault)
    for path, identity, half in (
        (archives.data, safe.data, Half.DATA),
        (archives.keyring, safe.keyring, Half.KEYRING),
    ):
        assert path.stat().st_mode & 0o777 == 0o600
        (tmp_path / "identity").write_text(identity + "\n")
        opened = subprocess.run(
            ["age", "--decrypt", "-i", str(tmp_path / "identity"), str(path)], capture_output=True, check=True
        )
        names = (
            subprocess.run(["tar", "t"], input=opened.stdout, capture_output=True, check=True).stdout.decode().split()
        )
        assert (names[0], names[-1]) == ("header.json", "summary.json")
        tables = {name.partition("/")[0] for name in names[1:-1]}
        assert tables <= (KEYRING if half is Half.KEYRING else DATA)
        header = subprocess.run(
            ["tar", "xO", "header.json"], input=opened.stdout, capture_output=True, check=True
        ).stdout
        assert Header.parse(header).half is half
    assert [path.name for path in safe.directory.iterdir() if path.name.startswith(".")] == []


def test_one_identity_does_not_open_the_other_half(vault: Vault, safe: Safe) -> None:
    archives = safe.make(vault)
    for path, identity, half in ((archives.data, safe.keyring, Half.DATA), (archives.keyring, safe.data, Half.KEYRING)):
        with pytest.raises(BackupError) as refused:
            read_half(path, [identity], half, vault.ledger.key)
        assert refused.value.cause == "not_openable"


def test_both_halves_are_in_the_ledger_before_they_are_anywhere_else(
    vault: Vault, safe: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "write_archive", lambda *_: (_ for _ in ()).throw(OSError("the disk is full")))
    with pytest.raises(OSError, match="full"):
        safe.make(vault, keyring_days=7, data_days=90)
    vault.ledger.advance()
    at = vault.means.at()
    assert [(one.code, one.at, one.until - at) for one in vault.ledger.backups()] == [
        ("keyring", at, 7 * 86_400_000),
        ("data", at, 90 * 86_400_000),
    ]
    assert list(safe.directory.iterdir()) == []


def refusal(archives: Archives, url: str, keys: Path, clock: Clock) -> str:
    """Why a restore is refused, which must leave nothing in the database."""
    with pytest.raises((BackupError, LedgerError, RootKeyError)) as refused:
        put_back(archives, url, keys, clock)
    place_of(url).require_empty()
    return str(getattr(refused.value, "cause", refused.value))


def test_a_restore_without_the_keyring_or_with_an_older_one_is_refused(
    vault: Vault, safe: Safe, empty_url: str, clock: Clock
) -> None:
    fill(vault)
    older = safe.make(vault)
    clock.advance(days=1)
    newer = safe.make(vault)
    assert refusal(safe.archives(older.keyring, newer.data), empty_url, vault.keys, clock) == "no_match"
    assert refusal(safe.archives(newer.keyring, older.data), empty_url, vault.keys, clock) == "no_match"
    assert refusal(safe.archives(newer.data, newer.data), empty_url, vault.keys, clock) == "other_half"
    assert refusal(safe.archives(newer.data, newer.keyring), empty_url, vault.keys, clock) == "other_half"


def test_a_restore_under_another_root_key_is_refused(vault: Vault, safe: Safe, empty_url: str, clock: Clock) -> None:
    fill(vault)
    archives = safe.make(vault)
    other = vault.keys.with_name("other-keys")
    shutil.copytree(vault.keys, other)
    root = (other / "root.key").read_text()
    (other / "root.key").write_text(root.replace(root.split()[1], "00" * 8))
    assert refusal(archives, empty_url, other, clock) in {"missing", "other_database"}
    (other / "root.key").write_text(root[:-8] + "AAAAAA=\n")
    assert refusal(archives, empty_url, other, clock) in {"other_database", "damaged"}


def test_a_restore_with_another_key_provider_is_refused(
    vault: Vault, safe: Safe, empty_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    archives = safe.make(vault)
    monkeypatch.setattr(FileKeyProvider, "name", "elsewhere")
    assert refusal(archives, empty_url, vault.keys, clock) == "other_provider"


def test_a_restore_with_an_older_ledger_is_refused(vault: Vault, safe: Safe, empty_url: str, clock: Clock) -> None:
    fill(vault)
    old = vault.keys.with_name("old-keys")
    shutil.copytree(vault.keys, old)
    shred(vault, "cust-2")
    archives = safe.make(vault)
    assert refusal(archives, empty_url, old, clock) == "behind_database"


def test_the_archives_of_another_deployment_are_refused(
    vault: Vault, safe: Safe, empty_url: str, clock: Clock, tmp_path: Path
) -> None:
    archives = safe.make(vault)
    other = tmp_path / "strangers"
    other.mkdir()
    ShredLedger(other, other).create()
    shutil.copy(vault.keys / "root.key", other)
    assert refusal(archives, empty_url, other, clock) == "unsigned"


def test_a_database_that_holds_anything_is_refused(vault: Vault, safe: Safe, clock: Clock, database_url: str) -> None:
    tokens = fill(vault)
    archives = safe.make(vault)
    with pytest.raises(BackupError) as refused:
        put_back(archives, database_url, vault.keys, clock)
    assert refused.value.cause == "not_empty"
    assert vault.seen(*tokens) == ["13812345678", "王小明", "13987654321"]


def test_an_empty_database_with_its_schema_is_good_enough(
    vault: Vault, safe: Safe, empty_url: str, clock: Clock, opened: Opened
) -> None:
    tokens = fill(vault)
    archives = safe.make(vault)
    prepare(empty_url, "head")
    put_back(archives, empty_url, vault.keys, clock)
    assert opened(empty_url, vault.keys, clock).seen(tokens[0]) == ["13812345678"]


@pytest.mark.parametrize("half", list(Half))
def test_a_damaged_archive_is_refused_wherever_it_is_damaged(
    vault: Vault, safe: Safe, empty_url: str, clock: Clock, half: Half
) -> None:
    fill(vault)
    archives = safe.make(vault)
    path = archives.data if half is Half.DATA else archives.keyring
    good = path.read_bytes()
    for octets in (
        good[:-1],
        good[: len(good) // 2],
        good[:200],
        b"",
        good + b"x",
        good[:250] + bytes([good[250] ^ 1]) + good[251:],
        good[: len(good) // 2] + bytes([good[len(good) // 2] ^ 1]) + good[len(good) // 2 + 1 :],
        good[:-5] + bytes([good[-5] ^ 1]) + good[-4:],
    ):
        path.write_bytes(octets)
        assert refusal(archives, empty_url, vault.keys, clock) in {"damaged", "not_openable"}
    path.write_bytes(good)
    assert check(archives, ShredLedger(vault.keys, vault.keys)).data.rows > 0


def test_the_same_recipient_for_both_halves_is_refused(vault: Vault, safe: Safe) -> None:
    safe.data = safe.keyring
    with pytest.raises(BackupError) as refused:
        safe.make(vault)
    assert refused.value.cause == "same_recipient"
    assert vault.ledger.backups() == []


def test_what_is_no_recipient_is_refused_before_the_ledger_says_anything(vault: Vault, safe: Safe) -> None:
    maker = making.BackupMaker(vault.database, vault.ledger, vault.means.log, vault.clock, "test")
    kept = {
        Half.KEYRING: making.Kept(["age1nonsense"], 1),
        Half.DATA: making.Kept([str(Identity.generate().to_public())], 1),
    }
    with pytest.raises(BackupError) as refused:
        maker.make(safe.directory, kept, vault.caller().actor)
    assert refused.value.cause == "recipient"
    assert vault.ledger.backups() == []
