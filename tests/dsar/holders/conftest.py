"""A deployment beside the order service of the examples, which runs as a process of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from app import compose
from database.statement import Statement
from dsar.holders.holder import Holder, Person
from examples.order_service.__main__ import main
from settings import Settings
from tests.api.conftest import Api
from tests.support.clock import Clock
from tests.support.prepared import prepared
from tests.support.server import free_port
from web.principal import Role

ROOT = Path(__file__).parents[3]
READY_WITHIN_SECONDS = 60.0

_LAST_SUBJECT = Statement("SELECT max(id) FROM subject")


class Shop:
    """The order service: its process while it runs, and what an app says to it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(base_url=self.url, trust_env=False, timeout=30)
        self._process: subprocess.Popen[bytes] | None = None
        made = CliRunner().invoke(main, ["init", "--data", str(place), "--port", str(self.port)])
        assert made.exit_code == 0, made.output

    def start(self, delay: float = 0.0) -> None:
        """Run, and return when it answers."""
        told = ["--data", self.place, "--port", self.port, "--moat-keys", self.place / "moat.json", "--delay", delay]
        command = [sys.executable, "-m", "examples.order_service", "serve", *map(str, told)]
        with (self.place / "said.log").open("ab") as said:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)
        until = time.monotonic() + READY_WITHIN_SECONDS
        while time.monotonic() < until:
            with suppress(httpx.TransportError):
                if self.client.get("/healthz").status_code == 204:
                    return
            time.sleep(0.02)
        raise AssertionError((self.place / "said.log").read_text())

    def stop(self) -> None:
        """End it, as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def order(self, number: str, customer: str, **told: Any) -> None:
        """An app places an order; it has had Moat's tokens already."""
        body = {"order": number, "customer": customer, "item": "beef noodles", "cents": 2800, **told}
        assert self.client.post("/orders", json=body).status_code == 201

    def complete(self, number: str) -> None:
        assert self.client.post(f"/orders/{number}/complete").status_code == 204


class Town:
    """A deployment and the order service beside it."""

    def __init__(self, api: Api, shop: Shop) -> None:
        self.api = api
        self.shop = shop
        self.officer = api.role(Role.PRIVACY_OFFICER)

    @property
    def holder(self) -> Holder:
        """The order service as requests ask it."""
        return self.api.moat.holders.remote[self.api.tenant, "order_service"]

    def person(self, name: str) -> Person:
        """A person whom the vault knows."""
        self.api.token(subject=name)
        row = self.api.moat.database.read(None, lambda tx: tx.one(_LAST_SUBJECT))
        assert row is not None
        return Person(self.api.tenant, row[0])

    def get(self, path: str) -> Any:
        answer = self.api.call("GET", path, credential=self.officer)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, path: str) -> tuple[int, Any]:
        answer = self.api.call("POST", path, credential=self.officer)
        return answer.status_code, answer.json


@contextmanager
def beside(place: Path, shop: Shop, **chosen: Any) -> Iterator[Api]:
    """A deployment whose operator has declared the order service. The clock is that of the machine, by which the order service
    judges signatures."""
    stated = {"connectors": shop.place / "connectors.yaml", "egress_internal": (shop.url,), "failure_rate": 0.0}
    settings = Settings(data=place / "data", keys=place / "keys", **{**stated, **chosen})
    prepared(settings)
    clock = Clock()
    clock.moment = datetime.now(UTC)
    moat = compose(settings, now=clock)
    try:
        yield Api(moat, clock)
    finally:
        moat.close()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    place = tmp_path_factory.mktemp("town")
    (place / "orders").mkdir()
    shop = Shop(place / "orders")
    with beside(place, shop) as api:
        found = Town(api, shop)
        (shop.place / "moat.json").write_text(api.call("GET", "/v1/holders/keys", credential=found.officer).text)
        shop.start()
        try:
            yield found
        finally:
            shop.stop()
            shop.client.close()
