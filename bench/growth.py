"""Whether a value takes as long to store among a million records as among ten thousand.

Two deployments, one small and one grown, get the same batches in turns. Addresses cannot be searched, so that their rows go to
the ends of all indexes but those over people; phones can, and their index over keyed fingerprints takes them at random places.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from bench.batch_figures import ITEMS, posted, served_speed
from bench.figure import Figure, alternate
from bench.server import Product
from bench.workload import Workload

SMALL = 10_000
GROWN_LONG = 10_000_000
SPEED_LOST_AT_MOST = 1.3
BATCHES = 3
ROUNDS = 7

Serve = Callable[[Path], AbstractContextManager[Product]]


def growth(backend: str, serve: Serve, directory: Path, records: int) -> Iterator[Figure]:
    """The ratio of the grown deployment's speed to the small one's, by the median batch."""
    directory.mkdir()
    for kind, name, goal in (("address", "growth", 1 / SPEED_LOST_AT_MOST), ("phone", "growth_search", None)):
        workload = Workload()
        with serve(directory / f"small_{kind}") as few, serve(directory / f"grown_{kind}") as many:
            _fill(few, workload, kind, SMALL)
            _fill(many, workload, kind, records)
            compared = alternate(partial(_run, many, workload, kind), partial(_run, few, workload, kind), ROUNDS)
        yield Figure(
            name=name, backend=backend, value=compared.ours, unit=f"values/s at {records:,}",
            yardstick=f"at {SMALL:,}", ratio=compared.ratio, goal=goal,
        )  # fmt: skip


def _fill(product: Product, workload: Workload, kind: str, records: int) -> None:
    target = product.operation("/v1/tokenize")
    for _ in range(0, records, ITEMS):
        posted(target, [workload.tokenize(ITEMS, kind=kind)])


def _run(product: Product, workload: Workload, kind: str) -> float:
    bodies = [workload.tokenize(ITEMS, kind=kind) for _ in range(BATCHES)]
    return served_speed(product.operation("/v1/tokenize"), bodies)
