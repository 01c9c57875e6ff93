"""A PostgreSQL server of the benchmark's own: on a socket in a temporary directory, every commit synchronised."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

OWNER = "moat_owner"
_SUPERUSER = "postgres"
_START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server."""

    directory: Path

    def make(self, database: str) -> str:
        """Make an empty database and give its address, as both the drivers and the product take it."""
        with self._connected() as connection:
            connection.execute(f"CREATE DATABASE {database} OWNER {OWNER}".encode())
        return f"postgresql://{OWNER}@/{database}?host={self.directory}"

    def make_owner(self) -> None:
        """Make the role that owns the databases and migrates them."""
        with self._connected() as connection:
            connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE CREATEDB".encode())

    def _connected(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(host=str(self.directory), dbname="postgres", user=_SUPERUSER, autocommit=True)


def programs() -> Path | None:
    """Where the newest installed server's programs are; Debian keeps them out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    named = shutil.which("postgres")
    return Path(named).resolve().parent if named else None


@contextmanager
def running(binaries: Path, directory: Path) -> Iterator[Cluster]:
    """Run a new cluster in `directory`. PostgreSQL refuses to run as root: started by root, it runs as `postgres`."""
    directory.mkdir()
    account: dict[str, Any] = {}
    if os.getuid() == 0:
        shutil.chown(directory, _SUPERUSER, _SUPERUSER)
        account = {"user": _SUPERUSER, "group": _SUPERUSER, "extra_groups": [], "cwd": directory}
    cluster = directory / "cluster"
    made: list[str | Path] = [
        binaries / "initdb",
        "-D",
        cluster,
        "-U",
        _SUPERUSER,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-locale",
    ]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, **account)
    started: list[str | Path] = [
        binaries / "postgres",
        "-D",
        cluster,
        "-c",
        "listen_addresses=",
        "-c",
        f"unix_socket_directories={directory}",
    ]
    with (directory / "log").open("wb") as log:
        server = subprocess.Popen(started, stdout=log, stderr=log, **account)
    try:
        _await(binaries, directory)
        running_cluster = Cluster(directory)
        running_cluster.make_owner()
        yield running_cluster
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


def _await(binaries: Path, directory: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    asked: list[str | Path] = [binaries / "pg_isready", "-q", "-h", directory, "-U", _SUPERUSER]
    while subprocess.run(asked, check=False).returncode:
        if time.monotonic() > until:
            raise TimeoutError("the PostgreSQL server did not start; see its log")
        time.sleep(0.05)
