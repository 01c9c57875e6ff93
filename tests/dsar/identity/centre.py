"""A whole deployment called without a network: messages in a file, jobs that run when a test says so, a clock that is moved."""

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from pydantic import SecretStr
from werkzeug.test import TestResponse

from app import Moat, compose
from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from database.columns import metadata, millis
from database.statement import Statement
from dsar.identity.asking import KIND
from settings import Settings
from tests.api.conftest import check_answer
from tests.support.clock import Clock
from tests.support.prepared import prepared
from web.issuance import Grant, Occasion
from web.principal import Role
from web.tenancy import DEFAULT_TENANT
from work.desk import move
from work.job import Job, JobState

NAMES = itertools.count(1)


class Centre:
    """Two tenants, a credential of each role in the first, and people who are made as they are needed."""

    def __init__(self, moat: Moat, clock: Clock, messages: Path, settings: Settings) -> None:
        self.moat = moat
        self.settings = settings
        self.clock = clock
        self._messages = messages
        self.tenant = moat.tenants.create(DEFAULT_TENANT, "CN", self._occasion())
        self.other_tenant = moat.tenants.create("other", "CN", self._occasion())
        self.service = self.credential(Role.SERVICE)
        self.officer = self.credential(Role.PRIVACY_OFFICER)
        self.operator = self.credential(Role.OPERATOR)
        self.foreign = self.credential(Role.SERVICE, tenant=self.other_tenant)

    def credential(self, role: Role, *, tenant: int | None = None) -> str:
        given = Grant(name=f"{role}-{next(NAMES)}".replace("_", "-"), role=role)
        return self.moat.credentials.create(tenant or self.tenant, given, self._occasion())[1].reveal()

    def call(
        self, method: str, path: str, body: object = None, *, bearer: str | None = None, **more: Any
    ) -> TestResponse:
        """Make a call; a problem is one in form."""
        headers = {"Content-Type": "application/json", **more.pop("headers", {})}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        data = None if body is None else orjson.dumps(body)
        answer = self.moat.app.test_client().open(path, method=method, data=data, headers=headers, **more)
        check_answer(answer, body)
        return answer

    def json(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        """The JSON of an answer to a person that must be a success."""
        answer = self.privacy(method, path, body, **more)
        assert answer.status_code < 300, answer.text
        return answer.json

    def ok(self, method: str, path: str, body: object = None, *, bearer: str | None = None, **more: Any) -> Any:
        """The JSON of an answer that must be a success."""
        answer = self.call(method, path, body, bearer=bearer, **more)
        assert answer.status_code < 300, answer.text
        return answer.json

    def privacy(
        self, method: str, path: str, body: object = None, *, tenant: str = DEFAULT_TENANT, **more: Any
    ) -> TestResponse:
        """A call of a person's."""
        return self.call(method, f"/v1/privacy/{tenant}/{path}", body, **more)

    def person(self, *, tenant: str = DEFAULT_TENANT, **fields: str) -> "Someone":
        """Somebody new whom the vault knows; with a phone and an e-mail address unless told otherwise."""
        number = next(NAMES)
        given = fields or {"phone": f"138{number:08d}", "email": f"someone{number}@example.com"}
        who = Someone(f"cust-{number}", given)
        bearer = self.service if tenant == DEFAULT_TENANT else self.foreign
        self.ok("PUT", f"/v1/subjects/{who.account}", {"purpose": "account", "fields": given}, bearer=bearer)
        return who

    def nobody(self) -> "Someone":
        """Somebody whom nobody knows."""
        number = next(NAMES)
        return Someone(f"cust-{number}", {"phone": f"139{number:08d}", "email": f"nobody{number}@example.com"})

    def run_jobs(self) -> int:
        """Do what has been asked for, in every tenant; tells how many jobs that were."""
        (task,) = [task for task in self.moat.work.tasks if task.kind == KIND]
        jobs = [job for tenant in (self.tenant, self.other_tenant) for job in self.waiting(tenant)]
        for job in jobs:
            task.step(job, 0)
            ended = partial(move, job=job, state=JobState.DONE, at=millis(self.clock()))
            self.moat.database.write(job.tenant, ended)
        return len(jobs)

    def waiting(self, tenant: int) -> list[Job]:
        """The jobs that have not been run."""
        return self.moat.jobs.page(tenant, before=None, limit=1_000, kind=KIND, state=JobState.QUEUED)

    def sent(self) -> list[dict[str, str]]:
        """Every message that has left, in order."""
        if not self._messages.exists():
            return []
        return [orjson.loads(line) for line in self._messages.read_bytes().splitlines()]

    def codes(self) -> list[str]:
        """The codes that the jobs send now, in order."""
        before = len(self.sent())
        self.run_jobs()
        return [found[0] for one in self.sent()[before:] if (found := re.findall(r"\d{6}", one["text"]))]

    def ask(self, *kinds: str, who: "Someone", tenant: str = DEFAULT_TENANT) -> TestResponse:
        """Ask for codes by these kinds of names."""
        named = [{"kind": kind, "value": who.name(kind)} for kind in kinds]
        return self.privacy("POST", "codes", {"identities": named}, tenant=tenant)

    def answer(self, challenge: str, *codes: str, tenant: str = DEFAULT_TENANT) -> TestResponse:
        """Answer a challenge."""
        return self.privacy("POST", "sessions", {"challenge": challenge, "codes": list(codes)}, tenant=tenant)

    def session(self, who: "Someone", *kinds: str) -> str:
        """A session by codes."""
        asked = self.ask(*(kinds or ("phone",)), who=who)
        assert asked.status_code == 202, asked.text
        made = self.answer(asked.json["challenge"], *self.codes())  # type: ignore[index]  # a JSON object
        assert made.status_code == 201, made.text
        return str(made.json["session"])  # type: ignore[index]  # a JSON object

    def link(self, who: "Someone", *, bearer: str | None = None) -> str:
        """The path by which a program begins a session by a hand-over link."""
        return for_programs(self.page_of_link(who, bearer=bearer))

    def page_of_link(self, who: "Someone", *, bearer: str | None = None) -> str:
        """The page to which a hand-over link leads."""
        made = self.ok("POST", f"/v1/subjects/{who.account}/sessions", bearer=bearer or self.service)
        return str(made["url"]).removeprefix("http://localhost")

    def entries(self, action: str, tenant: int | None = None) -> list[dict[str, Any]]:
        """The log's entries of an action, the latest last."""
        found = [orjson.loads(body) for (body,) in self._all("SELECT body FROM audit_entry ORDER BY id")]
        return [
            one
            for one in found
            if one["action"] == action and one["tenant"] == (self.tenant if tenant is None else tenant)
        ]

    def rows(self) -> dict[str, list[list[str]]]:
        """Every row of identity, of its jobs and of the log, as text."""
        tables = [
            name for name in metadata.tables if name.startswith(("identity_", "job", "audit_entry", "idempotency"))
        ]
        return {
            name: [[_text(cell) for cell in row] for row in self._all(f"SELECT * FROM {name}")]
            for name in sorted(tables)
        }

    def _all(self, text: str) -> list[Any]:
        return self.moat.database.read(None, lambda tx: tx.all(Statement(text)))

    def _occasion(self) -> Occasion:
        at = millis(self.clock())
        return Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)


def for_programs(page: str) -> str:
    """Where a program posts a hand-over link whose page this is."""
    return page.replace("/privacy/", "/v1/privacy/").replace("/enter/", "/links/")


def _text(cell: object) -> str:
    return bytes(cell).decode("latin-1") if isinstance(cell, bytes | memoryview) else str(cell)


class Someone:
    """A person by their names."""

    def __init__(self, account: str, fields: dict[str, str]) -> None:
        self.account = account
        self.fields = fields

    def name(self, kind: str) -> str:
        return self.account if kind == "account" else self.fields[kind]


@contextmanager
def centre_at(place: Path, url: SecretStr | None, **chosen: Any) -> Iterator[Centre]:
    """A deployment in a place."""
    messages = place / "messages.jsonl"
    settings = Settings(
        data=place / "data",
        keys=place / "keys",
        database=url,
        failure_rate=0.0,
        **{"visitor_rate": 0.0, "messenger": f"file:{messages}", **chosen},
    )
    prepared(settings)
    clock = Clock()
    moat = compose(settings, now=clock)
    try:
        yield Centre(moat, clock, messages, settings)
    finally:
        moat.close()
