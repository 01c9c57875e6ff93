"""Transactions: durable, retried, refused, and bound to one tenant."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from database.engine import ATTEMPTS, ConflictError, Database
from database.statement import Insertion, Statement
from database.transaction import Transaction
from tests.support.postgres import Cluster
from vault.tables import DisclosureBudget

BUDGETS = Insertion(DisclosureBudget, ("tenant", "credential", "day", "leased"))
LEASED = Statement("SELECT leased FROM disclosure_budget WHERE tenant = :tenant AND day = :day")
LEASE = Statement("UPDATE disclosure_budget SET leased = leased + 1 WHERE tenant = :tenant AND day = :day")
FORGET = Statement("DELETE FROM disclosure_budget WHERE tenant = :tenant")


def leased(database: Database, day: int = 1) -> int | None:
    row = database.read(1, lambda tx: tx.one(LEASED, tenant=1, day=day))
    return None if row is None else int(row[0])


def test_an_address_that_is_neither_database_is_refused() -> None:
    with pytest.raises(ValueError, match="SQLite or PostgreSQL"):
        Database("mysql://localhost/moat")


def test_what_is_written_is_there_for_others_and_what_raises_is_not(database: Database) -> None:
    def fail(tx: Transaction) -> None:
        tx.insert(BUDGETS, [(1, 7, 2, 5)])
        raise LookupError

    database.write(1, lambda tx: tx.insert(BUDGETS, [(1, 7, 1, 5)]))
    with pytest.raises(LookupError):
        database.write(1, fail)
    assert (leased(database, 1), leased(database, 2)) == (5, None)


def test_a_read_refuses_every_change(database: Database) -> None:
    database.write(1, lambda tx: tx.insert(BUDGETS, [(1, 7, 1, 5)]))
    for change in (
        lambda tx: tx.insert(BUDGETS, [(1, 7, 2, 5)]),
        lambda tx: tx.run(LEASE, tenant=1, day=1),
        lambda tx: tx.run(FORGET, tenant=1),
        lambda tx: tx.reserve("record", 1),
    ):
        with pytest.raises((sqlite3.OperationalError, psycopg.errors.ReadOnlySqlTransaction)):
            database.read(1, change)
    assert leased(database) == 5


def test_a_read_sees_one_moment(database: Database) -> None:
    database.write(1, lambda tx: tx.insert(BUDGETS, [(1, 7, 1, 5)]))

    def twice(tx: Transaction) -> tuple[Any, Any]:
        before = tx.one(LEASED, tenant=1, day=1)
        with ThreadPoolExecutor(1) as other:
            other.submit(database.write, 1, lambda tx: tx.run(LEASE, tenant=1, day=1)).result()
        return before, tx.one(LEASED, tenant=1, day=1)

    assert database.read(1, twice) == ((5,), (5,))
    assert leased(database) == 6


def test_reads_that_go_together_see_one_moment_and_those_of_other_tenants_their_own(database: Database) -> None:
    database.write(1, lambda tx: tx.insert(BUDGETS, [(1, 7, 1, 5)]))

    def scope() -> int | None:
        return database.read(2, lambda tx: tx.tenant)

    def twice() -> tuple[int | None, ...]:
        before = leased(database)
        database.write(1, lambda tx: tx.run(LEASE, tenant=1, day=1))
        return before, scope(), database.together(1, lambda: leased(database)), leased(database)

    assert database.together(1, twice) == (5, 2, 5, 5)
    assert leased(database) == 6


def test_what_fails_among_reads_that_go_together_is_raised_and_leaves_nothing_shared(database: Database) -> None:
    def failing() -> None:
        leased(database)
        raise LookupError

    with pytest.raises(LookupError):
        database.together(1, failing)
    database.write(1, lambda tx: tx.insert(BUDGETS, [(1, 7, 1, 5)]))
    assert leased(database) == 5


def test_a_conflict_runs_the_whole_use_case_again(database: Database) -> None:
    attempts: list[int] = []

    def work(tx: Transaction) -> str:
        attempts.append(tx.insert(BUDGETS, [(1, 7, 1, len(attempts))]))
        if len(attempts) < 3:
            raise ConflictError
        return "done"

    assert database.write(1, work) == "done"
    assert len(attempts) == 3
    assert leased(database) == 2


def test_a_conflict_that_does_not_end_is_given_up(database: Database) -> None:
    attempts: list[int] = []

    def work(tx: Transaction) -> None:
        attempts.append(1)
        raise ConflictError

    with pytest.raises(ConflictError):
        database.write(1, work)
    assert len(attempts) == ATTEMPTS


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_two_that_insert_the_same_key_end_with_one_row_and_both_content(database: Database) -> None:
    meeting = threading.Barrier(2, timeout=10)
    met = threading.local()

    def work(tx: Transaction) -> bool:
        if tx.one(LEASED, tenant=1, day=1) is not None:
            return False
        if not hasattr(met, "once"):
            met.once = True
            meeting.wait()
        tx.insert(BUDGETS, [(1, 7, 1, 1)])
        return True

    with ThreadPoolExecutor(2) as threads:
        made = [call.result() for call in [threads.submit(database.write, 1, work) for _ in range(2)]]
    assert sorted(made) == [False, True]


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_two_that_wait_for_each_other_are_both_served(database: Database) -> None:
    database.write(1, lambda tx: tx.insert(BUDGETS, [(1, 7, 1, 0), (1, 7, 2, 0)]))
    meeting = threading.Barrier(2, timeout=10)
    met = threading.local()

    def crossing(first: int, second: int) -> None:
        def work(tx: Transaction) -> None:
            tx.run(LEASE, tenant=1, day=first)
            if not hasattr(met, "once"):
                met.once = True
                meeting.wait()
            tx.run(LEASE, tenant=1, day=second)

        database.write(1, work)

    with ThreadPoolExecutor(2) as threads:
        for call in [threads.submit(crossing, 1, 2), threads.submit(crossing, 2, 1)]:
            call.result()
    assert (leased(database, 1), leased(database, 2)) == (2, 2)


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_a_restarted_server_costs_no_call_an_error(database: Database, cluster: Cluster) -> None:
    everybody = threading.Barrier(5, timeout=10)
    with ThreadPoolExecutor(5) as threads:
        for call in [threads.submit(database.read, None, lambda tx: everybody.wait()) for _ in range(5)]:
            call.result()
    with cluster.as_superuser("postgres") as superuser:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        assert len(superuser.execute(others, (database.engine.url.database,)).fetchall()) == 5
    database.write(1, lambda tx: tx.insert(BUDGETS, [(1, 7, 1, 5)]))
    assert leased(database) == 5


def test_24_threads_count_to_the_right_number(database: Database) -> None:
    database.write(1, lambda tx: tx.insert(BUDGETS, [(1, 7, 1, 0)]))

    def count(_: int) -> None:
        for _ in range(5):
            database.write(1, lambda tx: tx.run(LEASE, tenant=1, day=1))

    with ThreadPoolExecutor(24) as threads:
        list(threads.map(count, range(24)))
    assert leased(database) == 120


def test_sqlite_keeps_what_it_has_acknowledged_and_clears_what_it_deletes(tmp_path: Any) -> None:
    database = Database(f"sqlite:///{tmp_path / 'moat.db'}")
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "trusted_schema")

    def settings(tx: Transaction) -> list[Any]:
        return [tx.one(Statement(f"PRAGMA {name}")) for name in pragmas]

    expected = [("wal",), (2,), (1,), (1,), (0,)]
    assert database.write(None, settings) == expected
    assert database.read(None, settings) == expected
    database.dispose()


def test_reserved_numbers_ascend_and_are_never_given_out_again(database: Database) -> None:
    def take(count: int, *, fail: bool = False) -> list[int]:
        def work(tx: Transaction) -> list[int]:
            numbers = list(tx.reserve("record", count))
            if fail:
                raise LookupError
            return numbers

        return database.write(1, work)

    first = take(3)
    with pytest.raises(LookupError):
        take(5, fail=True)
    second = take(2)
    database.write(1, lambda tx: tx.run(Statement("DELETE FROM record WHERE tenant = :tenant"), tenant=1))
    third = take(4)
    given = first + second + third
    assert given == sorted(set(given))
    assert (len(first), len(second), len(third)) == (3, 2, 4)


def test_numbers_reserved_by_24_threads_are_all_different(database: Database) -> None:
    with ThreadPoolExecutor(24) as threads:
        calls = [threads.submit(database.write, 1, lambda tx: list(tx.reserve("record", 7))) for _ in range(48)]
        numbers = [number for call in calls for number in call.result()]
    assert len(set(numbers)) == 48 * 7


def test_a_database_goes_on_after_it_was_disposed(database: Database) -> None:
    database.write(1, lambda tx: tx.insert(BUDGETS, [(1, 7, 1, 5)]))
    database.dispose()
    assert leased(database) == 5
    database.write(1, lambda tx: tx.run(LEASE, tenant=1, day=1))
    assert leased(database) == 6
