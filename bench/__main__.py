"""The benchmark program: `python -m bench [--quick]`. It prints a table and writes bench/results.json."""

import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from bench import postgres
from bench.audit_publish import audit_publish
from bench.batch_figures import detokenize_batch, tokenize_batch, tokenize_preserving
from bench.console_figures import console_pages
from bench.decision_figure import decision_single
from bench.ff1_figure import ff1
from bench.figure import Figure, show, write
from bench.growth import GROWN_LONG, growth
from bench.handover_figures import assignment, detokenize_acting
from bench.hostile import redact_growth
from bench.masking_figures import mask, redact, redact_names
from bench.page_figures import privacy_pages
from bench.plan import FULL, QUICK, Sizes, Stage, on_postgresql, on_sqlite
from bench.relay_figures import relay_bind, relay_day, relay_route
from bench.rotation_figure import rotation
from bench.server import Product, product
from bench.single_figures import detokenize_single, tokenize_single

STAGED: dict[str, Callable[[Stage], Iterator[Figure]]] = {
    "tokenize_batch": tokenize_batch,
    "detokenize_batch": detokenize_batch,
    "tokenize_single": tokenize_single,
    "detokenize_single": detokenize_single,
    "decision_single": decision_single,
    "assignment": assignment,
    "detokenize_acting": detokenize_acting,
    "relay_route": relay_route,
    "tokenize_preserving": tokenize_preserving,
    "rotation": rotation,
    "privacy_pages": privacy_pages,
    "console_pages": console_pages,
}
"""Figures that need a served deployment, in the order in which they are measured. Later figures are added here."""

ALONE: dict[str, Callable[[Sizes], Iterator[Figure]]] = {
    "ff1": ff1,
    "redact": redact,
    "redact_names": redact_names,
    "redact_growth": redact_growth,
    "mask": mask,
    "relay_day": relay_day,
}
"""Figures of one core, without any database."""

APART = (*ALONE, "audit_publish", "relay_bind", "growth")
"""Figures that make what they need themselves."""

BACKENDS = ("sqlite", "postgresql")


@click.command()
@click.option(
    "--quick", is_flag=True, help="About a minute: smaller runs, and growth to 30,000 records on SQLite only."
)
@click.option("--growth", "long_growth", is_flag=True, help="Grow to 10 million records; takes hours.")
@click.option("--only", multiple=True, type=click.Choice([*STAGED, *APART]), help="Measure only this; repeatable.")
@click.option("--backend", "backends", multiple=True, type=click.Choice(BACKENDS), help="Measure only on this.")
def main(quick: bool, long_growth: bool, only: tuple[str, ...], backends: tuple[str, ...]) -> None:
    """Measure the product against its yardsticks."""
    sizes, wanted = QUICK if quick else FULL, set(only or [*STAGED, *APART])
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="moat-bench-", ignore_cleanup_errors=True) as named, ExitStack() as held:
        held.callback(_report, figures)  # whatever ends the run, what was measured is kept
        directory = Path(named)
        directory.chmod(0o711)  # the PostgreSQL server runs as another user and must reach its own directory in here
        for name in (name for name in ALONE if name in wanted):
            _measure(name, ALONE[name](sizes), figures)
        if "sqlite" in (backends or BACKENDS):
            _on_sqlite(directory, sizes, wanted, figures, GROWN_LONG if long_growth else sizes.grown)
        if "postgresql" in (backends or BACKENDS) and (binaries := _server_programs()):
            cluster = held.enter_context(postgres.running(binaries, directory / "pg"))
            grown = 0 if quick else GROWN_LONG if long_growth else sizes.grown
            _on_postgresql(directory, sizes, wanted, figures, cluster, grown)


def _report(figures: list[Figure]) -> None:
    write(figures)
    show(figures)


def _on_sqlite(directory: Path, sizes: Sizes, wanted: set[str], figures: list[Figure], grown: int) -> None:
    if wanted & STAGED.keys():
        with on_sqlite(directory / "sqlite", sizes) as stage:
            _measure_staged(stage, wanted, figures)
    if "audit_publish" in wanted:
        numbers = itertools.count(1)
        fresh = partial(_sqlite_address, directory, numbers)
        _measure("audit_publish on sqlite", audit_publish("sqlite", sizes, fresh), figures)
    if "relay_bind" in wanted:
        _measure("relay_bind on sqlite", relay_bind("sqlite", sizes, str), figures)
    if "growth" in wanted:
        serve = partial(product, database=None)
        _measure("growth on sqlite", growth("sqlite", serve, directory / "growth", grown), figures)


def _on_postgresql(
    directory: Path, sizes: Sizes, wanted: set[str], figures: list[Figure], cluster: postgres.Cluster, grown: int
) -> None:
    if wanted & STAGED.keys():
        with on_postgresql(directory / "postgresql", sizes, cluster) as stage:
            _measure_staged(stage, wanted, figures)
    if "audit_publish" in wanted:
        numbers = itertools.count(1)
        fresh = partial(_postgresql_address, cluster, numbers)
        _measure("audit_publish on postgresql", audit_publish("postgresql", sizes, fresh), figures)
    if "relay_bind" in wanted:
        bound = partial(_postgresql_address, cluster, itertools.count(1_000))
        _measure("relay_bind on postgresql", relay_bind("postgresql", sizes, bound), figures)
    if "growth" in wanted and grown:

        def serve(place: Path) -> AbstractContextManager[Product]:
            return product(place, cluster.make(place.name))

        _measure("growth on postgresql", growth("postgresql", serve, directory / "growth_pg", grown), figures)


def _measure_staged(stage: Stage, wanted: set[str], figures: list[Figure]) -> None:
    for name, measured in STAGED.items():
        if name in wanted:
            _measure(f"{name} on {stage.backend}", measured(stage), figures)


def _measure(name: str, measured: Iterator[Figure], figures: list[Figure]) -> None:
    click.echo(f"measuring {name} …", err=True)
    figures.extend(measured)


def _sqlite_address(directory: Path, numbers: Iterator[int]) -> str:
    return f"sqlite:///{directory / f'publish{next(numbers)}.db'}"


def _postgresql_address(cluster: postgres.Cluster, numbers: Iterator[int]) -> str:
    return cluster.make(f"publish{next(numbers)}")


def _server_programs() -> Path | None:
    found = postgres.programs()
    if found is None:
        Console(stderr=True).print("PostgreSQL is not installed: its figures are left out")
    return found


if __name__ == "__main__":
    os.umask(0o077)
    main()
