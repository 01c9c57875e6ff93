"""Statements that travel together: answered in order, and undone together."""

from typing import Any

import psycopg
import pytest

from database.engine import ConflictError, Database
from database.statement import Insertion, Statement
from database.transaction import Transaction
from tests.support.postgres import Cluster
from vault.tables import DisclosureBudget

BUDGETS = Insertion(DisclosureBudget, ("tenant", "credential", "day", "leased"))
LEASED = Statement("SELECT leased FROM disclosure_budget WHERE tenant = :tenant AND day = :day")
LEASE = Statement("UPDATE disclosure_budget SET leased = leased + 1 WHERE tenant = :tenant AND day = :day")
DAYS = Statement("SELECT day FROM disclosure_budget WHERE tenant = :tenant ORDER BY day")
NUMBERS = Statement("SELECT CAST(:text AS TEXT), q.n FROM {q} ORDER BY q.n", many={"q": {"n": "bigint"}})


def days(database: Database) -> list[int]:
    return [row[0] for row in database.read(1, lambda tx: tx.all(DAYS, tenant=1))]


def test_what_is_put_is_seen_by_the_next_statement_and_stored_with_the_rest(database: Database) -> None:
    def work(tx: Transaction) -> list[Any]:
        tx.put(BUDGETS, [(1, 7, 1, 5)])
        tx.put(BUDGETS, [(1, 7, day, 5) for day in (2, 3)])
        seen = tx.all(DAYS, tenant=1)
        tx.put(BUDGETS, [(1, 7, 4, 5)])
        tx.put(BUDGETS, [])
        return seen

    assert database.write(1, work) == [(1,), (2,), (3,)]
    assert days(database) == [1, 2, 3, 4]


def test_nothing_but_what_is_put_is_stored_too(database: Database) -> None:
    database.write(1, lambda tx: tx.put(BUDGETS, [(1, 7, 1, 5)]))
    assert days(database) == [1]


def test_what_was_put_and_fails_undoes_everything(database: Database) -> None:
    database.write(1, lambda tx: tx.put(BUDGETS, [(1, 7, 1, 5)]))

    def work(tx: Transaction) -> None:
        tx.run(LEASE, tenant=1, day=1)
        tx.put(BUDGETS, [(1, 7, 2, 5)])
        tx.put(BUDGETS, [(1, 7, 1, 5)])

    with pytest.raises(Exception, match=r"(?i)unique"):
        database.write(1, work)
    assert days(database) == [1]
    assert database.read(1, lambda tx: tx.one(LEASED, tenant=1, day=1)) == (5,)


def test_what_was_put_is_forgotten_when_the_use_case_fails(database: Database) -> None:
    def fail(tx: Transaction) -> None:
        tx.put(BUDGETS, [(1, 7, 1, 5)])
        raise LookupError

    with pytest.raises(LookupError):
        database.write(1, fail)
    database.write(1, lambda tx: tx.put(BUDGETS, [(1, 7, 2, 5)]))
    assert days(database) == [2]


def test_a_use_case_that_runs_again_puts_its_rows_once(database: Database) -> None:
    attempts: list[int] = []

    def work(tx: Transaction) -> None:
        tx.put(BUDGETS, [(1, 7, 1, 5)])
        attempts.append(1)
        if len(attempts) < 3:
            raise ConflictError

    database.write(1, work)
    assert days(database) == [1]


def test_an_answer_that_is_asked_for_later_is_that_of_its_place(database: Database) -> None:
    def work(tx: Transaction) -> list[Any]:
        tx.put(BUDGETS, [(1, 7, 1, 5)])
        before = tx.later(LEASED, tenant=1, day=1)
        tx.run(LEASE, tenant=1, day=1)
        after, none = tx.later(LEASED, tenant=1, day=1), tx.later(LEASED, tenant=1, day=9)
        return [before(), after(), none(), before()]

    assert database.write(1, work) == [(5,), (6,), None, (5,)]


def test_one_row_of_parameters_reads_like_many(database: Database) -> None:
    def ask(*numbers: int) -> list[Any]:
        return database.read(None, lambda tx: tx.all(NUMBERS, rows=[(n,) for n in numbers], text="a"))

    assert ask(7) == [("a", 7)]
    assert ask(*range(40)) == [("a", n) for n in range(40)]


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
@pytest.mark.postgres
@pytest.mark.parametrize("alone", [True, False], ids=["what is put alone", "what is asked"])
def test_a_connection_that_died_in_the_pool_costs_no_call_an_error(
    database: Database, cluster: Cluster, alone: bool
) -> None:
    database.write(1, lambda tx: tx.run(LEASE, tenant=1, day=1))
    with cluster.as_superuser("postgres") as superuser:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        assert superuser.execute(others, (database.engine.url.database,)).fetchall() == [(True,)]

    def work(tx: Transaction) -> None:
        if not alone:
            tx.run(LEASE, tenant=1, day=1)
        tx.put(BUDGETS, [(1, 7, 1, 5)])

    database.write(1, work)
    assert days(database) == [1]


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_a_connection_that_dies_in_the_middle_is_an_error_and_not_done_again(
    database: Database, cluster: Cluster
) -> None:
    attempts: list[int] = []

    def work(tx: Transaction) -> None:
        attempts.append(tx.insert(BUDGETS, [(1, 7, 1, 5)]))
        with cluster.as_superuser("postgres") as superuser:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            superuser.execute(others, (database.engine.url.database,))
        tx.put(BUDGETS, [(1, 7, 2, 5)])

    with pytest.raises(psycopg.OperationalError):
        database.write(1, work)
    assert attempts == [1]
    assert days(database) == []
