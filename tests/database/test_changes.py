"""What was read may be kept for as long as nobody has changed it, and never on trust alone."""

from collections.abc import Callable
from math import inf
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest

from database.changes import KEPT_SECONDS, Notifications
from database.engine import Database
from database.statement import Statement

NOTIFY = Statement("SELECT pg_notify('things', :payload)")


def write(database: Database, payload: str) -> None:
    """Change something and say so."""

    def work(tx: Any) -> None:
        if database.dialect == "sqlite":
            tx.reserve("tenant", 1)
        else:
            tx.one(NOTIFY, payload=payload)

    database.write(None, work)


def wait_for(met: Callable[[], bool]) -> None:
    until = monotonic() + 60
    while not met():
        assert monotonic() < until
        sleep(0.01)


def test_what_nobody_has_changed_is_kept_and_what_was_changed_is_not(database: Database) -> None:
    changes = database.changes("things", "tenant")
    wait_for(lambda: changes.age(changes.mark(), "a") is not None)
    mark = changes.mark()
    assert (changes.age(mark, "a") or 0.0) < KEPT_SECONDS
    write(database, "a")
    wait_for(lambda: changes.age(mark, "a") is None)
    assert changes.age(changes.mark(), "a") is not None or database.dialect == "sqlite"


def test_what_concerns_other_tables_changes_nothing(database: Database) -> None:
    changes = database.changes("things", "tenant")
    mark = changes.mark()
    insert = Statement("INSERT INTO worker (id, beat_at) VALUES ('w', 0)")
    database.write(None, lambda tx: tx.run(insert))
    assert changes.age(mark, "a") is not None


def test_a_change_by_another_process_is_noticed(database: Database, database_url: str) -> None:
    changes, other = database.changes("things", "tenant"), Database(database_url)
    mark = changes.mark()
    write(other, "b")
    wait_for(lambda: changes.age(mark, "b") is None)
    other.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize("dialect", ["postgresql"])
def test_an_own_word_vouches_for_what_is_older_than_the_bound(database: Database) -> None:
    changes = database.changes("things", "tenant")
    assert isinstance(changes, Notifications)
    wait_for(lambda: changes.age(changes.mark(), "a") is not None and changes._complete_to > -inf)
    mark = monotonic()
    wait_for(lambda: monotonic() - mark > KEPT_SECONDS + 0.1)
    wait_for(lambda: changes.age(mark, "a") is not None)
    age = changes.age(mark, "a")
    assert age is None or age < monotonic() - mark


def test_where_nothing_is_heard_only_the_bound_counts() -> None:
    def unreachable() -> Any:
        raise psycopg.OperationalError

    changes = Notifications("things", unreachable)
    now = monotonic()
    young = changes.age(now, "a")
    assert young is not None
    assert 0 <= young <= KEPT_SECONDS
    assert changes.age(now - KEPT_SECONDS - 0.01, "a") is None
    changes.close()
