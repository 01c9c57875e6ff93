"""Assignments of new orders, one a call, against `echo+commit`; and calls on behalf of a courier against those without."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count

import numpy as np
import orjson

from bench.batch_figures import SEED, posted
from bench.figure import Figure, alternate
from bench.http_load import Connections, Target
from bench.plan import Stage
from bench.single_figures import CONNECTIONS
from bench.workload import tokens_of

COURIERS = 200
ORDERS = 400


@dataclass(frozen=True, slots=True)
class Assignments(Target):
    """Says of a new order with each call who has it. A body is JSON, of whose `order` the path is made."""

    def request(self, body: bytes) -> bytes:
        """The octets of one call."""
        order, _, said = body.partition(b"\n")
        head = (
            f"PUT /v1/orders/{order.decode()}/assignment HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Type: application/json\r\nAuthorization: Bearer {self.token}\r\nContent-Length: {len(said)}\r\n\r\n"
        )
        return head.encode() + said


def assignment(stage: Stage) -> Iterator[Figure]:
    """A new order a call, of one of the couriers."""
    target = Assignments(stage.product.port, "", stage.product.token)
    numbers = count(1)

    def said(*, with_path: bool) -> Iterator[bytes]:
        for number in numbers:
            body = orjson.dumps({"courier": f"rider-{number % COURIERS}", "stage": "assigned", "version": 1})
            yield b"bench-%d\n%s" % (number, body) if with_path else body

    ours = partial(_rate, stage, target, partial(said, with_path=True))
    ours()  # So that the couriers are there.
    echoed = partial(_rate, stage, Target(stage.echo_port, "/commit"), partial(said, with_path=False))
    compared = alternate(ours, echoed, stage.sizes.rounds)
    yield Figure(
        name="assignment", backend=stage.backend, value=compared.ours, unit="calls/s",
        yardstick="echo+commit", ratio=compared.ratio, goal=0.5,
    )  # fmt: skip


def detokenize_acting(stage: Stage) -> Iterator[Figure]:
    """One address a call at building level, for the courier who has its order and for the service itself."""
    orders = [f"acting-{number}" for number in range(ORDERS)]
    target = Assignments(stage.product.port, "", stage.product.token)
    said = [
        b"%s\n%s" % (order.encode(), orjson.dumps({"courier": f"rider-{place % COURIERS}", "stage": "picked_up"}))
        for place, order in enumerate(orders)
    ]
    posted(target, said)
    bodies = [stage.workload.tokenize(1, kind="address", ref=f"order:{order}") for order in orders]
    answers = posted(stage.product.operation("/v1/tokenize"), bodies)
    tokens = [tokens_of(answer)[0] for answer in answers]

    def asked(*, acting: bool) -> Iterator[bytes]:
        drawn, presented = np.random.default_rng(SEED), []
        for place, (order, token) in enumerate(zip(orders, tokens, strict=True)):
            body = {"purpose": "delivery", "ref": f"order:{order}", "view": "building", "items": [{"token": token}]}
            rider = {"role": "courier", "subject": f"rider-{place % COURIERS}"}
            presented.append(orjson.dumps(body | ({"on_behalf_of": rider} if acting else {})))
        while True:
            for place in drawn.integers(0, ORDERS, 1_000).tolist():
                yield presented[place]

    operation = stage.product.operation("/v1/detokenize")
    ours, plain = (partial(_rate, stage, operation, partial(asked, acting=acting)) for acting in (True, False))
    compared = alternate(ours, plain, stage.sizes.rounds)
    yield Figure(
        name="detokenize_acting", backend=stage.backend, value=compared.ours, unit="calls/s",
        yardstick="without acting", ratio=compared.ratio, goal=1 / 1.2,
    )  # fmt: skip


def _rate(stage: Stage, target: Target, bodies: Callable[[], Iterator[bytes]]) -> float:
    with Connections(target, CONNECTIONS) as open_connections:
        return open_connections.run(bodies(), stage.sizes.seconds).rate
