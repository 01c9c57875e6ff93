"""Wrapping every DEK by a new KEK: how fast it goes, against a floor that does nothing else, and how others read meanwhile."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import httpx
import numpy as np

from bench.batch_figures import ITEMS, SEED, posted
from bench.figure import Figure, alternate
from bench.http_load import Connections
from bench.plan import Stage
from bench.server import Product
from bench.single_figures import CONNECTIONS
from bench.workload import detokenize, tokens_of

PEOPLE = 20_000
POLL_SECONDS = 0.005
ENDED = {"done", "failed", "cancelled"}


def rotation(stage: Stage) -> Iterator[Figure]:
    """Rotations of the KEK, alone and while sixteen connections read single values."""
    bodies = [stage.workload.tokenize(ITEMS) for _ in range(PEOPLE // ITEMS)]
    answers = posted(stage.product.operation("/v1/tokenize"), bodies)
    presented = [detokenize([token]) for answer in answers for token in tokens_of(answer)]
    for body in bodies:
        stage.floor.tokenize(body)
    with _operator(stage.product) as operator:
        people = operator.get("/v1/keys").json()["deks"]["count"]
        compared = alternate(partial(_rotate, operator, people), partial(_bare, stage), stage.sizes.rounds)
        yield Figure(
            name="rotation", backend=stage.backend, value=compared.ours, unit="people/s", yardstick="floor",
            ratio=compared.ratio, goal=0.5,
        )  # fmt: skip
        speeds: list[float] = []

        def beside() -> float:
            with _rotating(operator, people, speeds):
                return _read(stage, presented)

        read = alternate(beside, partial(_read, stage, presented), stage.sizes.rounds)
    yield Figure(
        name="rotation_reads", backend=stage.backend, value=read.ours, unit="calls/s", yardstick="reads alone",
        ratio=read.ratio, goal=0.7,
    )  # fmt: skip
    yield Figure(name="rotation_under_reads", backend=stage.backend, value=float(np.median(speeds)), unit="people/s")


def _rotate(operator: httpx.Client, people: int) -> float:
    """People a second, from the call until the job is done."""
    started = time.perf_counter()
    answer = operator.post("/v1/keys/kek/rotate", json={})
    answer.raise_for_status()
    job = answer.json()
    while job["state"] not in ENDED:
        time.sleep(POLL_SECONDS)
        job = operator.get(f"/v1/jobs/{job['job']}").json()
    if job["state"] != "done":
        raise RuntimeError(f"the rotation ended as {job['state']}: {job['error']}")
    return people / (time.perf_counter() - started)


def _bare(stage: Stage) -> float:
    started = time.perf_counter()
    people = stage.floor.rotate()
    return people / (time.perf_counter() - started)


def _read(stage: Stage, presented: list[bytes]) -> float:
    def bodies() -> Iterator[bytes]:
        draw = np.random.default_rng(SEED)
        while True:
            for place in draw.integers(0, len(presented), 1_000).tolist():
                yield presented[place]

    with Connections(stage.product.operation("/v1/detokenize"), CONNECTIONS) as open_connections:
        return open_connections.run(bodies(), stage.sizes.seconds).rate


@contextmanager
def _rotating(operator: httpx.Client, people: int, speeds: list[float]) -> Iterator[None]:
    """One rotation after another, and the speed of each."""
    stopped = threading.Event()

    def go_on() -> None:
        while not stopped.is_set():
            speeds.append(_rotate(operator, people))

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


@contextmanager
def _operator(product: Product) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {product.operator}"}
    address = f"http://127.0.0.1:{product.port}"
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60) as client:
        yield client
