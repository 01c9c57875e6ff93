"""Processes that bind and unbind in one pool at once: no two live bindings share a number and a person, nobody is refused who
need not be, and whoever is refused is rightly."""

import pytest

from database.engine import Database
from tests.support.clock import Clock
from tests.support.relay import Relay
from tests.support.relay_race import LIVE_AT_ONCE, Race, most_shared, race, refused_wrongly, right_loads, town

PROCESSES = 3
STEPS = 50


@pytest.fixture
def relay(database: Database, clock: Clock) -> Relay:
    return Relay(database, clock, town())


def test_whoever_binds_and_unbinds_at_once_never_meets_another_pair(relay: Relay, database_url: str) -> None:
    """Nobody can have more bindings than there are; with twice as many numbers nobody need be refused (docs/adr/0028)."""
    relay.pool("many", numbers=2 * PROCESSES * LIVE_AT_ONCE - 1, cool=0)
    outcomes = race(Race(database_url, "many", PROCESSES, STEPS, ends=True))
    assert [one.wrong for one in outcomes] == [[]] * PROCESSES
    assert [one.refused for one in outcomes] == [[]] * PROCESSES
    assert sum(one.made for one in outcomes) > PROCESSES * STEPS / 3
    assert most_shared(relay) == 1
    assert right_loads(relay)


def test_whoever_is_refused_at_once_with_others_is_refused_rightly(relay: Relay, database_url: str) -> None:
    """Nothing ends here, so that what was full when somebody was refused is full afterwards."""
    relay.pool("few", numbers=5, capacity=12, cool=0)
    outcomes = race(Race(database_url, "few", PROCESSES, STEPS, ends=False))
    assert [one.wrong for one in outcomes] == [[]] * PROCESSES
    assert sum(len(one.refused) for one in outcomes) > 0
    assert refused_wrongly(relay, outcomes, capacity=12) == []
    assert most_shared(relay) == 1
    assert right_loads(relay)
