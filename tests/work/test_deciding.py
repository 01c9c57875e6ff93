"""Who may have a job begin, pause, go on and end, over HTTP and on the service's host."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from httpx import WSGITransport
from moat_client.client import Moat as Client
from prometheus_client import CollectorRegistry

from audit.entry import Actor, ActorKind
from audit.log import AuditLog
from commands.program import main
from composition.clock import utc_now
from database.columns import millis
from database.engine import Database
from tests.support.clock import Clock
from tests.web.house import House, bearer
from web.edge import Bounds, Edge, Packages, Surroundings
from web.issuance import CredentialDesk
from web.principal import Role
from web.tenancy import TenantDesk
from work.decisions import Decisions, ref_of
from work.desk import JobDesk
from work.errors import OwnJobError
from work.http import FURTHER, PROBLEMS, JobApi
from work.job import SYSTEM, JobState

DAY_MS = 24 * 3600 * 1000


class Desk:
    """The operations on jobs, with nothing that carries jobs out."""

    def __init__(self, database: Database, clock: Clock) -> None:
        log = AuditLog()
        self.database, self.clock, self.jobs = database, clock, JobDesk(database)
        self.decisions = Decisions(database, log, self.jobs)
        packages = Packages(
            blueprints=[JobApi(database, log, self.jobs).blueprint()], tables=[PROBLEMS], problems=FURTHER
        )
        around = Surroundings(database=database, log=log, now=clock, registry=CollectorRegistry(), version="0.1.0")
        credentials = CredentialDesk(database, log, bootstrap_ended=lambda: None)
        edge = Edge(around, packages, Bounds(body_bytes=10_000))
        self.house = House(edge, database, credentials, TenantDesk(database, log), clock, [])  # type: ignore[arg-type]  # any clock
        for name in ("default", "other"):
            self.house.tenants.create(name, "CN", self.house.occasion())

    def person(self, role: Role = Role.OPERATOR, **grant: Any) -> tuple[str, Actor]:
        """A credential's text, and its holder as the log names them."""
        text = self.house.credential(role, **grant)
        actor = self.house.desk.holder(text, millis(self.clock()))
        assert actor is not None
        return text, actor

    def submit(self, asked_by: Actor = SYSTEM, approvals: int = 0, kind: str = "destroy", tenant: int = 1) -> str:
        at = millis(self.clock())
        return str(
            self.database.write(
                tenant,
                lambda tx: self.jobs.submit(tx, tenant, kind, {}, at, asked_by=asked_by, approvals=approvals),
            )
        )

    def call(self, text: str, act: str, job: str) -> tuple[int, Any]:
        answer = self.house.client.post(f"/v1/jobs/{job}/{act}", headers=bearer(text))
        return answer.status_code, answer.json

    def get(self, text: str, path: str) -> Any:
        return self.house.client.get(f"/v1/jobs{path}", headers=bearer(text)).json

    def recorded(self, action: str) -> list[tuple[str, str | None, str, int]]:
        return [
            (entry["outcome"], entry.get("reason"), entry["ref"], entry["actor"]["id"])
            for entry in self.house.entries()
            if entry["action"] == action
        ]


@pytest.fixture
def desk(database: Database, clock: Clock) -> Desk:
    return Desk(database, clock)


def test_a_job_begins_once_as_many_others_have_approved_it_as_it_takes(desk: Desk) -> None:
    (asker, asks), (one, first), (two, second) = desk.person(), desk.person(), desk.person(Role.PRIVACY_OFFICER)
    job = desk.submit(asks, approvals=2)
    assert desk.get(asker, f"/{job}")["state"] == "awaiting_approval"
    assert desk.call(one, "approve", job)[1]["state"] == "awaiting_approval"
    status, answer = desk.call(two, "approve", job)
    assert (status, answer["state"]) == (200, "queued")
    assert answer["asked_by"] == {"kind": "credential", "id": asks.id, "role": "operator"}
    assert [one["id"] for one in answer["approvals"]["given"]] == [first.id, second.id]
    ref = ref_of(desk.jobs.page(1, before=None, limit=1, kind=None, state=None)[0].id)
    assert desk.recorded("work.job_approve") == [("done", None, ref, first.id), ("done", None, ref, second.id)]


