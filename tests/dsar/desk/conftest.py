"""A deployment with two privacy officers and a host service, on each database."""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
import pytest
from pydantic import SecretStr

import composition.rights
from audit.log import AuditLog
from database.columns import millis
from database.statement import Statement
from database.transaction import Row, Transaction
from dsar.desk import store
from dsar.desk.erasure import RequestErasure
from dsar.desk.jobs import MessageTask
from dsar.desk.regime_text import shipped_regimes
from dsar.desk.requests import MESSAGE, RequestDesk, Steps
from dsar.desk.watch import Watch
from dsar.request import By, Level, Request, by_itself
from dsar.right import Right
from tests.api.conftest import Api, composed
from tests.conftest import BOTH
from tests.support.assurance import ChannelAssurance
from web.principal import Role
from work.desk import JobDesk
from work.job import Job

NUMBERS = itertools.count(1)

_JOBS = Statement("SELECT kind, params FROM job WHERE tenant = :tenant ORDER BY created_at, id")
_ENTRIES = Statement("SELECT body FROM audit_entry WHERE tenant = :tenant ORDER BY id")


def desk_of(log: AuditLog, jobs: JobDesk) -> RequestDesk:
    """A desk where erasures are prepared and executed by jobs, and nothing else is, and a channel suffices for everything."""
    steps = Steps(prepared=frozenset({Right.ERASURE}), executed=frozenset({Right.ERASURE}))
    return RequestDesk(log, jobs, shipped_regimes(), steps, ChannelAssurance())


