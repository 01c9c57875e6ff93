"""HTTP operations on jobs."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint
from pydantic import BaseModel, StringConstraints

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.columns import rfc3339
from database.engine import Database
from database.transaction import Transaction
from web.auth import authenticated, caller, occasion, require
from web.edge_problems import NOT_FOUND
from web.json_body import Body
from web.openapi import blueprint
from web.principal import Scope
from web.problems import Problem
from work.desk import JobDesk
from work.errors import IdempotencyMismatchError, JobEndedError, JobNotFoundError
from work.http_replay import IDEMPOTENCY_KEY, IDEMPOTENCY_MISMATCH
from work.job import Job

JOB_ENDED = Problem(
    "job_ended",
    409,
    "The job has ended",
    "A job that is done or has failed can no longer be cancelled.",
    "Look at the job: its state says how it ended.",
)
PROBLEMS: Mapping[type[Exception], Problem] = {
    JobNotFoundError: NOT_FOUND,
    JobEndedError: JOB_ENDED,
    IdempotencyMismatchError: IDEMPOTENCY_MISMATCH,
}
FURTHER = (IDEMPOTENCY_KEY,)


class JobPath(Body):
    job: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class JobAnswer(BaseModel):
    """A job and how far it is."""

    job: str
    kind: str
    state: str
    done: int
    total: int
    error: str | None
    created_at: str


class JobApi:
    """Jobs over HTTP."""

    def __init__(self, database: Database, log: AuditLog, desk: JobDesk) -> None:
        self._database = database
        self._log = log
        self._desk = desk

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("jobs", about="Work that goes on after its call was answered.")
        api.get("/jobs/<job>", responses={200: JobAnswer})(authenticated(self.get_job))
        api.post("/jobs/<job>/cancel", responses={200: JobAnswer})(require(Scope.JOBS_MANAGE)(self.cancel_job))
        resume = require(Scope.JOBS_MANAGE)(self.resume_job)
        api.post("/jobs/<job>/resume", responses={202: JobAnswer})(resume)
        return api

    def resume_job(self, path: JobPath) -> tuple[Response, int]:
        """Begin a cancelled or failed job anew, under a number of its own"""
        now, tenant = occasion(), caller().tenant

        def work(tx: Transaction) -> UUID:
            act = Act(Action.JOB_RESUME, now.actor, tenant, now.at, now.request, [Group(Outcome.DONE)])
            self._log.append(tx, act)
            return self._desk.resume(tx, tenant, UUID(path.job), now.at)

        job = self._database.write(tenant, work)
        self._desk.nudge()
        return jsonify(_answer(self._desk.get(tenant, job))), 202

    def get_job(self, path: JobPath) -> Response:
        """Tell how far a job is"""
        return jsonify(_answer(self._desk.get(caller().tenant, UUID(path.job))))

    def cancel_job(self, path: JobPath) -> Response:
        """Have a job end at its next step"""
        now, tenant, job = occasion(), caller().tenant, UUID(path.job)

        def work(tx: Transaction) -> None:
            self._desk.cancel(tx, tenant, job, now.at)
            act = Act(Action.JOB_CANCEL, now.actor, tenant, now.at, now.request, [Group(Outcome.DONE)])
            self._log.append(tx, act)

        self._database.write(tenant, work)
        self._desk.nudge()
        return jsonify(_answer(self._desk.get(tenant, job)))


def _answer(job: Job) -> dict[str, object]:
    return {
        "job": str(job.id),
        "kind": job.kind,
        "state": job.state.value,
        "done": job.done,
        "total": job.total,
        "error": job.error,
        "created_at": rfc3339(job.created_at),
    }