def test_neither_the_asker_nor_one_person_twice_can_approve_and_both_are_recorded(desk: Desk) -> None:
    (asker, asks), (one, first) = desk.person(), desk.person()
    job = desk.submit(asks, approvals=2)
    status, problem = desk.call(asker, "approve", job)
    assert (status, problem["code"]) == (403, "own_job")
    assert desk.call(one, "approve", job)[0] == 200
    status, problem = desk.call(one, "approve", job)
    assert (status, problem["code"]) == (409, "already_approved")
    assert desk.get(one, f"/{job}")["state"] == "awaiting_approval"
    outcomes = [(outcome, reason, who) for outcome, reason, _, who in desk.recorded("work.job_approve")]
    denied = ("denied", "same_person")
    assert outcomes == [(*denied, asks.id), ("done", None, first.id), (*denied, first.id)]


def test_a_rotated_credential_is_the_same_person(desk: Desk) -> None:
    asker, asks = desk.person()
    job = desk.submit(asks, approvals=1)
    _, rotated = desk.house.desk.rotate(1, asks.id, timedelta(hours=1), desk.house.occasion())
    assert desk.call(rotated.reveal(), "approve", job)[0] == desk.call(asker, "approve", job)[0] == 403


def test_approving_takes_its_scope_and_a_job_that_waits_for_it(desk: Desk) -> None:
    auditor, operator = desk.person(Role.AUDITOR)[0], desk.person()[0]
    waiting, plain = desk.submit(approvals=1), desk.submit()
    assert desk.call(auditor, "approve", waiting)[0] == 403
    assert desk.call(operator, "approve", plain)[1]["code"] == "job_state"
    assert desk.call(operator, "approve", waiting)[1]["state"] == "queued"
    assert desk.call(operator, "approve", waiting)[1]["code"] == "job_state"


def test_a_job_that_nobody_approves_within_seven_days_is_cancelled(desk: Desk) -> None:
    operator = desk.person()[0]
    job, other = desk.submit(approvals=1), desk.submit(approvals=1, tenant=2)
    desk.clock.advance(days=7, seconds=-1)
    assert desk.decisions.expire(millis(desk.clock())) == 0
    desk.clock.advance(seconds=1)
    assert desk.call(operator, "approve", job)[1]["code"] == "job_state"
    assert desk.decisions.expire(millis(desk.clock())) == 2
    assert desk.decisions.expire(millis(desk.clock())) == 0
    found = desk.get(operator, f"/{job}")
    assert (found["state"], found["error"]) == ("cancelled", "never_approved")
    ends = [entry for entry in desk.house.entries() if entry["action"] == "work.job_cancel"]
    assert [(end["tenant"], end["reason"], end["actor"]["kind"]) for end in ends] == [
        (1, "expired", "system"),
        (2, "expired", "system"),
    ]
    again = desk.call(operator, "resume", job)[1]
    assert (again["state"], again["approvals"]["needed"], again["job"] != job) == ("awaiting_approval", 1, True)
    assert desk.call(operator, "approve", again["job"])[0] == 403  # it is theirs now
    assert other != job


def test_pausing_resuming_and_cancelling_are_in_the_log_with_the_job_they_were_about(desk: Desk) -> None:
    operator, who = desk.person()
    job = desk.submit()
    assert desk.call(operator, "pause", job)[1]["state"] == "paused"
    assert desk.call(operator, "pause", job)[0] == 200
    status, answer = desk.call(operator, "resume", job)
    assert (status, answer["state"], answer["job"]) == (202, "queued", job)
    assert desk.call(operator, "cancel", job)[1]["state"] == "cancelled"
    assert desk.call(operator, "pause", job)[1]["code"] == "job_ended"
    (ref,) = {ref for _, _, ref, _ in desk.recorded("work.job_pause")}
    for action in ("work.job_resume", "work.job_cancel"):
        assert desk.recorded(action) == [("done", None, ref, who.id)]


def test_a_job_that_waits_for_approval_is_not_paused_but_can_be_cancelled(desk: Desk) -> None:
    operator = desk.person()[0]
    job = desk.submit(approvals=1)
    assert desk.call(operator, "pause", job)[1]["code"] == "job_state"
    assert desk.call(operator, "resume", job)[1]["code"] == "job_state"
    assert desk.call(operator, "cancel", job)[1]["state"] == "cancelled"


