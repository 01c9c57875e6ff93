"""Single statements without a transaction around them."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from database.engine import Database
from database.statement import Insertion, Statement
from tests.support.postgres import Cluster
from web.tables import Tenant

INSERT = Insertion(Tenant, ("id", "name", "region", "created_at"))
BY_NAME = Statement("SELECT id FROM tenant WHERE name = :name")
EVERY = Statement("SELECT id FROM tenant ORDER BY id")


def add(database: Database, number: int) -> None:
    database.write(None, lambda tx: tx.insert(INSERT, [(number, f"t{number}", "CN", 0)]))


def test_a_look_sees_what_was_committed_before_it(database: Database) -> None:
    for number in range(1, 30):
        add(database, number)
        assert database.look(BY_NAME, name=f"t{number}") == (number,)
    assert database.look(BY_NAME, name="nobody") is None


def test_a_look_that_leaves_rows_unread_holds_nothing_back(database: Database) -> None:
    for number in range(1, 10):
        add(database, number)
        assert database.look(EVERY) == (1,)


def test_a_look_cannot_change_anything(database: Database) -> None:
    add(database, 1)
    with pytest.raises(Exception, match=r"read-?only"):
        database.look(Statement("UPDATE tenant SET name = 'x' RETURNING id"))
    assert database.look(BY_NAME, name="t1") == (1,)


def test_many_look_at_once(database: Database) -> None:
    for number in range(1, 5):
        add(database, number)

    def look(number: int) -> bool:
        if number == 0:
            with pytest.raises(Exception, match=r"read-?only"):
                database.look(Statement("UPDATE tenant SET name = 'x' RETURNING id"))
            return True
        return database.look(BY_NAME, name=f"t{number}") == (number,)

    with ThreadPoolExecutor(12) as threads:
        assert all(threads.map(look, [place % 5 for place in range(600)]))


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_a_restarted_server_costs_no_look_an_error(database: Database, cluster: Cluster) -> None:
    add(database, 1)
    assert database.look(BY_NAME, name="t1") == (1,)
    with cluster.as_superuser("postgres") as superuser:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        assert superuser.execute(others, (database.engine.url.database,)).fetchall()
    assert database.look(BY_NAME, name="t1") == (1,)
