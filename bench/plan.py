"""How long and how often things are measured, and where."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.echo import TABLE
from bench.floor import Floor, PostgresFloor, SqliteFloor
from bench.lean_floor import LeanFloor, LeanPostgresFloor, LeanSqliteFloor
from bench.postgres import Cluster
from bench.server import Product, echo, product
from bench.workload import Workload
from settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """`rounds` turns of both sides, each of `batches` batches or `seconds` of single calls; `grown` records at the most."""

    rounds: int
    batches: int
    seconds: float
    grown: int
    ff1_values: int


QUICK = Sizes(rounds=3, batches=2, seconds=0.7, grown=30_000, ff1_values=100_000)
FULL = Sizes(rounds=7, batches=8, seconds=4.0, grown=1_000_000, ff1_values=1_000_000)


@dataclass(frozen=True, slots=True)
class Stage:
    """One database with all that is measured on it."""

    backend: str
    sizes: Sizes
    product: Product
    floor: Floor
    lean: LeanFloor
    echo_port: int
    workload: Workload


@contextmanager
def on_sqlite(directory: Path, sizes: Sizes) -> Iterator[Stage]:
    """The embedded database: one worker."""
    directory.mkdir()
    floor, lean = SqliteFloor(directory / "floor.db"), LeanSqliteFloor(directory / "lean.db")
    threads = Settings.model_fields["threads"].default
    with (
        product(directory / "moat", None) as served,
        echo(directory / "echo", database="audit.db", workers=1, threads=threads) as port,
    ):
        yield Stage("sqlite", sizes, served, floor, lean, port, Workload())
    floor.close()
    lean.close()


@contextmanager
def on_postgresql(directory: Path, sizes: Sizes, cluster: Cluster) -> Iterator[Stage]:
    """A server database: as many workers as the product starts by itself."""
    directory.mkdir()
    floor, lean = PostgresFloor(cluster.make("floor")), LeanPostgresFloor(cluster.make("lean"))
    audit = cluster.make("echo")
    with psycopg.connect(audit) as connection:
        connection.execute(TABLE["postgresql"].encode())
    url = cluster.make("moat")
    threads, workers = Settings.model_fields["threads"].default, Settings(database=url).worker_count
    with (
        product(directory / "moat", url) as served,
        echo(directory / "echo", database=audit, workers=workers, threads=threads) as port,
    ):
        yield Stage("postgresql", sizes, served, floor, lean, port, Workload())
    floor.close()
    lean.close()
