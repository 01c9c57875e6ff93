"""New DEKs: everything of a person moves at once, what must stay stays, and only those who are asked for. On both databases."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from database.engine import Database
from database.statement import Statement
from tests.support.rotations import People, Rotations
from tests.support.vault import TENANT, Gates, Vault, submitted
from vault.rotation import reencryption
from vault.rotation.asking import Rotated


def sealed(vault: Vault) -> dict[int, bytes]:
    return {row: bytes(octets) for row, octets in vault.sql("SELECT id, sealed FROM record")}


def pseudonyms(vault: Vault) -> set[str]:
    return {one for entry in vault.entries(action="vault.detokenize") for one in entry.get("subjects", [])}


def test_all_of_a_person_is_sealed_anew_under_the_same_secret(rotations: Rotations, people: People) -> None:
    vault = rotations.vault
    assert people.unread(vault) == {}
    before, known, wrapped = sealed(vault), pseudonyms(vault), vault.sql("SELECT wrapped FROM dek")
    rotations.rotate(Rotated.DEK)
    after = sealed(vault)
    assert before.keys() == after.keys()
    assert not [row for row in before if before[row] == after[row]]
    assert {tuple(row) for row in vault.sql("SELECT version, seals FROM dek")} == {(2, 3)}
    assert vault.sql("SELECT DISTINCT sealed_under FROM subject") == [(2,)]
    assert not set(wrapped) & set(vault.sql("SELECT wrapped FROM dek"))
    fresh = vault.another_process()
    assert people.unread(fresh) == {}
    assert pseudonyms(fresh) == known
    assert fresh.token(submitted("13800000001", subject="cust-1")) == people.tokens["13800000001"]


def test_one_person_is_rotated_without_the_others(rotations: Rotations, people: People) -> None:
    number = rotations.number_of("cust-3")
    rotations.rotate(Rotated.DEK, subject=number)
    assert rotations.vault.sql("SELECT subject FROM dek WHERE version = 2") == [(number,)]
    assert people.unread(rotations.another_process().vault) == {}


def test_only_those_that_are_old_enough_are_rotated(rotations: Rotations, people: People) -> None:
    vault = rotations.vault
    vault.clock.advance(days=10)
    people.tokens["13799999999"] = vault.token(submitted("13799999999", subject="cust-young"))
    rotations.rotate(Rotated.DEK, before=vault.means.at() - 5 * 86_400_000)
    assert vault.sql("SELECT version, count(*) FROM dek GROUP BY version ORDER BY version") == [(1, 1), (2, 7)]
    assert people.unread(vault.another_process()) == {}


def test_a_person_with_more_records_than_a_page_moves_in_one_piece(rotations: Rotations, people: People) -> None:
    vault = rotations.vault
    for number in range(11):
        value = f"1390000{number:04}"
        people.tokens[value] = vault.token(submitted(value, subject="cust-1", mode="fresh"))
    rotations.rotate(Rotated.DEK)
    fresh = vault.another_process()
    assert people.unread(fresh) == {}
    number = rotations.number_of("cust-1")
    assert vault.sql("SELECT seals FROM dek WHERE subject = :number", number=number) == [(14,)]


@pytest.mark.parametrize("cached", [True, False], ids=["key_in_memory", "nothing_in_memory"])
def test_a_writer_that_waits_for_the_rotation_seals_under_the_new_key(
    database: Database, database_url: str, rotations: Rotations, people: People, cached: bool, dialect: str
) -> None:
    """On PostgreSQL the writer's statement began before the new DEK was there, and waits for the person's row."""
    theirs = Database(database_url)
    writer = Vault(theirs, rotations.vault.keys, rotations.vault.clock, Gates())
    if cached:
        assert people.unread(writer) == {}
    begun, pool = threading.Event(), ThreadPoolExecutor(1)
    pending: list[Future[str]] = []
    real = reencryption._keep

    def keep(*arguments: Any) -> None:
        if not begun.is_set():
            begun.set()
            pending.append(pool.submit(writer.token, submitted("13711112222", subject="cust-1")))
            waits(database, dialect)
        real(*arguments)

    try:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(reencryption, "_keep", keep)
            rotations.rotate(Rotated.DEK, subject=rotations.number_of("cust-1"))
        people.tokens["13711112222"] = pending[0].result(60)
        assert people.unread(rotations.another_process().vault) == {}
        assert people.unread(writer) == {}
    finally:
        pool.shutdown()
        theirs.dispose()


def waits(database: Database, dialect: str) -> None:
    """Return when somebody waits for a lock; SQLite's queue has nothing to look at."""
    if dialect == "sqlite":
        return
    waiting = Statement("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(3_000):
        if database.read(None, lambda tx: tx.one(waiting)) != (0,):
            return
        time.sleep(0.01)
    raise AssertionError("the writer does not wait")


def test_a_keyring_that_is_older_than_the_data_writes_nothing(rotations: Rotations, people: People) -> None:
    vault, number = rotations.vault, rotations.number_of("cust-1")
    old = vault.sql("SELECT version, kek, wrapped FROM dek WHERE subject = :number", number=number)[0]
    rotations.rotate(Rotated.DEK, subject=number)
    version, kek, wrapped = old
    vault.damage(
        "UPDATE dek SET version = :version, kek = :kek, wrapped = :wrapped WHERE subject = :number",
        number=number, version=version, kek=kek, wrapped=wrapped,
    )  # fmt: skip
    fresh, rows = vault.another_process(), vault.sql("SELECT count(*) FROM record")
    [answer] = fresh.tokenize(submitted("13711112222", subject="cust-1"))
    assert getattr(answer, "code", None) == "integrity"
    assert vault.sql("SELECT count(*) FROM record") == rows
    assert vault.sql("SELECT count(*) FROM dek WHERE tenant = :t", t=TENANT) == [(7,)]
