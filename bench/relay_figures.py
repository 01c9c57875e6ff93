"""Bindings against their floor, calls over HTTP against a bare echo, and the numbers that a day of orders takes against the
fewest that can do."""

import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import numpy as np
import orjson
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from app import compose
from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from bench.batch_figures import SEED
from bench.figure import Figure, alternate
from bench.http_load import Connections, Target
from bench.plan import Sizes, Stage
from bench.relay_floor import PostgresRelayFloor, RelayFloor, SqliteRelayFloor
from bench.single_figures import CONNECTIONS
from deployment import prepare
from masking.relay.bound import By, Wish
from masking.relay.mode import Mode
from masking.relay.planning import Span, need
from masking.relay.pool import CAPACITY_AT_MOST
from masking.relay.ports import PartyName
from migrations.schema import migrate
from settings import Settings
from web.issuance import Grant, Occasion
from web.principal import Role

PEOPLE = 200
NUMBERS = 40
BINDINGS = 20
"""Of each person: who is called by that many others."""

FOLK = 4_000
"""People who are bound one pair after another, so many that nobody comes near to having every number."""

COURIERS, ORDERS, AT_ONCE, DAY_MS = 2_000, 40_000, 6, 12 * 3_600_000
MINUTE_MS = 60_000
_UNLIMITED = {"calls": 100_000_000, "per": "PT1M", "burst": 100_000_000}
_LIMITS = dict.fromkeys(("caller", "binding", "number", "tenant"), _UNLIMITED)
_SIGNALS: dict[str, dict[str, Any]] = {
    "probing": {"numbers": 1_000, "within": "PT1H", "action": "case"},
    "short_calls": {"calls": 1_000, "seconds": 6, "share": 100, "within": "PT1H", "action": "case"},
    "fan_out": {"people": 1_000, "within": "PT1H", "action": "case"},
    "refused": {"calls": 1_000, "within": "PT1H", "action": "case"},
}
_RULES = {
    "version": 2, "limits": _LIMITS, "signals": _SIGNALS, "short_seconds": 6,
    "legal": {"on": False, "months": 6},
}  # fmt: skip


def relay_route(stage: Stage) -> Iterator[Figure]:
    """Calls of people who are bound to the number that they dial, one a request."""
    asked = _calls(stage)

    def bodies() -> Iterator[bytes]:
        draw = np.random.default_rng(SEED)
        while True:
            for place in draw.integers(0, len(asked), 1_000).tolist():
                yield asked[place]

    def run(target: Target) -> float:
        with Connections(target, CONNECTIONS) as open_connections:
            return open_connections.run(bodies(), stage.sizes.seconds).rate

    routed = partial(run, stage.product.operation("/v1/relay/route"))
    for yardstick, path, goal in (("echo", "/echo", 0.5), ("echo+commit", "/commit", None)):
        compared = alternate(routed, partial(run, Target(stage.echo_port, path)), stage.sizes.rounds if goal else 2)
        yield Figure(
            name="relay_route" if goal else "relay_route_commit", backend=stage.backend, value=compared.ours, unit="calls/s",
            yardstick=yardstick, ratio=compared.ratio, goal=goal,
        )  # fmt: skip


def relay_bind(backend: str, sizes: Sizes, fresh: Callable[[], str]) -> Iterator[Figure]:
    """Bindings of two people, each durable before the next, in the process."""
    with TemporaryDirectory(prefix="moat-bench-relay-") as named:
        place = Path(named)
        floor = _floor(backend, place / "floor.db", fresh)
        product = _Product(place, fresh() if backend == "postgresql" else None)
        try:
            compared = alternate(partial(_bound, product.bind, sizes), partial(_bound, floor.bind, sizes), sizes.rounds)
        finally:
            product.close()
            floor.close()
    yield Figure(
        name="relay_bind", backend=backend, value=compared.ours, unit="bindings/s", yardstick="floor", ratio=compared.ratio,
        goal=0.5,
    )  # fmt: skip


def relay_day(_sizes: Sizes) -> Iterator[Figure]:
    """Numbers that a day of orders takes by the rule of the relay, and the fewest that can do: the busiest person's bindings."""
    for cool in (0, 24 * 60 * MINUTE_MS):
        found = need(_day(), cool=cool, capacity=CAPACITY_AT_MOST)
        yield Figure(
            name=f"relay_day_cool_{cool // 3_600_000}h", backend="-", value=found.used, unit="numbers",
            yardstick="busiest person", ratio=found.bound / found.used, goal=1,
        )  # fmt: skip


def _day() -> Iterator[Span]:
    """Orders of half an hour, of couriers who carry no more than six at once, with customers of whom some order twice."""
    draw = random.Random(SEED)
    ends: dict[int, list[int]] = {}
    for begins in sorted(draw.randrange(DAY_MS) for _ in range(ORDERS)):
        courier = draw.randrange(COURIERS)
        carried = [end for end in ends.get(courier, []) if end > begins]
        if len(carried) < AT_ONCE:
            end = begins + draw.randrange(20 * MINUTE_MS, 50 * MINUTE_MS)
            ends[courier] = [*carried, end]
            yield Span(f"r{courier}", f"c{draw.randrange(ORDERS)}", begins, end)


