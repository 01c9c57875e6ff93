"""Single calls over sixteen connections against `echo+commit`, and how long the slowest of them take."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from bench.batch_figures import ITEMS, SEED, posted
from bench.figure import Figure, alternate
from bench.http_load import Connections, Target
from bench.plan import Stage
from bench.workload import detokenize, tokens_of

CONNECTIONS = 16
POPULATION = 20
"""Batches of people whose tokens are presented, in random order."""


def tokenize_single(stage: Stage) -> Iterator[Figure]:
    """One new person a call."""

    def bodies() -> Iterator[bytes]:
        while True:
            yield stage.workload.tokenize(1)

    yield from _singles("tokenize_single", stage, "/v1/tokenize", bodies, 0.5)


def detokenize_single(stage: Stage) -> Iterator[Figure]:
    """One random token a call."""
    people = [stage.workload.tokenize(ITEMS) for _ in range(POPULATION)]
    answers = posted(stage.product.operation("/v1/tokenize"), people)
    presented = [detokenize([token]) for answer in answers for token in tokens_of(answer)]

    def bodies() -> Iterator[bytes]:
        draw = np.random.default_rng(SEED)
        while True:
            for place in draw.integers(0, len(presented), 1_000).tolist():
                yield presented[place]

    yield from _singles("detokenize_single", stage, "/v1/detokenize", bodies, 0.6)


def _singles(
    name: str, stage: Stage, path: str, bodies: Callable[[], Iterator[bytes]], goal: float
) -> Iterator[Figure]:
    latencies: list[float] = []

    def run(target: Target, *, ours: bool) -> float:
        with Connections(target, CONNECTIONS) as open_connections:
            load = open_connections.run(bodies(), stage.sizes.seconds)
        if ours:
            latencies.extend(load.latencies)
        return load.rate

    served = partial(run, stage.product.operation(path), ours=True)
    for yardstick, least in (("echo+commit", goal), ("echo", None)):
        echoed = partial(run, Target(stage.echo_port, "/commit" if least else "/echo"), ours=False)
        compared = alternate(served, echoed, stage.sizes.rounds if least else 2)
        yield Figure(
            name=name if least else f"{name}_echo", backend=stage.backend, value=compared.ours, unit="calls/s",
            yardstick=yardstick, ratio=compared.ratio, goal=least,
        )  # fmt: skip
    yield from _tails(name, stage.backend, latencies)


def _tails(name: str, backend: str, latencies: list[float]) -> Iterator[Figure]:
    """Times of the slow calls. Their goals, 5 and 50 times the median and one second, stand as ratios of speeds."""
    p50, p99, p999 = (float(value) * 1000 for value in np.percentile(latencies, [50, 99, 99.9]))
    slowest = max(latencies) * 1000
    tail = partial(Figure, backend=backend, unit="ms")
    yield tail(name=f"{name}_p50", value=p50)
    yield tail(name=f"{name}_p99", value=p99, yardstick="p50", ratio=p50 / p99, goal=1 / 5)
    yield tail(name=f"{name}_p99.9", value=p999, yardstick="p50", ratio=p50 / p999, goal=1 / 50)
    yield tail(name=f"{name}_max", value=slowest, yardstick="1 s", ratio=1000 / slowest, goal=1)
