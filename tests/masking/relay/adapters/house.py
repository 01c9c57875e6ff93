"""A whole deployment with a relay, called without a network: people with phones, a pool, a switch, a clock that is moved."""

import base64
import hashlib
import hmac
import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as Xml

import orjson
from pydantic import SecretStr
from werkzeug.test import TestResponse

from app import Moat, compose
from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from database.columns import metadata, millis
from database.statement import Statement
from masking.relay.providers.outward import KIND
from settings import Settings
from tests.support.clock import Clock
from tests.support.prepared import prepared
from web.issuance import Grant, Occasion
from web.principal import Role
from web.tenancy import DEFAULT_TENANT
from work.desk import move
from work.job import JobState

PUBLIC = "https://relay.example.com"
TOKEN = "a-made-up-auth-token"
SID = "AC0123456789abcdef0123456789abcdef"
COUNT = itertools.count(24_681_357, 10_007)
"""Ends of numbers in which no digit follows from another, so that one is not found by chance in a row of others."""


@dataclass(frozen=True)
class Bound:
    """Two people with a number between them."""

    binding: int
    x: str
    a: str
    b: str


class House:
    """The deployment."""

    def __init__(self, moat: Moat, clock: Clock, settings: Settings) -> None:
        self.moat = moat
        self.clock = clock
        self.settings = settings
        self.tenant = moat.tenants.create(DEFAULT_TENANT, "CN", self._occasion())
        self.service = self.credential(Role.SERVICE)
        self.operator = self.credential(Role.OPERATOR)
        self.switch = self.credential(Role.SWITCH)
        self.officer = self.credential(Role.PRIVACY_OFFICER)
        self._numbers = itertools.count(17_000_000_000)
        self.pool("orders", modes=["axb", "axn"], count=6)
        self.account = self.ok(
            "POST",
            "/v1/relay/accounts",
            {"kind": "twiml", "name": "voice", "login": SID, "secret": TOKEN},
            bearer=self.operator,
        )["account"]

    def credential(self, role: Role) -> str:
        given = Grant(name=f"{role}-{next(COUNT)}".replace("_", "-"), role=role)
        return self.moat.credentials.create(self.tenant, given, self._occasion())[1].reveal()

    def call(self, method: str, path: str, body: object = None, *, bearer: str, **headers: str) -> TestResponse:
        sent = {"Content-Type": "application/json", "Authorization": f"Bearer {bearer}", **headers}
        data = None if body is None else orjson.dumps(body)
        return self.moat.app.test_client().open(path, method=method, data=data, headers=sent)

    def ok(self, method: str, path: str, body: object = None, *, bearer: str) -> Any:
        answer = self.call(method, path, body, bearer=bearer)
        assert answer.status_code < 300, answer.text
        return answer.json

    def pool(self, name: str, *, modes: list[str], count: int, **terms: Any) -> list[str]:
        """A pool with numbers."""
        self.ok("POST", "/v1/relay/pools", {"pool": name, "modes": modes, **terms}, bearer=self.service)
        numbers = [f"+86{next(self._numbers)}" for _ in range(count)]
        added = {"pool": name, "items": [{"number": one} for one in numbers]}
        self.ok("POST", "/v1/relay/numbers", added, bearer=self.service)
        for one in numbers:
            self.call("POST", "/v1/relay/numbers/state", {"number": one, "state": "available"}, bearer=self.service)
        return numbers

    def person(self, phone: str) -> str:
        """Somebody with a phone."""
        name = f"who-{next(COUNT)}"
        fields = {"purpose": "account", "fields": {"phone": phone}}
        self.ok("PUT", f"/v1/subjects/{name}", fields, bearer=self.service)
        return name

    def phone(self) -> str:
        """A number that nobody else has."""
        return f"+86139{next(COUNT):08d}"

    def bound(self, pool: str = "orders", **wish: Any) -> Bound:
        """Two new people, bound."""
        a, b = self.phone(), self.phone()
        people = {"a": {"subject": self.person(a)}, "b": {"subject": self.person(b)}}
        asked = {"mode": "axb", "pool": pool, "order": f"o-{next(COUNT)}", **people, **wish}
        made = self.ok("POST", "/v1/relay/bindings", asked, bearer=self.service)
        return Bound(made["binding"], made["x"], a, b)

    def post(
        self, name: str, fields: Mapping[str, str], *, query: str = "", signature: str | None = None, account: int = 0
    ) -> TestResponse:
        """A webhook of the switch, signed as it signs unless told otherwise."""
        path = f"/v1/relay/twiml/{account or self.account}/{name}"
        form = {"AccountSid": SID, **fields}
        url = f"{PUBLIC}{path}" + (f"?{query}" if query else "")
        signed = url + "".join(f"{key}{form[key]}" for key in sorted(form))
        mac = hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
        headers = {
            "X-Twilio-Signature": base64.b64encode(mac).decode() if signature is None else signature,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        whole = path + (f"?{query}" if query else "")
        answer: TestResponse = self.moat.app.test_client().post(whole, data=urlencode(form).encode(), headers=headers)
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            assert answer.content_type == "application/problem+json"
        return answer

    def voice(self, x: str, caller: str, **more: str) -> Xml.Element:
        """What a call gets."""
        fields = {"CallSid": f"CA{next(COUNT)}", "From": caller, "To": x, "CallStatus": "ringing", **more}
        answer = self.post("voice", fields)
        assert answer.status_code == 200, answer.text
        return Xml.fromstring(answer.data)

    def text(self, x: str, caller: str, text: str, **more: str) -> Xml.Element:
        """What a text gets."""
        fields = {"MessageSid": f"SM{next(COUNT)}", "From": caller, "To": x, "Body": text, **more}
        answer = self.post("messages", fields)
        assert answer.status_code == 200, answer.text
        return Xml.fromstring(answer.data)

    def passed(self, x: str, caller: str, text: str) -> Any:
        """What a switch is told to do with a text."""
        body = {"called": x, "caller": caller, "text": text}
        return self.ok("POST", "/v1/relay/messages", body, bearer=self.switch)

    def run_jobs(self) -> int:
        """Do what carries bindings, until nothing more is due now; tells how many steps that were."""
        (task,) = [task for task in self.moat.work.tasks if task.kind == KIND]
        jobs = self.moat.jobs.page(self.tenant, before=None, limit=200, kind=KIND, state=JobState.QUEUED)
        for job in reversed(jobs):
            if task.step(job, 0).finished:
                ended = partial(move, job=job, state=JobState.DONE, at=millis(self.clock()))
                self.moat.database.write(self.tenant, ended)
        return len(jobs)

    def rows(self, *prefixes: str) -> str:
        """All that is stored, as one text."""
        found = []
        for name in sorted(metadata.tables):
            if not prefixes or name.startswith(prefixes):
                for row in self._all(f"SELECT * FROM {name}"):
                    found += [
                        bytes(cell).decode("latin-1") if isinstance(cell, bytes | memoryview) else str(cell)
                        for cell in row
                    ]
        return "\n".join(found)

    def entries(self, action: str) -> list[dict[str, Any]]:
        """The log's entries of an action, the latest last."""
        bodies = self._all("SELECT body FROM audit_entry ORDER BY id")
        return [one for (body,) in bodies if (one := orjson.loads(body))["action"] == action]

    def _all(self, text: str) -> list[Any]:
        return self.moat.database.read(None, lambda tx: tx.all(Statement(text)))

    def _occasion(self) -> Occasion:
        at = millis(self.clock())
        return Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)


@contextmanager
def house_at(place: Path, url: SecretStr | None, **chosen: Any) -> Iterator[House]:
    """A deployment in a place."""
    settings = Settings(
        data=place / "data",
        keys=place / "keys",
        database=url,
        failure_rate=0.0,
        visitor_rate=0.0,
        names_processes=0,
        relay_url=PUBLIC,
        **chosen,
    )
    prepared(settings)
    clock = Clock()
    moat = compose(settings, now=clock)
    try:
        yield House(moat, clock, settings)
    finally:
        moat.close()
