"""The stored numbering against the root that was signed for it, on both databases."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from audit.entry import Act, Action, Actor, ActorKind
from audit.event_id import uuid7
from audit.merkle import leaf_hash
from audit.verification import verify
from database.columns import millis
from database.engine import Database
from database.statement import Statement
from tests.audit.deployment import Log
from tests.support.clock import Clock

ENTRIES = 300


@pytest.fixture
def published(database: Database, tmp_path: Path, clock: Clock) -> Log:
    log = Log(database, tmp_path / "audit", clock)
    log.act(ENTRIES)
    log.publish()
    return log


def tamper(log: Log, text: str, **parameters: Any) -> None:
    if log.database.dialect == "sqlite":
        log.database._write_queue()._connection.execute("PRAGMA foreign_keys = OFF")
    assert log.database.write(None, lambda tx: tx.run(Statement(text), **parameters)) == 1


def found(log: Log) -> list[tuple[str, str]]:
    return [(one.where, one.why) for one in verify(log.database).divergences]


def test_a_published_log_is_in_order_and_so_are_entries_that_wait_for_their_number(published: Log) -> None:
    assert found(published) == []
    published.act(5)
    verdict = verify(published.database)
    assert (verdict.divergences, verdict.entries) == ((), ENTRIES + 5)


def test_a_number_taken_away_is_named(published: Log) -> None:
    tamper(published, "DELETE FROM audit_leaf WHERE leaf_index = 117")
    assert ("log 1, index 117", "has no entry") in found(published)


def test_numbers_cut_off_at_the_end_are_missed(published: Log) -> None:
    tamper(published, f"DELETE FROM audit_leaf WHERE leaf_index = {ENTRIES - 1}")
    assert (f"log 1, index {ENTRIES - 1}", "has no entry") in found(published)


def test_two_entries_whose_numbers_were_exchanged_do_not_have_the_signed_root(published: Log) -> None:
    rows = published.database.read(None, lambda tx: tx.all(Statement("SELECT leaf_index, entry FROM audit_leaf")))
    entries: dict[int, int] = dict(rows)
    for index in (8, 9):
        tamper(published, f"DELETE FROM audit_leaf WHERE leaf_index = {index}")
    for index, other in ((8, 9), (9, 8)):
        text = "INSERT INTO audit_leaf (log, leaf_index, entry) VALUES (1, :index, :entry)"
        tamper(published, text, index=index, entry=entries[other])
    assert found(published) == [("log 1", f"the first {ENTRIES} entries do not have the root that was signed for them")]


def test_an_act_and_entry_rewritten_together_do_not_have_the_signed_root(published: Log, clock: Clock) -> None:
    row = published.database.read(
        None, lambda tx: tx.one(Statement("SELECT tenant, act FROM audit_entry WHERE id = 5"))
    )
    assert row is not None
    event = str(UUID(bytes=bytes(row[1])))
    at = millis(clock())
    (body,) = Act(Action.DETOKENIZE, Actor(ActorKind.OPERATOR), row[0], at, str(uuid7(at))).entries(event)
    tamper(published, "UPDATE audit_entry SET body = :body, leaf = :leaf WHERE id = 5", body=body, leaf=leaf_hash(body))
    assert found(published) == [("log 1", f"the first {ENTRIES} entries do not have the root that was signed for them")]


@pytest.mark.parametrize("change", ["note = :note", "size = 299"])
def test_a_checkpoint_that_is_none_of_this_log_is_said_to_be(published: Log, change: str) -> None:
    newest = f"UPDATE audit_checkpoint SET {change} WHERE size = {ENTRIES}"
    tamper(published, newest, **({"note": b"not a note"} if ":note" in change else {}))
    assert found(published) == [("log 1", "its stored checkpoint is none of this log")]
