"""A deployment with two privacy officers, on each database."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import orjson
import pytest
from pydantic import SecretStr

from database.columns import rfc3339
from database.statement import Statement
from tests.api.conftest import Api, composed
from tests.conftest import BOTH
from web.principal import Role
from work.job import Job, JobState

DAY_MS = 86_400_000


class Case:
    """What privacy officers do about a case, and what becomes of it."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.tenant = api.tenant
        self.officer = api.credential(Role.PRIVACY_OFFICER)
        self.colleague = api.credential(Role.PRIVACY_OFFICER)

    def later(self, days: float) -> str:
        """A moment so many days from now."""
        return rfc3339(int(self.api.clock().timestamp() * 1000 + days * DAY_MS))

    def wanted(self, days: float = 30, /, **scope: str) -> dict[str, Any]:
        return {"scope": scope, "reason": "litigation", "case": "2026-civ-17", "review_at": self.later(days)}

    def place(self, days: float = 30, /, **scope: str) -> int:
        """Hold a scope; the number of the hold."""
        answer = self.api.call("POST", "/v1/holds", self.wanted(days, **scope), credential=self.officer)
        assert answer.status_code == 201, answer.text
        return int(answer.json["hold"])  # type: ignore[index]  # an object

    def ask_release(self, hold: int) -> UUID:
        answer = self.api.call("DELETE", f"/v1/holds/{hold}", credential=self.officer)
        assert answer.status_code == 202, answer.text
        return UUID(answer.json["job"])  # type: ignore[index]  # an object

    def release(self, hold: int) -> None:
        """Have a hold released by two persons."""
        job = self.ask_release(hold)
        assert self.api.call("POST", f"/v1/jobs/{job}/approve", credential=self.colleague).status_code == 200
        self.carry(job)

    def carry(self, job: UUID) -> None:
        """Carry a job out, every step of it twice, as after a crash."""
        found = self.job(job)
        assert found.state is JobState.QUEUED
        (task,) = [task for task in self.api.moat.work.tasks if task.kind == found.kind]
        number, finished = 0, False
        while not finished:
            task.step(found, number)
            finished = task.step(found, number).finished
            number += 1

    def job(self, job: UUID) -> Job:
        return self.api.moat.jobs.get(self.tenant, job)

    def shred(self, subject: str) -> tuple[int, str]:
        """The status and code of an attempt to destroy a person's key."""
        answer: Any = self.api.call(
            "POST", f"/v1/subjects/{subject}/shred", {"reason": "test"}, credential=self.officer
        )
        return answer.status_code, answer.json.get("code", answer.json.get("state"))

    def entries(self, action: str) -> list[dict[str, Any]]:
        """The log's entries of an action, in order."""
        rows = self.api.moat.database.read(
            None, lambda tx: tx.all(Statement("SELECT body FROM audit_entry ORDER BY id"))
        )
        return [entry for (body,) in rows if (entry := orjson.loads(body))["action"] == action]

    def number(self, row: str = "subject") -> int:
        """The highest number that a table has given out."""
        rows = self.api.moat.database.read(None, lambda tx: tx.all(Statement(f"SELECT max(id) FROM {row}")))
        return int(rows[0][0])


@pytest.fixture(scope="module", params=BOTH)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    place = tmp_path_factory.mktemp("holds")
    with ExitStack() as held:
        url = None
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            url = SecretStr(cluster.url(held.enter_context(cluster.fresh())))
        yield Case(held.enter_context(composed(place, url)))
