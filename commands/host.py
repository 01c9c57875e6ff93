"""What several commands open on the host of a deployment."""

from pathlib import Path

import settings
from database.engine import Database


def opened_database(data: Path | None, url: str | None) -> Database:
    """The database that a local command works on."""
    chosen = settings.load(data=data, database=url)
    return Database(chosen.database_url, pool_size=2)
