"""Decisions about people whose consents are known to the process, one a call, against a bare echo of the same server."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import orjson

from bench.batch_figures import SEED, posted
from bench.figure import Figure, alternate
from bench.http_load import Connections, Target
from bench.plan import Stage
from bench.single_figures import CONNECTIONS

PEOPLE = 200
PURPOSE = "marketing_sms"


def decision_single(stage: Stage) -> Iterator[Figure]:
    """Allowances that rest on a consent."""
    names = [f"decided-{number}" for number in range(PEOPLE)]
    said = {"purpose": PURPOSE, "state": "given", "evidence": {"kind": "bench"}}
    posted(stage.product.operation("/v1/consents"), [orjson.dumps({"items": [{"subject": n, **said} for n in names]})])
    asked = [orjson.dumps({"items": [{"subject": name, "purpose": PURPOSE, "kind": "phone"}]}) for name in names]

    def bodies() -> Iterator[bytes]:
        draw = np.random.default_rng(SEED)
        while True:
            for place in draw.integers(0, PEOPLE, 1_000).tolist():
                yield asked[place]

    def run(target: Target) -> float:
        with Connections(target, CONNECTIONS) as open_connections:
            return open_connections.run(bodies(), stage.sizes.seconds).rate

    decided = partial(run, stage.product.operation("/v1/decisions"))
    decided()  # So that each worker knows the people.
    compared = alternate(decided, partial(run, Target(stage.echo_port, "/echo")), stage.sizes.rounds)
    yield Figure(
        name="decision_single", backend=stage.backend, value=compared.ours, unit="calls/s",
        yardstick="echo", ratio=compared.ratio, goal=0.6,
    )  # fmt: skip
