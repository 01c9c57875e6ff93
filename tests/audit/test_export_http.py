"""Asking for exports over HTTP and by the command line: whose entries, who may, what is proved, and what is recorded."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
import structlog
from click.testing import CliRunner
from httpx import WSGITransport
from moat_client.client import Moat
from moat_verifier.cli import run
from prometheus_client import CollectorRegistry

from audit import export_cli
from audit.checkpoint import ED25519, VerifierKey
from audit.entry import Actor, ActorKind, SubjectRef
from audit.event_id import uuid7
from audit.export import KIND
from audit.export_desk import UNDER_WAY_AT_MOST, ExportDesk
from audit.export_http import FURTHER, PROBLEMS, ExportApi
from audit.export_shelf import Shelf
from audit.jobs import ExportTask
from database.columns import millis
from database.engine import Database
from database.statement import Statement
from tests.audit.deployment import ALICE, Log
from tests.audit.exports import ExportSigner
from tests.audit.test_export import rows_of
from tests.support.clock import Clock
from tests.web.house import bearer
from vault.keys import MacKey
from web.edge import Bounds, Edge, Packages, Surroundings
from web.issuance import CredentialDesk, Grant, Occasion
from web.principal import Role, Scope
from web.tenancy import TenantDesk
from work import store as work_store
from work.desk import JobDesk, move, of_row
from work.http import PROBLEMS as JOB_PROBLEMS
from work.http import JobApi
from work.job import JobState


class People:
    """A vault that knows one person of the first tenant."""

    def pseudonyms(self, tenant: int, platform_id: str) -> Sequence[SubjectRef]:
        return [ALICE] if (tenant, platform_id) == (1, "cust-1001") else []


class Deployment:
    """The edge of exports over a log, with jobs carried out as soon as they are asked for."""

    def __init__(self, database: Database, place: Path, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.log = Log(database, place / "audit", clock)
        self.jobs = JobDesk(database, self.work)
        self.shelf = Shelf(place / "exports")
        self.task = ExportTask(self.log.directory, self.shelf, ExportSigner)
        self.working = True
        desk = ExportDesk(
            database,
            self.log.log,
            self.jobs,
            logs=self.log.directory,
            shelf=self.shelf,
            subjects=People(),
            generator="moat-privacy 0.0.0",
            mac_of=lambda tenant: MacKey(bytes([tenant]) * 32),
        )
        self.credentials = CredentialDesk(database, self.log.log, bootstrap_ended=lambda: None)
        packages = Packages(
            blueprints=[ExportApi(desk).blueprint(), JobApi(database, self.log.log, self.jobs).blueprint()],
            tables=[PROBLEMS, JOB_PROBLEMS],
            problems=FURTHER,
        )
        around = Surroundings(
            database=database, log=self.log.log, now=clock, registry=CollectorRegistry(), version="0.0.0"
        )
        self.edge = Edge(around, packages, Bounds(body_bytes=100_000))
        tenants = TenantDesk(database, self.log.log)
        self.tenants = [tenants.create(name, "CN", self.occasion()) for name in ("default", "other")]

    def occasion(self) -> Occasion:
        at = millis(self.clock())
        return Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)

    def credential(self, *scopes: Scope, tenant: int = 1, role: Role = Role.AUDITOR) -> str:
        name = f"c{millis(self.clock())}"
        self.clock.advance(seconds=1)
        return self.credentials.create(tenant, Grant(name=name, role=role, extra=frozenset(scopes)), self.occasion())[
            1
        ].reveal()

    def work(self) -> None:
        """Carry out what is queued, in this thread."""
        rows = self.database.read(
            None, lambda tx: tx.all(work_store.JOBS_IN_STATE, state=JobState.QUEUED.value, limit=10)
        )
        for job in map(of_row, rows) if self.working else ():
            number = 0
            while not self.task.step(job, number).finished:
                number += 1
            done = partial(move, job=job, state=JobState.DONE, at=millis(self.clock()))
            self.database.write(job.tenant, done)

    def ask(self, credential: str, key: Any = None, **wanted: Any) -> Any:
        headers = {**bearer(credential), **({"Idempotency-Key": key} if key else {})}
        return self.edge.app.test_client().post("/v1/audit/exports", json=wanted, headers=headers)

    def fetch(self, credential: str, job: str) -> Any:
        answer = self.edge.app.test_client().get(f"/v1/audit/exports/{job}", headers=bearer(credential))
        answer.get_data()
        answer.close()
        return answer

    def export(self, credential: str, place: Path, **wanted: Any) -> Path:
        """An export as a file."""
        asked = self.ask(credential, **wanted)
        assert asked.status_code == 202, asked.json
        fetched = self.fetch(credential, asked.json["job"])
        assert (fetched.status_code, fetched.content_type) == (200, "application/zip")
        path = place / f"{asked.json['job']}.zip"
        path.write_bytes(fetched.data)
        return path

    def verify(self, archive: Path, *options: str) -> int:
        origin = self.log.published().origin
        log_key = VerifierKey(origin, ED25519, self.log.keys.publics()[0])
        export_key = VerifierKey(f"{origin}/export", ED25519, ExportSigner().public)
        return run([str(archive), "--vkey", str(log_key), "--export-vkey", str(export_key), *options])

    def recorded(self, action: str) -> list[dict[str, Any]]:
        rows = self.database.read(None, lambda tx: tx.all(Statement("SELECT body FROM audit_entry ORDER BY id")))
        return [entry for (body,) in rows if (entry := orjson.loads(body))["action"] == action]


@pytest.fixture
def deployment(database: Database, tmp_path: Path, clock: Clock) -> Iterator[Deployment]:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), processors=[lambda *_: ""])
    built = Deployment(database, tmp_path, clock)
    yield built
    built.edge.close()
    structlog.reset_defaults()


def test_an_auditor_with_the_whole_log_gets_every_tenants_entries_proved_complete(
    deployment: Deployment, tmp_path: Path
) -> None:
    auditor = deployment.credential(Scope.AUDIT_LOG)
    deployment.log.act(10)
    deployment.log.act(10, tenant=2)
    deployment.log.publish()
    archive = deployment.export(auditor, tmp_path, formats=["csv"])
    assert deployment.verify(archive) == 0
    assert {row["entry"]["tenant"] for row in rows_of(archive)} >= {1, 2}


def test_a_tenants_own_credential_gets_its_own_entries_proved_to_be_in_the_log(
    deployment: Deployment, tmp_path: Path
) -> None:
    auditor = deployment.credential()
    deployment.log.act(10)
    deployment.log.act(10, tenant=2)
    deployment.log.publish()
    archive = deployment.export(auditor, tmp_path, formats=["csv"], proofs=True)
    assert deployment.verify(archive) == 0
    assert {row["entry"]["tenant"] for row in rows_of(archive)} == {1}


@pytest.mark.parametrize("wanted", [{"filter": {"tenant": [2]}}, {"filter": {"tenant": [1, 2]}}, {"proof": "complete"}])
def test_more_than_the_own_entries_needs_the_scope_of_the_whole_log(
    deployment: Deployment, wanted: dict[str, Any]
) -> None:
    auditor = deployment.credential()
    deployment.log.publish()
    refused = deployment.ask(auditor, **wanted)
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    assert deployment.recorded("web.scope_refused")
    assert not deployment.recorded("audit.export")


def test_another_tenant_neither_sees_nor_downloads_an_export(deployment: Deployment) -> None:
    auditor = deployment.credential()
    stranger = deployment.credential(Scope.AUDIT_LOG, tenant=2)
    deployment.log.publish()
    job = deployment.ask(auditor).json["job"]
    assert deployment.fetch(stranger, job).status_code == 404
    seen = deployment.edge.app.test_client().get(f"/v1/jobs/{job}", headers=bearer(stranger))
    assert seen.status_code == 404
    assert deployment.fetch(auditor, job).status_code == 200


def test_an_export_of_the_whole_log_is_not_handed_to_a_credential_without_its_scope(deployment: Deployment) -> None:
    whole, own = deployment.credential(Scope.AUDIT_LOG), deployment.credential()
    deployment.log.publish()
    for wanted in ({}, {"proof": "inclusion"}, {"filter": {"tenant": [1]}}):
        job = deployment.ask(whole, **wanted).json["job"]
        assert deployment.fetch(own, job).status_code == 403
        assert deployment.fetch(whole, job).status_code == 200


def test_a_person_is_named_by_the_platforms_id_and_stands_in_the_export_by_a_pseudonym_only(
    deployment: Deployment, tmp_path: Path
) -> None:
    auditor = deployment.credential()
    deployment.log.act(5)
    deployment.log.publish()
    archive = deployment.export(auditor, tmp_path, filter={"subject": ["cust-1001"]})
    assert deployment.verify(archive) == 0
    assert b"cust-1001" not in archive.read_bytes()
    [asked] = deployment.recorded("audit.export")
    assert asked["subjects"] == [ALICE]


def test_a_person_whom_the_tenant_does_not_have_is_not_found_and_that_is_recorded(deployment: Deployment) -> None:
    auditor, stranger = deployment.credential(), deployment.credential(tenant=2)
    deployment.log.publish()
    for credential in (auditor, stranger):
        person = "cust-9" if credential is auditor else "cust-1001"
        assert deployment.ask(credential, filter={"subject": [person]}).status_code == 404
    assert [entry["reason"] for entry in deployment.recorded("audit.export")] == ["not_found"] * 2


def test_asking_and_downloading_are_in_the_log(deployment: Deployment, tmp_path: Path) -> None:
    auditor = deployment.credential()
    deployment.log.publish()
    deployment.export(auditor, tmp_path)
    assert len(deployment.recorded("audit.export")) == len(deployment.recorded("audit.export_read")) == 1


def test_the_next_export_of_a_credential_extends_its_one_before(deployment: Deployment, tmp_path: Path) -> None:
    auditor, other = deployment.credential(Scope.AUDIT_LOG), deployment.credential(Scope.AUDIT_LOG)
    deployment.log.publish()
    first = deployment.export(auditor, tmp_path)
    deployment.log.act(300)
    deployment.log.publish()
    second = deployment.export(auditor, tmp_path)
    assert deployment.verify(second, "--since", str(first)) == 0
    by_other = deployment.export(other, tmp_path, since=first.stem)
    assert deployment.verify(by_other, "--since", str(first)) == 0
    assert deployment.ask(auditor, since=str(UUID(int=7))).status_code == 404


def test_the_range_of_a_complete_export_ends_at_checkpoints(deployment: Deployment, tmp_path: Path) -> None:
    auditor = deployment.credential(Scope.AUDIT_LOG)
    sizes = []
    for _ in range(3):
        deployment.log.act(10)
        sizes.append(deployment.log.publish().size)
    archive = deployment.export(auditor, tmp_path, **{"from": sizes[0] + 3, "to": sizes[1] - 2})
    assert deployment.verify(archive) == 0
    assert [row["index"] for row in rows_of(archive)] == list(range(sizes[0], sizes[1]))
    for beyond in ({"to": 99_999}, {"from": 5, "to": 4}):
        refused = deployment.ask(auditor, **beyond)
        assert (refused.status_code, refused.json["code"]) == (422, "range_not_in_log")


def test_an_export_that_is_not_made_yet_or_has_gone_says_so(deployment: Deployment, clock: Clock) -> None:
    auditor = deployment.credential()
    deployment.log.publish()
    deployment.working = False
    job = deployment.ask(auditor).json["job"]
    early = deployment.fetch(auditor, job)
    assert (early.status_code, early.json["code"]) == (409, "export_not_ready")
    deployment.working = True
    deployment.work()
    assert deployment.fetch(auditor, job).status_code == 200
    clock.advance(days=7, seconds=1)
    late = deployment.fetch(auditor, job)
    assert (late.status_code, late.json["code"]) == (410, "export_expired")
    assert list(deployment.shelf.root.iterdir()) == []


def test_only_so_many_exports_of_a_tenant_are_made_at_a_time(deployment: Deployment) -> None:
    auditor, other = deployment.credential(), deployment.credential(tenant=2)
    deployment.log.publish()
    deployment.working = False
    for _ in range(UNDER_WAY_AT_MOST):
        assert deployment.ask(auditor).status_code == 202
    refused = deployment.ask(auditor)
    assert (refused.status_code, refused.json["code"]) == (429, "too_many_exports")
    assert deployment.ask(other).status_code == 202
    deployment.working = True
    deployment.work()
    assert deployment.ask(auditor).status_code == 202


def test_a_log_that_is_named_is_exported_and_one_that_never_was_is_not(deployment: Deployment, tmp_path: Path) -> None:
    auditor = deployment.credential(Scope.AUDIT_LOG)
    deployment.log.publish()
    assert deployment.verify(deployment.export(auditor, tmp_path, log=1)) == 0
    assert deployment.ask(auditor, log=2).status_code == 409


def test_nothing_is_exported_before_the_log_is_published(deployment: Deployment) -> None:
    refused = deployment.ask(deployment.credential())
    assert (refused.status_code, refused.json["code"]) == (409, "log_not_published")


def test_a_job_of_another_kind_is_no_export(deployment: Deployment, database: Database) -> None:
    auditor = deployment.credential()
    job = database.write(1, lambda tx: deployment.jobs.submit(tx, 1, "other", {}, 1_000))
    assert deployment.fetch(auditor, str(job)).status_code == 404


@pytest.mark.parametrize(
    "wanted",
    [
        {"filter": {"name": ["x"]}},
        {"filter": {"action": []}},
        {"filter": {"request": ["13812345678 Wang"]}},
        {"filter": {"from": "2026-11-02"}},
        {"formats": ["xlsx"]},
        {"from": -1},
        {"since": "x"},
    ],
)
def test_what_is_no_export_is_refused_without_repeating_it(deployment: Deployment, wanted: dict[str, Any]) -> None:
    refused = deployment.ask(deployment.credential(), **wanted)
    assert refused.status_code == 422
    assert b"13812345678" not in refused.data


def test_a_jobs_parameters_hold_codes_numbers_and_checkpoints_only(deployment: Deployment) -> None:
    auditor = deployment.credential(Scope.AUDIT_LOG)
    deployment.log.publish()
    job = deployment.ask(auditor, filter={"subject": ["cust-1001"], "from": "2026-11-02T09:00:00+01:00"}).json["job"]
    found = deployment.jobs.get(1, UUID(job))
    assert found.kind == KIND
    assert found.params["criteria"] == {"from": "2026-11-02T08:00:00.000Z", "subject": [ALICE]}
    assert "cust-1001" not in orjson.dumps(dict(found.params)).decode()


def test_the_command_line_fetches_what_it_asked_for(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor = deployment.credential(Scope.AUDIT_LOG)
    deployment.log.act(20)
    deployment.log.publish()
    transport = WSGITransport(deployment.edge.app)
    monkeypatch.setattr(export_cli, "Moat", lambda: Moat("http://moat.test", auditor, transport=transport))
    output = tmp_path / "export.zip"
    command = ["-o", str(output), "--format", "csv", "--filter", "action=vault.detokenize", "--filter", "tenant=1"]
    result = CliRunner().invoke(export_cli.export_command, [*command, "--watch"])
    assert result.exit_code == 0, result.output
    assert deployment.verify(output) == 0
    assert len(rows_of(output)) == 20
    assert [path.name for path in tmp_path.glob("*.part")] == []
    refused = CliRunner().invoke(export_cli.export_command, ["-o", str(output), "--to", "99999"])
    assert (refused.exit_code, "range_not_in_log" in refused.output) == (1, True)
    for wrong in ("name=x", "action", "tenant=x"):
        assert CliRunner().invoke(export_cli.export_command, ["-o", str(output), "--filter", wrong]).exit_code == 2


def test_a_repeated_call_gets_the_job_of_the_first_and_another_body_none(deployment: Deployment) -> None:
    deployment.log.publish()
    auditor = deployment.credential(Scope.AUDIT_LOG)
    first = deployment.ask(auditor, key="k-1", formats=["csv"])
    again = deployment.ask(auditor, key="k-1", formats=["csv"])
    assert (first.status_code, again.json) == (202, first.json)
    other = deployment.ask(auditor, key="k-1", formats=[])
    assert (other.status_code, other.json["code"]) == (409, "idempotency_mismatch")
    assert deployment.ask(auditor, key="k-2", formats=["csv"]).json != first.json
    assert len(deployment.recorded("audit.export")) == 2
