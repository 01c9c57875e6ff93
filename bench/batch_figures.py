"""Batches of a thousand against the floor, one after another over one connection."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Protocol

import numpy as np

from bench.figure import Comparison, Figure, alternate
from bench.http_load import Connection, Target
from bench.plan import Stage
from bench.workload import detokenize, tokens_of

ITEMS = 1_000


class Yardstick(Protocol):
    """Does the same work with less around it."""

    def tokenize(self, body: bytes) -> bytes: ...

    def detokenize(self, body: bytes) -> bytes: ...


WARMING = 2
LEAN_ROUNDS = 3
SEED = 2026


def tokenize_batch(stage: Stage) -> Iterator[Figure]:
    """New people, one phone each."""
    target = stage.product.operation("/v1/tokenize")
    yardsticks: list[tuple[str, str, Yardstick, float | None]] = [
        ("tokenize_batch", "floor", stage.floor, 0.5),
        ("tokenize_batch_lean", "lean floor", stage.lean, None),
    ]
    for name, yardstick, floor, goal in yardsticks:
        compared = alternate(
            lambda: served_speed(target, _drawn(stage)),
            partial(_drawn_speed, stage, floor),
            stage.sizes.rounds if goal else LEAN_ROUNDS,
        )
        yield _figure(name, stage, compared, yardstick, goal)


def detokenize_batch(stage: Stage) -> Iterator[Figure]:
    """Random tokens of different people, each presented once, so that no cache has what is asked for."""
    yield _detokenize(stage, "detokenize_batch", "floor", stage.floor, stage.sizes.rounds, 0.5)
    yield _detokenize(stage, "detokenize_batch_lean", "lean floor", stage.lean, LEAN_ROUNDS, None)


def _detokenize(stage: Stage, name: str, yardstick: str, floor: Yardstick, rounds: int, goal: float | None) -> Figure:
    count = rounds * stage.sizes.batches + WARMING
    bodies = [stage.workload.tokenize(ITEMS) for _ in range(count)]
    ours = _shuffled(
        [token for answer in posted(stage.product.operation("/v1/tokenize"), bodies) for token in tokens_of(answer)]
    )
    theirs = _shuffled([token for body in bodies for token in tokens_of(floor.tokenize(body))])
    target = stage.product.operation("/v1/detokenize")

    def served(batches: int = stage.sizes.batches) -> float:
        return served_speed(target, [next(ours) for _ in range(batches)])

    def bare(batches: int = stage.sizes.batches) -> float:
        return _speed(floor.detokenize, [next(theirs) for _ in range(batches)])

    served(WARMING)
    bare(WARMING)
    return _figure(name, stage, alternate(served, bare, rounds), yardstick, goal)


def _drawn_speed(stage: Stage, floor: Yardstick) -> float:
    return _speed(floor.tokenize, _drawn(stage))


def tokenize_preserving(stage: Stage) -> Iterator[Figure]:
    """Tokens that look like bank cards against opaque ones for the same values. (Phones have room for 10,000 only.)"""
    target = stage.product.operation("/v1/tokenize")
    compared = alternate(
        lambda: served_speed(target, _drawn(stage, kind="bank_card", preserving=True)),
        lambda: served_speed(target, _drawn(stage, kind="bank_card")),
        stage.sizes.rounds,
    )
    yield _figure("tokenize_preserving", stage, compared, "tokenize", 0.8)


def posted(target: Target, bodies: Sequence[bytes]) -> list[bytes]:
    """The answers to one call after another. The connection is new: the server closes one that was idle for long."""
    connection = Connection(target.port)
    try:
        return [connection.call(target.request(body)) for body in bodies]
    finally:
        connection.close()


def served_speed(target: Target, bodies: Sequence[bytes]) -> float:
    """Items a second over HTTP, for bodies of a thousand."""
    connection = Connection(target.port)
    try:
        return _speed(lambda body: connection.call(target.request(body)), bodies)
    finally:
        connection.close()


def _speed(call: Callable[[bytes], bytes], bodies: Sequence[bytes]) -> float:
    started = time.perf_counter()
    for body in bodies:
        call(body)
    return ITEMS * len(bodies) / (time.perf_counter() - started)


def _drawn(stage: Stage, *, kind: str = "phone", preserving: bool = False) -> list[bytes]:
    return [stage.workload.tokenize(ITEMS, kind=kind, preserving=preserving) for _ in range(stage.sizes.batches)]


def _shuffled(tokens: Sequence[str]) -> Iterator[bytes]:
    """Bodies of a thousand tokens each, in random order."""
    order = np.random.default_rng(SEED).permutation(len(tokens)).tolist()
    for at in range(0, len(order), ITEMS):
        yield detokenize([tokens[place] for place in order[at : at + ITEMS]])


def _figure(name: str, stage: Stage, compared: Comparison, yardstick: str, goal: float | None) -> Figure:
    return Figure(
        name=name, backend=stage.backend, value=compared.ours, unit="values/s", yardstick=yardstick,
        ratio=compared.ratio, goal=goal,
    )  # fmt: skip