def test_jobs_are_listed_page_by_page_and_by_kind_and_state(desk: Desk) -> None:
    operator = desk.person()[0]
    made = []
    for number in range(5):
        desk.clock.advance(seconds=1)
        made.append(desk.submit(kind="odd" if number % 2 else "even", approvals=number % 2))
    desk.submit(tenant=2)
    page = desk.get(operator, "?limit=3")
    rest = desk.get(operator, f"?limit=3&cursor={page['next_cursor']}")
    assert [one["job"] for one in page["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None
    assert [one["job"] for one in desk.get(operator, "?kind=odd")["items"]] == made[3::-2]
    assert [one["job"] for one in desk.get(operator, "?state=queued&kind=even")["items"]] == made[4::-2]
    assert desk.get(operator, "?state=lost")["code"] == "invalid_request"
    assert desk.get(desk.person(Role.SERVICE)[0], "")["code"] == "forbidden"


def test_another_tenants_job_is_not_there_for_any_decision(desk: Desk) -> None:
    operator = desk.person()[0]
    job = desk.submit(approvals=1, tenant=2)
    for act in ("pause", "resume", "cancel", "approve"):
        assert desk.call(operator, act, job)[0] == 404
    assert desk.recorded("work.job_approve") == []


def test_two_people_on_the_host_approve_by_their_credentials(desk: Desk, database_url: str, tmp_path: Path) -> None:
    people = [desk.person(), desk.person(), desk.person(Role.AUDITOR)]
    files = []
    for number, (text, _) in enumerate(people):
        files.append(tmp_path / f"credential-{number}")
        files[-1].write_text(text + "\n")
    desk.clock.moment = utc_now()  # the command has no other clock
    job = desk.submit(people[0][1], approvals=1)
    where = (
        ["--database", database_url] if database_url.startswith("postgresql") else ["--data", str(tmp_path / "data")]
    )

    def approve(file: Path) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["jobs", "approve", job, "--credential", str(file), *where])
        return done.exit_code, done.output

    assert approve(files[0]) == (1, "Error: Who asked for a job cannot approve it.\n")
    assert approve(files[2])[0] == 1
    code, said = approve(files[1])
    assert (code, said.split()[-1]) == (0, "queued"), said
    assert [outcome for outcome, *_ in desk.recorded("work.job_approve")] == ["denied", "done"]


def test_an_operator_at_the_console_or_the_service_itself_is_nobody_who_approves(desk: Desk) -> None:
    desk.submit(approvals=1)
    found = desk.jobs.page(1, before=None, limit=1, kind=None, state=None)[0]
    for nobody in (SYSTEM, Actor(ActorKind.OPERATOR)):
        with pytest.raises(OwnJobError):
            desk.database.write(1, lambda tx, who=nobody: desk.jobs.approve(tx, 1, found.id, who, 1))  # type: ignore[misc]
    assert desk.jobs.get(1, found.id).state is JobState.AWAITING_APPROVAL


def test_the_command_line_lists_shows_and_decides(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (asker, asks), (other, _) = desk.person(), desk.person(Role.PRIVACY_OFFICER)
    job = desk.submit(asks, approvals=1)
    answered = desk.house.edge.app

    def run(text: str, *words: str) -> tuple[int, str]:
        connect = partial(Client, "http://moat.test", text, transport=WSGITransport(answered))
        monkeypatch.setattr("work.cli.Moat", connect)
        done = CliRunner().invoke(main, ["jobs", *words], env={"COLUMNS": "200"})
        return done.exit_code, done.output

    assert job in run(asker, "list", "--state", "awaiting_approval")[1]
    assert job not in run(asker, "list", "--kind", "other")[1]
    code, said = run(asker, "approve", job)
    assert (code, "own_job" in said) == (1, True)
    code, said = run(other, "approve", job)
    assert (code, "queued  0/0  asked by credential:" in said) == (0, True)
    assert run(other, "pause", job)[0] == 0
    assert "paused" in run(other, "show", job)[1]
    assert "approved by credential:" in run(other, "resume", job)[1]
    code, said = run(other, "cancel", job, "--watch")
    assert (code, "the job was cancelled" in said) == (1, True)
    assert run(other, "show", "not-a-job")[0] == 2
