"""What PostgreSQL itself keeps apart, whatever statement is sent. SQLite has the tests' guard for it."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy.engine import make_url

from database.columns import metadata
from database.engine import Database
from database.pool import APPLICATION_ROLE
from database.statement import Insertion, Statement
from tests.support.postgres import OWNER, Cluster
from vault.tables import DisclosureBudget

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)]

BUDGETS = Insertion(DisclosureBudget, ("tenant", "credential", "day", "leased"))
EVERYTHING = Statement("SELECT tenant, leased FROM disclosure_budget ORDER BY tenant")


@pytest.fixture
def two_tenants(database: Database) -> Database:
    for tenant in (1, 2):
        database.write(tenant, lambda tx, tenant=tenant: tx.insert(BUDGETS, [(tenant, 7, 1, tenant * 10)]))  # type: ignore[misc]  # mypy cannot type a lambda's default
    return database


@pytest.fixture
def owner(database_url: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """A connection as the program opens it, before it becomes the application's role."""
    with psycopg.connect(make_url(database_url).set(drivername="postgresql").render_as_string(False)) as connection:
        yield connection


def test_a_tenant_sees_its_own_rows_and_no_other(two_tenants: Database) -> None:
    assert two_tenants.read(1, lambda tx: tx.all(EVERYTHING)) == [(1, 10)]
    assert two_tenants.read(2, lambda tx: tx.all(EVERYTHING)) == [(2, 20)]
    assert two_tenants.read(3, lambda tx: tx.all(EVERYTHING)) == []


def test_the_systems_own_scope_sees_all(two_tenants: Database) -> None:
    assert two_tenants.read(None, lambda tx: tx.all(EVERYTHING)) == [(1, 10), (2, 20)]


def test_a_tenant_cannot_change_or_delete_rows_of_another(two_tenants: Database) -> None:
    for text in ("UPDATE disclosure_budget SET leased = 0 WHERE tenant = 2", "DELETE FROM disclosure_budget"):
        two_tenants.write(1, lambda tx, text=text: tx.run(Statement(text)))  # type: ignore[misc]  # mypy cannot type a lambda's default
    assert two_tenants.read(2, lambda tx: tx.all(EVERYTHING)) == [(2, 20)]


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO disclosure_budget (tenant, credential, day, leased) VALUES (2, 9, 1, 1)",
        "UPDATE disclosure_budget SET tenant = 2 WHERE tenant = 1",
    ],
)
def test_a_tenant_cannot_put_rows_into_another(two_tenants: Database, text: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        two_tenants.write(1, lambda tx: tx.run(Statement(text)))
    assert two_tenants.read(2, lambda tx: tx.all(EVERYTHING)) == [(2, 20)]


def test_a_transaction_that_names_no_tenant_sees_nothing(
    two_tenants: Database, owner: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    assert owner.execute("SELECT count(*) FROM disclosure_budget").fetchone() == (0,)
    owner.execute(f"SET ROLE {APPLICATION_ROLE}".encode())
    assert owner.execute("SELECT count(*) FROM disclosure_budget").fetchone() == (0,)


def test_a_pooled_connection_forgets_the_tenant_of_its_last_transaction(two_tenants: Database) -> None:
    two_tenants.read(1, lambda tx: tx.all(EVERYTHING))
    with two_tenants.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM disclosure_budget").scalar() == 0


def test_every_table_with_a_tenant_is_protected_by_force(database: Database, cluster: Cluster) -> None:
    with cluster.as_superuser(str(database.engine.url.database)) as superuser:
        rows = superuser.execute(
            "SELECT relname FROM pg_class c WHERE relrowsecurity AND relforcerowsecurity AND relkind = 'r'"
            " AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)"
        ).fetchall()
    protected = {name for (name,) in rows}
    assert protected >= {table.name for table in metadata.tables.values() if "tenant" in table.c} | {"tenant"}


def test_the_program_works_under_a_role_that_owns_nothing_and_passes_no_security(
    database: Database, cluster: Cluster
) -> None:
    (role,) = database.read(1, lambda tx: tx.all(Statement("SELECT current_user")))[0]
    assert role == APPLICATION_ROLE
    with cluster.as_superuser(str(database.engine.url.database)) as superuser:
        for name in (APPLICATION_ROLE, OWNER):
            flags = "SELECT rolsuper, rolbypassrls, rolreplication FROM pg_roles WHERE rolname = %s"
            assert superuser.execute(flags, (name,)).fetchone() == (False, False, False)
        owners = superuser.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert owners == [(OWNER,)]


@pytest.mark.parametrize(
    "text",
    [
        "DROP TABLE disclosure_budget",
        "ALTER TABLE disclosure_budget DISABLE ROW LEVEL SECURITY",
        "DROP POLICY tenant_rows ON disclosure_budget",
        "CREATE TABLE mine (id int)",
        "TRUNCATE disclosure_budget",
    ],
)
def test_the_program_cannot_change_the_schema(database: Database, text: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.write(1, lambda tx: tx.run(Statement(text)))
