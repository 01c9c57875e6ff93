"""The guard that stands in for row level security on SQLite must itself be able to refuse."""

import pytest

import vault.tables
import web.tables
from database.engine import Database
from database.statement import Statement
from tests.support.tenant_guard import TenantMissingError, refuse_without_tenant

REGISTERED = (vault.tables, web.tables)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM record WHERE tenant = ? AND id = ?",
        "SELECT * FROM record r JOIN subject s ON s.tenant = r.tenant AND s.id = r.subject WHERE r.tenant = ?",
        "SELECT * FROM (SELECT column1 AS id FROM (VALUES (?))) AS q CROSS JOIN record r WHERE r.tenant = ? AND r.id = q.id",
        "UPDATE record SET uses_left = 1 WHERE tenant = ? AND id = ?",
        "INSERT INTO record (id, tenant) VALUES (?,?) ON CONFLICT DO NOTHING",
        "DELETE FROM subject WHERE tenant = ? AND EXISTS (SELECT 1 FROM record r WHERE r.tenant = subject.tenant)",
        "SELECT id FROM kek WHERE tenant = ? UNION ALL SELECT id FROM purpose_key WHERE tenant = ?",
        "SELECT id, root FROM keyring_root",
        "SELECT name FROM tenant WHERE id = ?",
        "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ? RETURNING seq",
    ],
)
def test_a_statement_bound_to_its_tenant_passes(text: str) -> None:
    refuse_without_tenant(text, 1)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM record",
        "SELECT * FROM record WHERE id = ?",
        "SELECT * FROM record r JOIN subject s ON s.id = r.subject WHERE r.tenant = ?",
        "SELECT * FROM record r JOIN subject s ON s.tenant = r.tenant WHERE r.id = ?",
        "SELECT * FROM record r, subject s WHERE r.tenant = ? AND s.id = r.subject",
        "UPDATE record SET uses_left = ? WHERE id = ?",
        "UPDATE record SET tenant = tenant WHERE id = ?",
        "DELETE FROM record",
        "INSERT INTO record (id, subject) VALUES (?,?)",
        "INSERT INTO record (id, tenant) SELECT id, tenant FROM record",
        "SELECT id FROM kek WHERE tenant = ? UNION ALL SELECT id FROM purpose_key",
        "SELECT name FROM tenant WHERE name = ?",
    ],
)
def test_a_statement_that_would_reach_other_tenants_is_refused(text: str) -> None:
    with pytest.raises(TenantMissingError):
        refuse_without_tenant(text, 1)
    refuse_without_tenant(text, None)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_databases_of_the_tests_are_guarded(database: Database) -> None:
    with pytest.raises(TenantMissingError):
        database.write(1, lambda tx: tx.run(Statement("DELETE FROM record")))
    with pytest.raises(TenantMissingError):
        database.read(1, lambda tx: tx.all(Statement("SELECT id FROM record")))
