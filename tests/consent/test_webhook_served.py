"""Webhooks of a running service: over HTTP, at once, and with nothing lost when it is killed."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from consent.ports import ConsentChange
from consent.webhook.carriage import Carriage
from consent.webhook.outbox import Outbox
from database.engine import Database
from database.statement import Statement
from tests.conftest import BOTH
from tests.support import postgres
from tests.support.receiver import Receiver, receiving
from tests.support.server import Server
from work.desk import JobDesk

pytestmark = [pytest.mark.xdist_group("dbos"), pytest.mark.slow]

_NUMBER = Statement("SELECT max(id) FROM subject WHERE tenant = :tenant")
PEOPLE = 40


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as opened:
        yield opened


@pytest.fixture(params=BOTH)
def server(request: pytest.FixtureRequest, tmp_path: Path, receiver: Receiver) -> Iterator[Server]:
    options = ("--egress-internal", receiver.origin)
    if request.param == "sqlite":
        made = Server(tmp_path / "moat", options=options)
        made.start()
        yield made
        made.kill()
        return
    cluster = postgres.start(watched=os.getpid())
    with cluster.fresh() as name:
        made = Server(tmp_path / "moat", cluster.url(name), options=(*options, "--workers", "2"))
        made.start()
        yield made
        made.kill()


class Platform:
    """What the platform does with the service; its changes come as consent makes them, in a transaction of their own."""

    def __init__(self, server: Server, receiver: Receiver) -> None:
        self.server = server
        self.operator, self.service = server.credential("operator"), server.credential("service")
        address = f"sqlite:///{server.data / 'moat.db'}" if server.database is None else server.database
        self._database = Database(address, pool_size=1)
        jobs = JobDesk(self._database)
        self._outbox = Outbox(Carriage(self._database, jobs), jobs.nudge)
        self.tenant = 1
        self._epoch = 0
        body = {"url": f"{receiver.origin}/hook", "events": ["consent.given", "consent.withdrawn"]}
        self.webhook = self.call("POST", "/v1/webhooks", body, status=201)["webhook"]

    def call(self, method: str, path: str, body: object = None, *, status: int = 200) -> Any:
        with self.server.client(self.operator) as client:
            answer = client.request(method, path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def person(self, platform_id: str) -> int:
        item = {"subject": platform_id, "kind": "phone", "value": "13812345678"}
        with self.server.client(self.service) as client:
            answer = client.post("/v1/tokenize", json={"purpose": "delivery", "ref": "order:o-1", "items": [item]})
        assert answer.status_code == 200, answer.text
        row = self._database.read(self.tenant, lambda tx: tx.one(_NUMBER, tenant=self.tenant))
        assert row is not None
        return int(row[0])

    def say(self, state: str, **more: object) -> None:
        """What a person says, as the platform passes it on."""
        item = {"subject": "cust-1001", "purpose": "marketing_sms", "state": state, **more}
        with self.server.client(self.service) as client:
            answer = client.post("/v1/consents", json={"items": [item]})
        assert "consent" in answer.json()["items"][0], answer.text

    def presentation(self) -> str:
        asked = {"subject": "cust-1001", "purposes": ["marketing_sms"], "locale": "en", "channel": "app"}
        with self.server.client(self.service) as client:
            answer = client.post("/v1/presentations", json=asked)
        return str(answer.json()["presentation"])

    def change(self, subject: int, state: str) -> None:
        self._epoch += 1
        at = int(time.time() * 1000)
        change = ConsentChange(self._epoch, subject, "marketing_sms", state, self._epoch, at, None)
        self._database.write(self.tenant, lambda tx: self._outbox.changed(tx, self.tenant, [change], at))

    def close(self) -> None:
        self._database.dispose()


@pytest.fixture
def platform(server: Server, receiver: Receiver) -> Iterator[Platform]:
    made = Platform(server, receiver)
    yield made
    made.close()


def test_subscribers_are_told_at_once_and_nothing_is_lost_when_the_service_is_killed(
    platform: Platform, receiver: Receiver, server: Server
) -> None:
    manage(platform, receiver)
    receiver.calls.clear()
    kill_while_delivering(platform, receiver, server)


def manage(platform: Platform, receiver: Receiver) -> None:
    """Subscribing, pausing, looking and ending; a person's words reach the subscriber as they are said."""
    assert platform.call("GET", "/v1/webhooks")["items"][0]["state"] == "active"
    one = f"/v1/webhooks/{platform.webhook}"
    platform.say("given", presentation=platform.presentation())
    assert [call.what[0] for call in receiver.wait(1)] == ["consent.given"]
    assert platform.call("POST", f"{one}/pause")["state"] == "paused"
    platform.say("withdrawn")
    assert platform.call("GET", f"{one}/deliveries")["counts"] == {"queued": 1, "delivered": 1, "dead": 0}
    assert platform.call("POST", f"{one}/resume")["state"] == "active"
    withdrawal = receiver.wait(2)[1]
    assert withdrawal.what == ("consent.withdrawn", "cust-1001")
    assert platform.call("POST", f"{one}/replay", {})["replayed"] == 0
    second = {"url": f"{receiver.origin}/second", "events": ["consent.given"]}
    other = f"/v1/webhooks/{platform.call('POST', '/v1/webhooks', second, status=201)['webhook']}"
    assert platform.call("POST", f"{other}/rotate", {"overlap": 0})["secret"].startswith("whsec_")
    platform.call("DELETE", other, status=204)
    assert platform.call("GET", other, status=404)["code"] == "not_found"
    refused = {"url": "https://elsewhere.example.com/", "events": ["consent.given"]}
    assert platform.call("POST", "/v1/webhooks", refused, status=422)["code"] == "origin_not_allowed"


def kill_while_delivering(platform: Platform, receiver: Receiver, server: Server) -> None:
    """Everything that was committed arrives, in order for each person, although the service dies in the middle."""
    people = [platform.person(f"cust-{number}") for number in range(PEOPLE)]
    receiver.slow = 0.1
    for person in people:
        platform.change(person, "given")
    receiver.wait(3)
    server.kill()
    for person in people:
        platform.change(person, "withdrawn")
    server.start()
    expected = {(what, f"cust-{number}") for number in range(PEOPLE) for what in ("consent.given", "consent.withdrawn")}
    until = time.monotonic() + 120
    while {call.what for call in receiver.taken} != expected:
        assert time.monotonic() < until, f"{len({call.what for call in receiver.taken})} of {len(expected)} came"
        time.sleep(0.05)
    for number in range(PEOPLE):
        told = [call.what[0] for call in receiver.taken if call.what[1] == f"cust-{number}"]
        assert told == sorted(told), "a withdrawal came before what it withdraws"
