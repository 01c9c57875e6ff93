"""The end of key versions: refused while anything needs them, in the transaction that destroys, and for good."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from database.engine import Database
from database.transaction import Transaction
from tests.support.rotations import People, Rotations
from tests.support.vault import TENANT, Vault, submitted
from vault.errors import IntegrityError, KeyInUseError, KeyIsActiveError, NotFoundError
from vault.rotation.asking import Rotated
from vault.rotation.minting import KeyName
from vault.rotation.settling import settle
from vault.store import EPOCH


def active(rotations: Rotations, usage: str, scope: str = "") -> KeyName:
    found = [one for one in rotations.states(usage) if one[0] == scope and one[2] == "active"]
    return KeyName(usage, scope, found[0][1])


def test_the_version_in_use_is_not_destroyed(rotations: Rotations, people: People) -> None:
    for usage, scope in (("kek", ""), ("token", ""), ("search", "phone"), ("format", "phone")):
        name = active(rotations, usage, scope)
        with pytest.raises(KeyIsActiveError):
            rotations.ending.end(TENANT, name)
        with pytest.raises(NotFoundError):
            rotations.ending.end(TENANT, name._replace(version=name.version + 1))
    assert people.unread(rotations.another_process().vault) == {}


@pytest.mark.parametrize(
    ("usage", "scope", "what", "count"),
    [
        ("kek", "", "data_keys", 7),
        ("token", "", "records", 11),
        ("format", "phone", "records", 3),
        ("search", "phone", "search_rows", 7),
    ],
)
def test_a_version_that_something_needs_is_not_destroyed_and_the_refusal_says_what(
    rotations: Rotations, people: People, usage: str, scope: str, what: str, count: int
) -> None:
    name = active(rotations, usage, scope)
    rotations.minting.succeed(TENANT, [name])
    before = rotations.vault.dump()
    with pytest.raises(KeyInUseError) as refused:
        rotations.ending.end(TENANT, name)
    assert (refused.value.what, refused.value.count) == (what, count)
    assert rotations.vault.dump() == before
    assert people.unread(rotations.another_process().vault) == {}


def test_the_database_itself_keeps_a_kek_that_a_dek_names(rotations: Rotations, people: People) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        rotations.vault.damage("DELETE FROM kek WHERE tenant = 1")
    assert people.unread(rotations.another_process().vault) == {}


def test_a_destroyed_version_is_remembered_without_its_key(rotations: Rotations, people: People) -> None:
    vault = rotations.vault
    for key in (Rotated.KEK, Rotated.INDEX):
        rotations.rotate(key, destroy=True)
    assert rotations.states("kek") == [("", 1, "destroyed"), ("", 2, "active")]
    for table in ("kek", "purpose_key"):
        ended = vault.sql(f"SELECT wrapped, destroyed_at FROM {table} WHERE state = 'destroyed'")
        assert ended
        assert {bytes(wrapped) for wrapped, _ in ended} == {b""}
        assert all(at for _, at in ended)
    assert not rotations.end("kek", 1)
    assert vault.sql("SELECT DISTINCT epoch FROM search_index") == [(2,)]


def test_wrapped_octets_of_a_destroyed_version_are_in_no_file(
    database: Database, rotations: Rotations, people: People, tmp_path: Path, dialect: str
) -> None:
    if dialect != "sqlite":
        pytest.skip("the pages of PostgreSQL are vacuum's to overwrite")
    vault = rotations.vault
    doomed = [bytes(row[0]) for row in vault.sql("SELECT wrapped FROM kek")]
    doomed += [bytes(row[0]) for row in vault.sql("SELECT wrapped FROM purpose_key WHERE usage = 'search'")]
    stored = tmp_path / "data"
    database.overwrite()
    assert all(any(one in path.read_bytes() for path in stored.iterdir()) for one in doomed)
    rotations.rotate(Rotated.KEK, destroy=True)
    rotations.rotate(Rotated.INDEX)
    for path in stored.iterdir():
        assert not [one for one in doomed if one in path.read_bytes()], path.name


def test_token_versions_end_when_no_row_names_them_any_more(rotations: Rotations, people: People) -> None:
    vault = rotations.vault
    rotations.rotate(Rotated.TOKEN)
    newer = vault.token(submitted("13712345678", subject="cust-9"))
    rotations.rotate(Rotated.TOKEN, destroy=True)
    assert [state for _, _, state in rotations.states("token")] == ["decrypt-only", "decrypt-only", "active"]
    for token in [newer, *people.tokens.values()]:
        vault.tokens.revoke(vault.caller("privacy_officer", preserving=True), token)
    rotations.rotate(Rotated.TOKEN, destroy=True)
    assert [state for _, _, state in rotations.states("token")] == ["destroyed"] * 3 + ["active"]
    assert [state for _, _, state in rotations.states("format")] == ["destroyed"] * 3 + ["active"]
    assert vault.another_process().seen(newer) == ["not_found"]


def test_what_does_not_open_keeps_its_old_key_and_everything_else_moves(rotations: Rotations, people: People) -> None:
    vault = rotations.vault
    number = rotations.number_of("cust-2")
    swap = "UPDATE dek SET wrapped = (SELECT wrapped FROM dek WHERE subject = :other) WHERE subject = :number"
    vault.damage(swap, number=number, other=rotations.number_of("cust-1"))
    with pytest.raises(IntegrityError):
        rotations.rotate(Rotated.KEK, destroy=True)
    left = vault.sql("SELECT subject FROM dek WHERE kek <> (SELECT id FROM kek WHERE state = 'active')")
    assert left == [(number,)]
    assert rotations.states("kek") == [("", 1, "decrypt-only"), ("", 2, "active")]
    with pytest.raises(IntegrityError):
        rotations.rotate(Rotated.DEK)
    assert vault.sql("SELECT subject FROM dek WHERE version = 1") == [(number,)]
    with pytest.raises(IntegrityError):
        rotations.rotate(Rotated.INDEX)
    assert {state for scope, _, state in rotations.states("search") if scope == "phone"} == {"decrypt-only", "active"}
    for value in [value for value in people.tokens if value.endswith("0002") or value == "王小明2"]:
        people.tokens.pop(value)
    assert people.unread(vault.another_process()) == {}


def test_an_end_waits_for_those_who_still_use_the_keys_of_before(
    database: Database, database_url: str, vault: Vault, dialect: str
) -> None:
    if dialect == "sqlite":
        settle(database)
        return
    vault.token()
    other = Database(database_url)
    pool = ThreadPoolExecutor(2)
    read, ended = threading.Event(), threading.Event()

    def use(tx: Transaction) -> None:
        tx.one(EPOCH, tenant=TENANT)
        read.set()
        assert ended.wait(30)

    try:
        using = pool.submit(other.write, TENANT, use)
        assert read.wait(30)
        settling = pool.submit(settle, database)
        with pytest.raises(TimeoutError):
            settling.result(0.3)
        ended.set()
        settling.result(30)
        using.result(30)
    finally:
        ended.set()
        pool.shutdown()
        other.dispose()