def _calls(stage: Stage) -> list[bytes]:
    """Bodies of calls between people who were just bound."""
    head = {"Authorization": f"Bearer {stage.product.token}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{stage.product.port}", headers=head, timeout=60) as client:

        def post(path: str, body: object) -> Any:
            return client.post(path, json=body).raise_for_status().json()

        client.put("/v1/relay/rules", json={"source": orjson.dumps(_RULES).decode()}).raise_for_status()
        post("/v1/relay/pools", {"pool": "default", "modes": ["axb"], "capacity": 5_000})
        items = [{"number": f"+86170{number:08}"} for number in range(NUMBERS)]
        post("/v1/relay/numbers", {"pool": "default", "items": items})
        people = [(f"relay-{number}", f"+86139{number:08}") for number in range(PEOPLE)]
        for subject, phone in people:
            fields = {"type": "customer", "purpose": "account", "fields": {"phone": phone}}
            client.put(f"/v1/subjects/{subject}", json=fields).raise_for_status()
        pairs = [(a, (a + step) % PEOPLE) for step in range(1, BINDINGS // 2 + 1) for a in range(PEOPLE)]
        wishes = [
            {"mode": "axb", "order": f"o-{a}-{b}", "a": {"subject": people[a][0]}, "b": {"subject": people[b][0]}}
            for a, b in pairs
        ]
        bound = []
        for at in range(0, len(wishes), 1_000):
            bound += post("/v1/relay/bindings/bulk", {"items": wishes[at : at + 1_000]})["items"]
    return [
        orjson.dumps({"called": one["x"], "caller": people[a][1]}) for one, (a, _) in zip(bound, pairs, strict=True)
    ]


def _floor(backend: str, path: Path, fresh: Callable[[], str]) -> RelayFloor:
    if backend == "postgresql":
        return PostgresRelayFloor(fresh(), FOLK, NUMBERS)
    return SqliteRelayFloor(path, FOLK, NUMBERS)


def _bound(bind: Callable[[int, int, str], object], sizes: Sizes) -> float:
    """Bindings a second of two random people each."""
    draw, begun, made = random.Random(time.perf_counter_ns()), time.perf_counter(), 0
    while (now := time.perf_counter()) < begun + sizes.seconds:
        a, b = draw.sample(range(1, FOLK + 1), 2)
        bind(a, b, f"{now}-{a}")
        made += 1
    return made / (now - begun)


class _Product:
    """The relay with the vault behind it, composed as it is served."""

    def __init__(self, place: Path, url: str | None) -> None:
        chosen = Settings(data=place / "data", keys=place / "keys", database=None if url is None else SecretStr(url))
        if url is not None:
            migrate(make_url(url).set(drivername="postgresql+psycopg"))
        prepare(chosen)
        self._moat = compose(chosen)
        actor = Actor(ActorKind.OPERATOR)
        occasion = Occasion(actor=actor, request=self._request(), at=self._at())
        grant = Grant(name="bench", role=Role.SERVICE)
        self._tenant = self._moat.tenants.create("bench", "CN", occasion)
        token = self._moat.credentials.create(self._tenant, grant, occasion)[1].reveal()
        head = {"Authorization": f"Bearer {token}"}
        client = self._moat.app.test_client()
        self._tokens: list[str] = []
        for first in range(1, FOLK + 1, 1_000):
            items = [
                {"subject": f"folk-{number}", "kind": "phone", "value": f"+86138{number:08}"}
                for number in range(first, first + 1_000)
            ]
            body = {"purpose": "delivery", "ref": "order:o-1", "items": items}
            answer: Any = client.post("/v1/tokenize", json=body, headers=head).json
            self._tokens += [one["token"] for one in answer["items"]]
        pool = {"pool": "default", "modes": ["axb"], "capacity": 5_000}
        client.post("/v1/relay/pools", json=pool, headers=head)
        numbers = [{"number": f"+86170{number:08}"} for number in range(NUMBERS)]
        client.post("/v1/relay/numbers", json={"pool": "default", "items": numbers}, headers=head)
        self._bindings = self._moat.relay.bindings

    def bind(self, a: int, b: int, order: str) -> None:
        by = By(self._tenant, Actor(ActorKind.CREDENTIAL, 1, "service"), self._request(), self._at())
        one, other = PartyName(token=self._tokens[a - 1]), PartyName(token=self._tokens[b - 1])
        self._bindings.bind(by, Wish(mode=Mode.AXB, pool="default", order=f"order:{order}", a=one, b=other))

    def close(self) -> None:
        self._moat.close()

    def _at(self) -> int:
        return int(time.time() * 1_000)

    def _request(self) -> str:
        return str(uuid7(self._at()))
