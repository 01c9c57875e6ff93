"""Deployments prepared as `moat serve` prepares them, over a schema that this process has made once."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.engine import make_url

from deployment import prepare
from migrations import schema
from settings import SQLITE_FILE, Settings
from web.directories import make_private


def prepared(chosen: Settings) -> None:
    """Bring directories and schema into being; on SQLite the database is a copy of one that was migrated before."""
    if chosen.on_sqlite and not (chosen.data / SQLITE_FILE).exists():
        make_private(chosen.data)
        (chosen.data / SQLITE_FILE).write_bytes(migrated())
    prepare(chosen)


@cache
def migrated() -> bytes:
    """An SQLite database with the schema of this version and nothing in it."""
    with TemporaryDirectory(prefix="moat-schema-") as directory:
        path = Path(directory, SQLITE_FILE)
        schema.migrate(make_url(f"sqlite:///{path}"))
        return path.read_bytes()
