"""An order with a courier, a customer and a merchant over HTTP, and devices in Node that open what is sealed for them."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nacl.public import PrivateKey

from database.columns import millis
from tests.api.conftest import Api, api, subject
from tests.support.device import answer_of
from vault.base64url import text_of

__all__ = ["api", "subject"]

EXAMPLE = Path(__file__).parents[2] / "examples" / "device"


class Devices:
    """The example of a device, running in Node; each name is a device with keys of its own."""

    def __init__(self) -> None:
        if not (EXAMPLE / "node_modules").is_dir():
            pytest.fail("the example's libsodium is not there: make device", pytrace=False)
        self._node = subprocess.Popen(
            ["node", "main.js"], cwd=EXAMPLE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def act(self, act: str, **asked: Any) -> dict[str, Any]:
        """What a device answers, or `refused` with why it refuses."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps({"act": act, **asked}) + "\n")
        self._node.stdin.flush()
        answer: dict[str, Any] = json.loads(self._node.stdout.readline())
        return answer

    def end(self) -> None:
        """Let the process end by itself."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.close()
        self._node.wait(20)
        self._node.stdout.close()


@pytest.fixture(scope="session")
def devices() -> Iterator[Devices]:
    running = Devices()
    yield running
    running.end()


class Order:
    """An order of the module's application, with people that no other test has."""

    def __init__(self, api: Api, devices: Devices, name: str) -> None:
        self.api = api
        self.devices = devices
        self.id = f"o-{name}"
        self.courier, self.customer, self.merchant = f"rider-{name}", f"cust-{name}", f"shop-{name}"
        self.stage("assigned")

    @property
    def path(self) -> str:
        return f"/v1/orders/{self.id}"

    @property
    def now(self) -> int:
        return millis(self.api.clock())

    def stage(self, stage: str, **said: Any) -> None:
        body = {"courier": self.courier, "customer": self.customer, "merchant": self.merchant, "stage": stage, **said}
        answer = self.api.call("PUT", f"{self.path}/assignment", body)
        assert answer.status_code == 200, answer.text

    def subject(self, party: str) -> str:
        return {"courier": self.courier, "customer": self.customer, "merchant": self.merchant}[party]

    def device(self, party: str, name: str = "") -> tuple[int, str]:
        """The number and the public key of a new device of a party; in Node it is called by the party and order."""
        name, subject = name or f"{self.id}-{party}", self.subject(party)
        key = self.devices.act("keys", name=name)["public_key"]
        asked = challenged(self.api, subject, key)
        offer = {"public_key": key, "challenge": asked["challenge"], **self.answer(name, asked["sealed"], subject)}
        answer = self.api.call("POST", f"/v1/subjects/{subject}/devices", offer)
        assert answer.status_code == 201, answer.text
        return answer.json["device"], key  # type: ignore[index]  # an object

    def answer(self, name: str, sealed: str, subject: str) -> dict[str, Any]:
        """What the device of this name answers whoever registers its key."""
        return self.devices.act("answer", name=name, sealed=sealed, subject=subject, now=self.now)


def challenged(api: Api, subject: str, key: str) -> dict[str, Any]:
    """The challenge for a key."""
    answer = api.call("POST", f"/v1/subjects/{subject}/devices/challenges", {"public_key": key})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json  # type: ignore[assignment]  # an object
    return found


def offered(api: Api, subject: str, secret: PrivateKey) -> dict[str, Any]:
    """What registers the key of a device that is a few lines of Python."""
    key = text_of(secret.public_key.encode())
    asked = challenged(api, subject, key)
    return {"public_key": key, "challenge": asked["challenge"], "answer": answer_of(secret, asked["sealed"])}


@pytest.fixture
def order(api: Api, devices: Devices, request: pytest.FixtureRequest) -> Order:
    name = "".join(one if one.isalpha() else "-" for one in request.node.name)
    return Order(api, devices, name[-40:].strip("-"))