class Office:
    """What people, officers and the jobs of other parts do to requests."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.tenant = api.tenant
        self.service = api.service
        self.officer = api.credential(Role.PRIVACY_OFFICER)
        self.colleague = api.credential(Role.PRIVACY_OFFICER)
        self.database = api.moat.database
        self.desk = desk_of(AuditLog(), api.moat.jobs)
        self.told: list[dict[str, str]] = []
        self.watch = Watch(self.database, self.desk, lambda: None)

    def now(self) -> int:
        return millis(self.api.clock())

    def person(self, name: str) -> int:
        """Somebody whom the vault knows, with a phone; the vault's number."""
        self.api.token(subject=name)
        row = self.database.read(
            self.tenant,
            lambda tx: tx.one(Statement("SELECT max(id) FROM subject WHERE tenant = :tenant"), tenant=self.tenant),
        )
        assert row is not None
        return int(row[0])

    def post(self, path: str, body: Any = None, *, by: str | None = None, expected: int = 200, **options: Any) -> Any:
        self.api.clock.advance(seconds=1)
        answer = self.api.call("POST", path, {} if body is None else body, credential=by or self.officer, **options)
        assert answer.status_code == expected, answer.text
        return answer.json

    def ask(self, subject: str, right: str = "access", regime: str = "gdpr", **said: Any) -> Any:
        """Hand in a request; the answer."""
        body = {"subject": subject, "right": right, "regime": regime, **said}
        return self.post("/v1/requests", body, by=self.service, expected=201)

    def decide(self, made: Any, act: str, *, by: str | None = None, expected: int = 200, **body: Any) -> Any:
        return self.post(f"/v1/requests/{made['request']}/{act}", body, by=by, expected=expected)

    def show(self, made: Any) -> Any:
        answer = self.api.call("GET", f"/v1/requests/{made['request']}", credential=self.officer)
        assert answer.status_code == 200, answer.text
        return answer.json

    def moves(self, made: Any) -> list[str]:
        return [one["move"] for one in self.show(made)["timeline"]]

    def listed(self, query: str = "") -> list[str]:
        answer: Any = self.api.call("GET", f"/v1/requests?limit=200&{query}", credential=self.officer)
        assert answer.status_code == 200, answer.text
        return [one["request"] for one in answer.json["items"]]

    def request(self, made: Any) -> Request:
        return self.database.read(self.tenant, lambda tx: self.desk.find(tx, self.tenant, UUID(made["request"])))

    def do(self, made: Any, act: str, *given: Any, **named: Any) -> Request:
        """What another part calls inside its own transaction."""
        self.api.clock.advance(seconds=1)
        request, at = self.request(made), self.now()

        def work(tx: Transaction) -> Request:
            done: Request = getattr(self.desk, act)(tx, request, *given, at, **named)
            return done

        return self.database.write(self.tenant, work)

    def verify(self, made: Any, level: Level = Level.DOCUMENT) -> Request:
        return self.do(made, "verified", level)

    def jobs(self, made: Any, kind: str = "") -> list[str]:
        """Kinds of the request's jobs, in order; of messages, their templates."""
        rows = self.database.read(self.tenant, lambda tx: tx.all(_JOBS, tenant=self.tenant))
        found = [(one, orjson.loads(params)) for one, params in rows]
        ours = [(one, params) for one, params in found if params.get("request") == UUID(made["request"]).hex]
        return [params.get("template", one) for one, params in ours if one.startswith(kind)]

    def carry_messages(self, made: Any) -> None:
        """Carry out the request's messages, every step twice, as after a crash."""
        (task,) = [task for task in self.api.moat.work.tasks if task.kind == MESSAGE]
        for job in self._messages(made):
            number, finished = 0, False
            while not finished:
                task.step(job, number)
                finished = task.step(job, number).finished
                number += 1

    def _messages(self, made: Any) -> list[Job]:
        page = self.api.moat.jobs.page(self.tenant, before=None, limit=200, kind=MESSAGE, state=None)
        return [job for job in page if job.params["request"] == UUID(made["request"]).hex]

    def sent(self, made: Any) -> list[tuple[str, str]]:
        """Have the request's messages sent into `told`; their templates and locales."""
        sent: list[tuple[str, str]] = []

        class Heard:
            def send(heard, tenant: int, subject: int, *, template: str, locale: str, values: Mapping[str, str]) -> str:  # noqa: N805
                sent.append((template, locale))
                self.told.append(dict(values))
                return "sms"

        task = MessageTask(self.database, self.desk, Heard(), self.api.clock)
        for job in reversed(self._messages(made)):
            task.step(job, 0)
        return sent

    def by(self) -> By:
        return by_itself(self.now())

    def executing(self, name: str) -> Any:
        """A request for erasure that is being executed."""
        made = self.ask(name, "erasure")
        self.verify(made)
        self.decide(made, "accept")
        self.do(made, "prepared", False)
        return made

    def entries(self, action: str) -> list[Any]:
        rows = self.database.read(self.tenant, lambda tx: tx.all(_ENTRIES, tenant=self.tenant))
        return [entry for (body,) in rows if (entry := orjson.loads(body))["action"] == action]

    def erase(self, number: int) -> None:
        """What an erasure does to requests, in its transaction."""
        self.database.write(self.tenant, lambda tx: RequestErasure().erased(tx, self.tenant, number, self.now()))

    def row(self, made: Any) -> Row | None:
        """The request's row."""
        place = UUID(made["request"]).bytes
        return self.database.read(self.tenant, lambda tx: tx.one(store.REQUEST, tenant=self.tenant, id=place))

    def doubt(self, made: Any) -> None:
        """Have the request's deadline rest on days that are not ordered yet."""

        def work(tx: Transaction) -> None:
            record = self.desk.to_change(tx, self.tenant, UUID(made["request"]))
            self.desk.save(tx, replace(record, certain=False))

        self.database.write(self.tenant, work)

    def until(self, made: Any, **span: float) -> None:
        """Move the clock on, and have the clocks of requests looked at."""
        self.api.clock.advance(**span)
        self.watch.look(self.now())


@pytest.fixture(scope="session", params=BOTH)
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    place = tmp_path_factory.mktemp("requests")
    with ExitStack() as held:
        url = None
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            url = SecretStr(cluster.url(held.enter_context(cluster.fresh())))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(composition.rights, "request_desk", lambda base, _: desk_of(base.log, base.jobs))
            api = held.enter_context(composed(place, url))
        yield Office(api)


@pytest.fixture
def name() -> str:
    """An id that no other test uses."""
    return f"q{next(NUMBERS)}"
