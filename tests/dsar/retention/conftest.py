"""A platform whose orders end and whose data fall due, on each database, with two privacy officers."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import orjson
import pytest
from pydantic import SecretStr

from database.columns import millis, rfc3339
from database.statement import Statement
from tests.api.conftest import Api, composed
from tests.conftest import BOTH
from web.principal import Role
from work.job import Job, JobState, Progress

STEPS_AT_MOST = 100


class Platform:
    """What a platform tells, what its officers ask for, and what the jobs then do, every step of them twice."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.tenant = api.tenant
        self.officer = api.credential(Role.PRIVACY_OFFICER)
        self.colleague = api.credential(Role.PRIVACY_OFFICER)
        self._numbers = count(1)

    def order(self) -> str:
        """A ref that nothing else has."""
        return f"order:r-{next(self._numbers)}"

    def store(self, subject: str, *refs: str, kind: str = "phone", value: str = "", purpose: str = "delivery") -> str:
        """The token of a value that is used for refs, by default a phone of the person's own."""
        value = value or f"138{next(self._numbers):08d}"
        for ref in refs:
            item = {"subject": subject, "kind": kind, "value": value, **({"ref": ref} if ref else {})}
            asked = {"purpose": purpose, "items": [item]}
            (issued,) = self.api.items("/v1/tokenize", asked)
        return str(issued["token"])

    def moment(self, **ago: float) -> str:
        """A moment so long ago."""
        return rfc3339(millis(self.api.clock() - timedelta(**ago)))

    def tell(self, event: str, of: str, **ago: float) -> bool:
        """Tell that something happened so long ago; whether it was news."""
        named = "ref" if ":" in of else "subject"
        body = {"event": event, named: of, "at": self.moment(**ago)}
        (item,) = self.api.items("/v1/retention/events", body)
        return bool(item["news"])

    def plan(self) -> dict[str, Any]:
        """A plan, made to its end."""
        answer = self.call("POST", "/v1/retention/plans", expected=202)
        self.carry(answer["job"])
        return self.call("GET", f"/v1/retention/plans/{answer['plan']}")

    def run(self, plan: dict[str, Any], **how: Any) -> dict[str, Any]:
        """A plan carried out, with the approval that it takes; what became of it."""
        run = self.ask(plan, **how)
        if run["state"] == "awaiting_approval":
            self.call("POST", f"/v1/jobs/{run['job']}/approve", credential=self.colleague)
        self.carry(run["job"])
        return self.look(run["run"])

    def purge(self, **how: Any) -> dict[str, Any]:
        """A plan and its run."""
        return self.run(self.plan(), **how)

    def ask(self, plan: dict[str, Any], **how: Any) -> dict[str, Any]:
        """Ask for a run."""
        return self.call("POST", "/v1/retention/runs", {"plan": plan["plan"], **how}, expected=202)

    def look(self, run: str) -> dict[str, Any]:
        """How a run stands; every use of its plan must be accounted for at any time."""
        found = self.call("GET", f"/v1/retention/runs/{run}")
        assert found["adds_up"], found
        assert found["residue"] == 0
        return found

    def call(
        self, method: str, path: str, body: object = None, *, expected: int = 200, credential: str = ""
    ) -> dict[str, Any]:
        """An officer's call."""
        answer = self.api.call(method, path, body, credential=credential or self.officer)
        assert answer.status_code == expected, answer.text
        found: dict[str, Any] = answer.json or {}
        return found

    def items(self, plan: dict[str, Any]) -> list[dict[str, Any]]:
        """What a plan has frozen."""
        found: list[dict[str, Any]] = self.call("GET", f"/v1/retention/plans/{plan['plan']}/items?limit=1000")["items"]
        return found

    def uses(self, token: str) -> set[tuple[str, str]] | None:
        """Why a token's record is kept; None where there is none."""
        answer = self.api.call("GET", f"/v1/tokens/{token}")
        if answer.status_code == 404:
            return None
        found: Any = answer.json
        return {(use["purpose"], use["ref"] or "") for use in found["uses"]}

    def seen(self, token: str, **asked: Any) -> str:
        """What a token answers in one word."""
        (word,) = self.api.seen(token, **asked)
        return word

    def carry(self, job: str, *, twice: bool = True) -> None:
        """Carry a job out to its end, every step of it twice, as after a crash."""
        for _ in self.steps(job, twice=twice):
            pass

    def steps(self, job: str, *, twice: bool = False) -> Iterator[Progress]:
        """The steps of a job, one after another; it ends as the dispatcher would note it."""
        for number in range(STEPS_AT_MOST):
            found = self.job(job)
            assert found.state in {JobState.QUEUED, JobState.RUNNING}, found.state
            (task,) = [task for task in self.api.moat.work.tasks if task.kind == found.kind]
            progress = task.step(found, number)
            if twice:
                progress = task.step(found, number)
            if progress.finished:
                self.end(job)
            yield progress
            if progress.finished:
                return
        raise AssertionError("the job does not end")

    def end(self, job: str, state: str = "done") -> None:
        """Note the end of a job."""
        ended = Statement("UPDATE job SET state = :state WHERE tenant = :tenant AND id = :id")
        identity = UUID(job).bytes
        self.api.moat.database.write(
            self.tenant, lambda tx: tx.run(ended, tenant=self.tenant, id=identity, state=state)
        )

    def job(self, job: str) -> Job:
        return self.api.moat.jobs.get(self.tenant, UUID(job))

    def hold(self, **scope: str) -> int:
        """Hold a scope; the number of the hold."""
        review = self.api.clock() + timedelta(days=300)
        body = {"scope": scope, "reason": "litigation", "case": "c-1", "review_at": rfc3339(millis(review))}
        return int(self.call("POST", "/v1/holds", body, expected=201)["hold"])

    def release(self, hold: int) -> None:
        """Have a hold released by two persons."""
        job = self.call("DELETE", f"/v1/holds/{hold}", expected=202)["job"]
        self.call("POST", f"/v1/jobs/{job}/approve", credential=self.colleague)
        self.carry(job)

    def entries(self, action: str) -> list[dict[str, Any]]:
        """The log's entries of an action, in order."""
        rows = self.sql("SELECT body FROM audit_entry ORDER BY id")
        return [entry for (body,) in rows if (entry := orjson.loads(body))["action"] == action]

    def sql(self, text: str, **parameters: Any) -> list[tuple[Any, ...]]:
        return self.api.moat.database.read(None, lambda tx: tx.all(Statement(text), **parameters))

    def at(self, moment: datetime) -> None:
        """Move the clock."""
        self.api.clock.moment = moment


@pytest.fixture(scope="module", params=BOTH)
def platform(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    place = tmp_path_factory.mktemp("retention")
    with ExitStack() as held:
        url = None
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            url = SecretStr(cluster.url(held.enter_context(cluster.fresh())))
        yield Platform(held.enter_context(composed(place, url)))
