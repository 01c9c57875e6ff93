"""What is held of people beside their records takes part in access, erasure and the rotation of their keys."""

from typing import Any
from uuid import UUID

import pytest

from audit.event_id import uuid7
from database.columns import rfc3339
from database.statement import Statement
from dsar.holders.holder import Disposal, Errand, Holder, Person
from tests.devices import pictures
from tests.devices.conftest import Order
from tests.devices.test_letters import TEXT, Talk
from vault.base64url import octets_of
from web.principal import Role
from work.job import Job, JobState


class Held:
    """An order of which there is everything, and the vault as requests ask it."""

    def __init__(self, order: Order) -> None:
        self.order, self.api = order, order.api
        self.talk = Talk(order)
        self.talk.send(self.talk.envelope())
        position = {"latitude": 31.234567, "longitude": 121.498765, "at": rfc3339(order.now)}
        sent = self.api.call("POST", f"{order.path}/positions", {"courier": order.courier, "positions": [position]})
        assert sent.status_code == 204, sent.text
        stored = self.api.call(
            "POST",
            f"{order.path}/pictures?courier={order.courier}",
            data=pictures.MADE_PNG,
            headers={"Content-Type": "application/octet-stream"},
        )
        assert stored.status_code == 201, stored.text
        self.picture = int(stored.json["picture"])  # type: ignore[index]  # an object
        self.token = self.api.token("上海市金桥路1号", "address", subject=order.customer)

    @property
    def vault(self) -> Holder:
        return self.api.moat.holders.of(self.api.tenant)[-1]

    def person(self, party: str) -> Person:
        column = {"courier": "courier", "customer": "customer"}[party]
        statement = Statement(f"SELECT {column} FROM assignment WHERE ref = :ref")
        row = self.api.moat.database.read(None, lambda tx: tx.one(statement, ref=f"order:{self.order.id}"))
        assert row is not None
        return Person(self.api.tenant, row[0])

    def uses(self, party: str) -> set[tuple[str, str, str]]:
        return {one.use for one in self.vault.inventory(self.person(party), self.errand("plan"))}

    def errand(self, key: str) -> Errand:
        return Errand(request=UUID(str(uuid7(self.order.now))), key=key)

    def pieces(self, party: str) -> dict[str, Any]:
        return dict(self.vault.disclose(self.person(party), self.errand("access")))


@pytest.fixture
def held(order: Order) -> Held:
    return Held(order)


def test_it_is_counted(held: Held) -> None:
    ref = f"order:{held.order.id}"
    assert {("device", "", ""), ("message", "delivery", ""), ("position", "delivery", ref)} <= held.uses("courier")
    assert {("device", "", ""), ("message", "delivery", ""), ("file", "delivery", ref)} <= held.uses("customer")


def test_it_is_disclosed_opened_but_for_what_only_devices_open(held: Held) -> None:
    of_courier, of_customer = held.pieces("courier"), held.pieces("customer")
    assert of_courier["position"]["positions"][0]["latitude"] == 31.234567
    assert of_courier["message"]["direction"] == "sent"
    assert of_customer["device"]["public_key"] == held.talk.keys["customer"]
    assert TEXT.encode() not in octets_of(of_customer["message"]["sealed"])
    assert of_customer["file"]["format"] == "png"
    assert len(of_customer["file"]["octets"]) > 100


def test_it_is_disposed_of_with_everything_and_row_by_row_where_something_is_kept(held: Held) -> None:
    kept = ("address", "delivery", "order:o-1")
    assert kept in held.uses("customer")
    keep = Disposal(reason="test", keep=frozenset({kept}))
    held.vault.dispose(held.person("customer"), keep, held.errand("dispose"))
    assert {category for category, _, _ in held.uses("customer")} == {"account", "address"}
    courier = held.person("courier")
    held.vault.dispose(courier, Disposal(reason="test"), held.errand("dispose-all"))
    assert held.vault.inventory(courier, held.errand("after")) == []


def test_it_is_read_after_the_rotation_of_everybodys_keys(held: Held) -> None:
    statement = Statement("SELECT id, sealed FROM inner_key ORDER BY id")
    before: dict[int, bytes] = dict(held.api.moat.database.read(None, lambda tx: tx.all(statement)))
    versions = Statement("SELECT min(version) FROM dek")
    held.api.clock.advance(seconds=1)
    operator = held.api.role(Role.OPERATOR)
    answer: Any = held.api.call("POST", "/v1/keys/dek/rotate", {}, credential=operator)
    assert answer.status_code == 202, answer.text
    _carry(held, UUID(answer.json["job"]))
    assert held.api.moat.database.read(None, lambda tx: tx.one(versions)) != (1,)
    after: dict[int, bytes] = dict(held.api.moat.database.read(None, lambda tx: tx.all(statement)))
    assert before.keys() == after.keys()
    assert all(before[number] != after[number] for number in before)
    assert held.pieces("courier")["position"]["positions"][0]["longitude"] == 121.498765
    picture = held.api.call("GET", f"{held.order.path}/pictures/{held.picture}")
    assert pictures.samples(picture.get_data()) == pictures.samples(pictures.MADE_PNG)


def _carry(held: Held, number: UUID) -> None:
    """Carry a job out in this process."""
    job: Job = held.api.moat.jobs.get(held.api.tenant, number)
    assert job.state is JobState.QUEUED
    (task,) = [task for task in held.api.moat.work.tasks if task.kind == job.kind]
    for step in range(100):
        if task.step(job, step).finished:
            return
    pytest.fail("the rotation does not end")
