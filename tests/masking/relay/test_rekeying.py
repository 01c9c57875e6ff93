"""The relay's key is exchanged while people call: everybody who is bound is found at every moment, in the end by the new key."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest

from database.engine import Database
from database.statement import Statement
from database.transaction import Transaction
from masking.relay.decision import Refuse
from masking.relay.rekeying.task import RekeyTask
from masking.relay.routing import Connected
from tests.support.clock import Clock
from tests.support.relay import TENANT, Relay, _id
from work.job import Job, JobState

STEPS_AT_MOST = 20


@dataclass
class Versions:
    """The versions of the town's key, in memory."""

    relay: Relay
    ended: list[int] = field(default_factory=list)

    def old(self, tenant: int) -> list[int]:
        return list(self.relay.town.given_up)

    def succeed(self, tenant: int, after: int) -> None:
        self.relay.town.given_up.append(self.relay.town.version)
        self.relay.town.version = after + 1

    def settle(self) -> None:
        return

    def end(self, tenant: int, version: int, needed: Callable[[Transaction], int]) -> bool:
        if self.relay.database.read(tenant, needed):
            return False
        self.relay.town.given_up.remove(version)
        self.ended.append(version)
        return True


@pytest.fixture
def relay(database: Database, clock: Clock) -> Relay:
    made = Relay(database, clock)
    made.pool(numbers=2)
    return made


def job(after: int = 1) -> Job:
    params = {"after": [["relay_index", "", after]]}
    return Job(TENANT, UUID(int=1), "rotate_relay", JobState.RUNNING, params, 0, 1, None, created_at=0)


def connected(relay: Relay, x: int) -> None:
    for caller in ("cust-1", "rider-1"):
        assert isinstance(relay.call(caller, x), Connected)


def test_everybody_who_is_bound_is_found_before_every_step_and_the_old_key_goes(relay: Relay) -> None:
    versions, bound, going = Versions(relay), relay.bind(), job()
    task = RekeyTask(relay.database, relay.town, versions)
    for number in range(STEPS_AT_MOST):
        connected(relay, bound.x)
        assert relay.bind().id == bound.id
        for _ in range(2):
            progress = task.step(going, number)
        going = replace(going, done=progress.done, total=progress.total)
        if progress.finished:
            break
    connected(relay, bound.x)
    assert versions.ended == [1]
    assert prints(relay) == {relay.town.fingerprint(relay.town.number(one)) for one in ("cust-1", "rider-1")}


def test_two_who_share_a_number_never_get_one_relay_number_under_two_keys(relay: Relay) -> None:
    first = relay.bind()
    relay.town.numbers["twin-1"] = relay.town.number("cust-1")
    Versions(relay).succeed(TENANT, 1)
    second = relay.bind("twin-1", "rider-2", "o-2")
    assert second.x != first.x
    assert isinstance(relay.call("cust-1", first.x), Connected)


def test_somebody_whose_number_is_gone_is_found_until_the_last_route_has_cooled(relay: Relay) -> None:
    versions, bound = Versions(relay), relay.bind()
    relay.town.gone.add(_id("cust-1"))
    task = RekeyTask(relay.database, relay.town, versions)
    for number in range(4):
        progress = task.step(job(), number)
    assert (progress.finished, versions.ended) == (False, [])
    assert isinstance(relay.call("rider-1", bound.x), Connected | Refuse)
    relay.bindings.unbind(relay.by(), bound.id)
    relay.clock.advance(days=3)
    relay.keeping.sweep(relay.at)
    while not (progress := task.step(replace(job(), done=progress.done), 2)).finished:
        assert progress.wait_seconds in {0, 3600}
    assert versions.ended == [1]


def test_a_relay_that_has_never_known_anybody_has_nothing_to_turn(relay: Relay) -> None:
    assert RekeyTask(relay.database, relay.town, Versions(relay)).step(replace(job(), params={"after": []}), 0).finished


def prints(relay: Relay) -> set[bytes]:
    """Every fingerprint of a party, and of a route."""
    rows = relay.database.read(
        None,
        lambda tx: [
            *tx.all(Statement("SELECT fingerprint FROM relay_party")),
            *((bytes(key)[1:],) for (key,) in tx.all(Statement("SELECT caller FROM relay_route"))),
        ],
    )
    return {bytes(one) for (one,) in rows}
