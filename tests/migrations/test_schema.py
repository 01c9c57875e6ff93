"""Revisions: they make what the models say, go up and down, with data, once, and never over a newer schema."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.engine import make_url

from database.engine import Database
from migrations import schema
from migrations.schema import SchemaState, SchemaTooNewError
from tests.support.clock import Clock
from tests.support.vault import Gates, Vault, submitted

ROOT = Path(__file__).parents[2]
OLDEST_FIRST = [
    revision.revision for revision in reversed([*ScriptDirectory(str(ROOT / "migrations")).walk_revisions()])
]


def downgrade(url: str, revision: str) -> None:
    with schema._connected(make_url(url)) as connection:
        command.downgrade(schema.configuration(connection), revision)


def described(url: str) -> dict[str, Any]:
    """Everything that a revision may change, in an order of its own."""
    engine = create_engine(url)
    with engine.connect() as connection:
        looked_at = inspect(connection)
        columns = looked_at.get_multi_columns()
        kinds: list[Any] = [
            looked_at.get_multi_foreign_keys(),
            looked_at.get_multi_unique_constraints(),
            looked_at.get_multi_indexes(),
        ]
        keys = looked_at.get_multi_pk_constraint()
        found: dict[str, Any] = {
            name: (_columns(columns[place]), keys[place], *(_sorted(kind[place]) for kind in kinds))
            for place in sorted(columns, key=str)
            if (name := place[1]) != "alembic_version"
        }
        if connection.dialect.name == "postgresql":
            found["security"] = _security(connection)
    engine.dispose()
    return found


def _columns(columns: Any) -> Any:
    return {one["name"]: (str(one["type"]), one["nullable"], one["default"]) for one in columns}


def _sorted(found: Any) -> Any:
    return sorted((_index(one) if "dialect_options" in one else one for one in found), key=str)


def _index(one: Any) -> Any:
    """An index with its condition as text, by which two can be compared."""
    return {**one, "dialect_options": {name: str(value) for name, value in one.get("dialect_options", {}).items()}}


def _security(connection: Connection) -> Any:
    protected = (
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relkind = 'r' AND relname <> :none"
    )
    policies = "SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies WHERE tablename <> :none"
    grants = "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = 'moat_app'"
    grants += " AND table_name <> :none"
    none = {"none": "alembic_version"}
    return [
        sorted(map(tuple, connection.execute(text(query), none)), key=str) for query in (protected, policies, grants)
    ]


def test_the_newest_revision_makes_what_the_models_say(database_url: str) -> None:
    with schema._connected(make_url(database_url)) as connection:
        command.check(schema.configuration(connection))


def test_every_revision_goes_up_down_and_up_again_to_the_same_schema(empty_url: str) -> None:
    url, before, lower = make_url(empty_url), described(empty_url), "base"
    for revision in OLDEST_FIRST:
        schema.migrate(url, revision)
        after = described(empty_url)
        assert after != before, f"{revision} changes nothing"
        downgrade(empty_url, lower)
        assert described(empty_url) == before, f"{revision} does not go down to what was before it"
        schema.migrate(url, revision)
        assert described(empty_url) == after, f"{revision} goes up to something else the second time"
        before, lower = after, revision


def test_data_of_the_first_schema_survives_every_revision_up_and_down(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    vault = Vault(database, tmp_path / "keys", Clock(), Gates())
    tokens = [vault.token(), vault.token(submitted("王小明", "name", mode="fresh", max_uses=9))]
    vault.profiles.put(vault.caller(), "cust-1001", {"phone": "13987654321"}, type_="customer", purpose="account")
    before = {name: rows for name, rows in vault.dump().items() if name in {"record", "subject", "dek", "search_index"}}
    database.dispose()
    downgrade(database_url, OLDEST_FIRST[0])
    assert schema.state(make_url(database_url)) is (SchemaState.OLDER if len(OLDEST_FIRST) > 1 else SchemaState.CURRENT)
    for revision in OLDEST_FIRST[1:]:
        schema.migrate(make_url(database_url), revision)
    restarted = vault.another_process()
    after = restarted.dump()
    assert {name: after[name] for name in before} == before
    assert restarted.seen(*tokens) == ["13812345678", "王小明"]


def test_a_revision_sees_the_rows_of_all_tenants(database: Database, database_url: str, tmp_path: Path) -> None:
    vault = Vault(database, tmp_path / "keys", Clock(), Gates())
    for tenant in (1, 2):
        vault.token(caller=vault.caller(tenant=tenant))
    with schema._connected(make_url(database_url)) as connection:
        assert connection.execute(text("SELECT count(*) FROM record")).scalar() == 2


def test_a_schema_says_how_far_it_is(empty_url: str) -> None:
    url = make_url(empty_url)
    assert schema.state(url) is SchemaState.EMPTY
    for revision in OLDEST_FIRST:
        schema.migrate(url, revision)
        newest = revision == OLDEST_FIRST[-1]
        assert schema.state(url) is (SchemaState.CURRENT if newest else SchemaState.OLDER)
    schema.migrate(url)
    assert schema.state(url) is SchemaState.CURRENT


def test_a_newer_schema_is_refused_in_words_and_left_alone(database_url: str) -> None:
    with schema._connected(make_url(database_url)) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = described(database_url)
    assert schema.state(make_url(database_url)) is SchemaState.NEWER
    with pytest.raises(SchemaTooNewError, match="later version of Moat"):
        schema.migrate(make_url(database_url))
    assert described(database_url) == before


def test_processes_that_migrate_at_once_take_turns(empty_url: str) -> None:
    program = "import sys; from migrations import schema; from sqlalchemy import make_url; schema.migrate(make_url(sys.argv[1]))"
    command_line = [sys.executable, "-c", program, empty_url]
    running = [subprocess.Popen(command_line, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    ended = [(process.communicate(timeout=60)[1], process.returncode) for process in running]
    assert [code for _, code in ended] == [0, 0, 0], ended
    assert schema.state(make_url(empty_url)) is SchemaState.CURRENT


def test_a_migration_that_fails_leaves_nothing_behind(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = command.upgrade

    def upgrade_and_fail(config: Config, revision: str) -> None:
        upgrade(config, revision)
        raise OSError("the machine stops here")

    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", upgrade_and_fail)
        with pytest.raises(OSError, match="stops here"):
            schema.migrate(make_url(empty_url))
    assert schema.state(make_url(empty_url)) is SchemaState.EMPTY
    assert [name for name in described(empty_url) if name != "security"] == []
