"""Eight processes that bind and unbind thousands of times in one pool, on one database: no two live bindings share a number and a
person, nobody is refused who need not be, and whoever is refused is rightly."""

from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from database.engine import Database
from migrations import schema
from tests.support.clock import Clock
from tests.support.relay import Relay
from tests.support.relay_race import LIVE_AT_ONCE, Race, most_shared, race, refused_wrongly, right_loads, town

PROCESSES = 8
CAPACITY = 40


def relay_drill(place: Path, address: str | None, *, steps: int) -> dict[str, Any]:
    """Both races, one after the other."""
    url = address or f"sqlite:///{place / 'relay.db'}"
    schema.migrate(make_url(url))
    database = Database(url)
    try:
        relay = Relay(database, Clock(), town())
        relay.pool("many", numbers=2 * PROCESSES * LIVE_AT_ONCE - 1, cool=0)
        ended = race(Race(url, "many", PROCESSES, steps, ends=True))
        shared, loads = most_shared(relay), right_loads(relay)
        for bound in relay.bindings.listed(1, after=0, limit=1_000_000):
            relay.bindings.unbind(relay.by(), bound.id)
        relay.pool("few", numbers=9, capacity=CAPACITY, cool=0)
        full = race(Race(url, "few", PROCESSES, max(100, steps // 8), ends=False))
        figures = {
            "made": sum(one.made for one in [*ended, *full]),
            "refused": sum(len(one.refused) for one in full),
            "refused_without_need": sum(len(one.refused) for one in ended),
            "refused_wrongly": len(refused_wrongly(relay, full, capacity=CAPACITY)),
            "wrong": sum(len(one.wrong) for one in [*ended, *full]),
            "shared": max(shared, most_shared(relay)),
            "loads": loads and right_loads(relay),
        }
    finally:
        database.dispose()
    right = {"refused_without_need": 0, "refused_wrongly": 0, "wrong": 0, "shared": 1, "loads": True}
    ok = all(figures[name] == value for name, value in right.items()) and figures["refused"] > 0
    return {"ok": ok, **figures}
