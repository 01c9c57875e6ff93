"""A PostgreSQL cluster for a test run, and the databases that tests get from it.

The roles are those of a deployment: `moat_owner` may make roles and databases, owns the databases and migrates them; the
program connects as it and turns itself into `moat_app`, which owns nothing. The superuser is for tests that look behind.
"""

import fcntl
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psycopg
from sqlalchemy.engine import make_url

from migrations import schema
from tests.support.postgres_keeper import SUPERUSER

OWNER = "moat_owner"
TEMPLATE = "moat_template"
OLDEST_MAJOR = 15
ROOM_BYTES = 4 << 30
APT = "apt-get install -y postgresql"

_KEEPER = "tests.support.postgres_keeper"
_ROOT = Path(__file__).parents[2]
_numbers = itertools.count(1)


class PostgresMissingError(Exception):
    """There is no PostgreSQL server on this machine."""

    def __init__(self) -> None:
        super().__init__(f"PostgreSQL {OLDEST_MAJOR} or newer is not installed: {APT}")


def binaries() -> Path:
    """Directory of the newest server's programs, which Debian keeps out of PATH.

    Raises:
        PostgresMissingError: there is none.
    """
    debian = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    majors = {int(path.parts[-3]): path.parent for path in debian if path.parts[-3].isdecimal()}
    if majors and max(majors) >= OLDEST_MAJOR:
        return majors[max(majors)]
    found = shutil.which("postgres")
    if found is None:
        raise PostgresMissingError
    return Path(found).resolve().parent


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server, reached through the socket in `directory`."""

    directory: str

    def url(self, database: str, user: str = OWNER) -> str:
        """SQLAlchemy's address of a database of this cluster."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.directory}"

    def as_superuser(self, database: str) -> "psycopg.Connection[Any]":
        """A connection that row level security does not bind, each statement committed at once."""
        return psycopg.connect(host=self.directory, dbname=database, user=SUPERUSER, autocommit=True)

    @contextmanager
    def fresh(self, template: str = TEMPLATE) -> Iterator[str]:
        """Name of a new database made from `template`, gone afterwards."""
        name = f"moat_{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(host=self.directory, dbname="postgres", user=OWNER, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY".encode())
        try:
            yield name
        finally:
            with self.as_superuser("postgres") as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def prepare(self) -> None:
        """Make the owner's role and the migrated template that `fresh` copies."""
        with self.as_superuser("postgres") as connection:
            connection.execute(f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER CREATEROLE CREATEDB".encode())
            connection.execute(f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}".encode())
        schema.migrate(make_url(self.url(TEMPLATE)))


def start(*, watched: int, durability: Literal["fast", "durable"] = "fast") -> Cluster:
    """Start a cluster that lives as long as the process `watched`; `durable` keeps every fsync, for whoever kills things.

    Raises:
        PostgresMissingError: no server is installed.
    """
    programs = binaries()
    directory = tempfile.mkdtemp(prefix="moat-pg-", dir=_memory() if durability == "fast" else None)
    log = Path(directory, "keeper.log")
    with log.open("wb") as output:
        command = [sys.executable, "-m", _KEEPER, str(watched), directory, str(programs), durability]
        ended = subprocess.run(command, cwd=_ROOT, stdout=output, stderr=output, check=False)
    if ended.returncode != 0:
        raise RuntimeError(log.read_text())
    cluster = Cluster(directory)
    cluster.prepare()
    return cluster


def _memory() -> str | None:
    """The file system in memory, where it has room for a cluster: making and dropping databases writes much."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free >= ROOM_BYTES else None


def shared(meeting_place: Path, *, watched: int) -> Cluster:
    """The one cluster of all processes that meet in a directory: whoever comes first starts it."""
    with (meeting_place / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = meeting_place / "postgres.json"
        if known.exists():
            return Cluster(**json.loads(known.read_text()))
        cluster = start(watched=watched)
        known.write_text(json.dumps({"directory": cluster.directory}))
        return cluster
