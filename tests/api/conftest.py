"""The whole application on each database, called without a network; every call is held against what holds of all answers."""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import SecretStr
from werkzeug.test import TestResponse

from app import Moat, compose
from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from database.columns import metadata, millis
from database.statement import Statement
from settings import Settings
from tests.conftest import BOTH
from tests.support.clock import Clock
from tests.support.prepared import prepared
from web.issuance import Grant, Occasion
from web.principal import Role, Scope
from web.tenancy import DEFAULT_TENANT

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PROBLEM = {"type", "title", "status", "code", "request_id"}
_SPOKEN_AT_LEAST = 6
"""Shorter texts stand in many sentences."""


class Api:
    """Calls the application as one of several credentials, by default a service's."""

    def __init__(self, moat: Moat, clock: Clock) -> None:
        self.moat = moat
        self.clock = clock
        self.tenant = moat.tenants.create(DEFAULT_TENANT, "CN", self._occasion())
        self.other_tenant = moat.tenants.create("other", "CN", self._occasion())
        self.service = self.credential(Role.SERVICE, extra=frozenset({Scope.VAULT_PRESERVING, Scope.ACT_AS_COURIER}))
        self.foreign = self.credential(Role.SERVICE, tenant=self.other_tenant)
        self._roles: dict[Role, str] = {}
        self.token(subject="first-use-makes-the-keys")

    def credential(self, role: Role, *, tenant: int | None = None, **grant: Any) -> str:
        """A new credential's text."""
        occasion = self._occasion()
        given = Grant(name=f"{role}-{occasion.request[-12:].replace('-', 'x')}", role=role, **grant)
        return self.moat.credentials.create(tenant or self.tenant, given, occasion)[1].reveal()

    def role(self, role: Role) -> str:
        """A credential of a role, made once."""
        if role not in self._roles:
            self._roles[role] = self.credential(role)
        return self._roles[role]

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        credential: str | None = "",
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
    ) -> TestResponse:
        """Make a call with a JSON body or with raw `data`. None for a credential is none; empty is the service's."""
        sent = dict(headers or {})
        if credential is not None:
            sent.setdefault("Authorization", f"Bearer {credential or self.service}")
        if body is not None:
            data = orjson.dumps(body)
        if data is not None and not (headers and "Content-Type" in headers):
            sent.setdefault("Content-Type", "application/json")
        if not sent.get("Content-Type", "-"):
            del sent["Content-Type"]
        answer = self.moat.app.test_client().open(path, method=method, data=data, headers=sent)
        check_answer(answer, body)
        return answer

    def items(self, path: str, body: object, **options: Any) -> list[Any]:
        """The items of a batch that was answered."""
        answer = self.call("POST", path, body, **options)
        assert answer.status_code == 200, answer.text
        found: list[Any] = answer.json["items"]  # type: ignore[index]  # a JSON object, as was just checked
        return found

    def token(self, value: str = "13812345678", kind: str = "phone", subject: str = "cust-1001", **item: Any) -> str:
        """The token of one value under the delivery of order o-1."""
        asked = {"subject": subject, "kind": kind, "value": value, **item}
        (answer,) = self.items("/v1/tokenize", {"purpose": "delivery", "ref": "order:o-1", "items": [asked]})
        return str(answer["token"])

    def seen(self, *tokens: str, view: str = "plain", credential: str = "", **asked: Any) -> list[str]:
        """What each token answers in one word: the value, or the reason or code of the refusal."""
        body = {"purpose": "delivery", "ref": "order:o-1", "view": view, "items": [{"token": one} for one in tokens]}
        answers = self.items("/v1/detokenize", {**body, **asked}, credential=credential)
        return [one.get("value") or one["error"].get("reason") or one["error"]["code"] for one in answers]

    def rows(self) -> dict[str, int]:
        """How many rows each table has. Those of the log grow with every refusal, and stand apart."""
        names = [name for name in sorted(metadata.tables) if not name.startswith("audit_")]
        counted = Statement(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in names))
        return dict(self.moat.database.read(None, lambda tx: tx.all(counted)))

    def _occasion(self) -> Occasion:
        at = millis(self.clock())
        return Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)


def check_answer(answer: TestResponse, body: object) -> None:
    """What holds of every answer: its request id, its headers, the form of a problem, and that a problem repeats nothing."""
    assert _UUID.fullmatch(answer.headers["X-Request-Id"])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.status_code < 500, answer.text
    if answer.status_code < 400:
        return
    assert answer.content_type == "application/problem+json"
    problem = answer.json
    assert isinstance(problem, dict)
    assert _PROBLEM <= set(problem) <= _PROBLEM | {"detail", "errors"}
    assert problem["type"] == f"/docs/errors/{problem['code']}"
    assert problem["status"] == answer.status_code
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    for error in problem.get("errors", ()):
        assert set(error) == {"field", "code", "detail"}
    said = answer.get_data(as_text=True)
    assert not [text for text in _values_in(body) if text in said]


def _values_in(body: object) -> Iterator[str]:
    """The texts of a body that are long enough to be told apart from the words of a sentence."""
    if isinstance(body, str):
        if len(body) >= _SPOKEN_AT_LEAST and not re.fullmatch(r"[a-z_:.-]+", body):
            yield body
    elif isinstance(body, dict):
        for value in body.values():
            yield from _values_in(value)
    elif isinstance(body, list):
        for value in body[:50]:
            yield from _values_in(value)


def refused(answer: TestResponse, status: int, code: str) -> dict[str, tuple[str, str]]:
    """Assert a problem and give its fields with their codes and details."""
    problem: Any = answer.json
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    return {error["field"]: (error["code"], error["detail"]) for error in problem.get("errors", ())}


@pytest.fixture(scope="module", params=BOTH)
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The application on each database in turn, shared by the tests of a module."""
    place = tmp_path_factory.mktemp("api")
    with ExitStack() as held:
        url = None
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            url = SecretStr(cluster.url(held.enter_context(cluster.fresh())))
        yield held.enter_context(composed(place, url))


@pytest.fixture
def subject(request: pytest.FixtureRequest) -> str:
    """An id of a person that no other test has."""
    return "cust-" + re.sub(r"[^a-z]", "-", request.node.name)[-48:]


@contextmanager
def composed(place: Path, url: SecretStr | None, **further: Any) -> Iterator[Api]:
    """An application over a database of its own."""
    chosen = Settings(data=place / "data", keys=place / "keys", database=url, failure_rate=0.0, **further)
    prepared(chosen)
    clock = Clock()
    moat = compose(chosen, now=clock)
    try:
        yield Api(moat, clock)
    finally:
        moat.close()
