"""HTTP operations on jobs."""

from collections.abc import Mapping
from uuid import UUID

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from audit.log import AuditLog
from database.engine import Database
from web.auth import authenticated, caller, occasion, require
from web.edge_problems import NOT_FOUND
from web.openapi import blueprint
from web.principal import Scope
from web.problems import Problem
from work.decisions import Deciding, Decisions
from work.desk import JobDesk
from work.errors import (
    AlreadyApprovedError,
    IdempotencyMismatchError,
    JobEndedError,
    JobNotFoundError,
    JobStateError,
    OwnJobError,
)
from work.http_replay import IDEMPOTENCY_KEY, IDEMPOTENCY_MISMATCH
from work.messages import JobAnswer, JobPath, JobsAnswer, JobsQuery, answer

JOB_ENDED = Problem(
    "job_ended",
    409,
    "The job has ended",
    "A job that is done can be neither paused nor cancelled nor resumed, and one that has failed only resumed.",
    "Look at the job: its state says how it ended.",
)
JOB_STATE = Problem(
    "job_state",
    409,
    "The job is in another state",
    "This cannot be asked of a job in its present state: only jobs that wait for approval are approved, within seven days, and "
    "only those that were paused, cancelled or have failed are resumed.",
    "Look at the job: its state says what it waits for.",
)
OWN_JOB = Problem(
    "own_job",
    403,
    "Who asked for a job cannot approve it",
    "The job takes two persons, and this credential is the one that asked for it. The refusal has been recorded.",
    "Let somebody else approve it, with a credential of their own.",
)
ALREADY_APPROVED = Problem(
    "already_approved",
    409,
    "The credential has approved the job already",
    "The job needs the approval of several persons, and this credential has given its own before. The repetition has been "
    "recorded.",
    "Let somebody else approve it, with a credential of their own.",
)
PROBLEMS: Mapping[type[Exception], Problem] = {
    JobNotFoundError: NOT_FOUND,
    JobEndedError: JOB_ENDED,
    JobStateError: JOB_STATE,
    OwnJobError: OWN_JOB,
    AlreadyApprovedError: ALREADY_APPROVED,
    IdempotencyMismatchError: IDEMPOTENCY_MISMATCH,
}
FURTHER = (IDEMPOTENCY_KEY,)


class JobApi:
    """Jobs over HTTP."""

    def __init__(self, database: Database, log: AuditLog, desk: JobDesk) -> None:
        self._desk = desk
        self._decisions = Decisions(database, log, desk)

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("jobs", about="Work that goes on after its call was answered.")
        manage, approve = require(Scope.JOBS_MANAGE), require(Scope.JOBS_APPROVE)
        api.get("/jobs", responses={200: JobsAnswer})(manage(self.list_jobs))
        api.get("/jobs/<job>", responses={200: JobAnswer})(authenticated(self.get_job))
        api.post("/jobs/<job>/pause", responses={200: JobAnswer})(manage(self.pause_job))
        api.post("/jobs/<job>/resume", responses={202: JobAnswer})(manage(self.resume_job))
        api.post("/jobs/<job>/cancel", responses={200: JobAnswer})(manage(self.cancel_job))
        api.post("/jobs/<job>/approve", responses={200: JobAnswer})(approve(self.approve_job))
        return api

    def list_jobs(self, query: JobsQuery) -> Response:
        """List jobs, the latest first"""
        before = None if query.cursor is None else UUID(query.cursor)
        found = self._desk.page(caller().tenant, before=before, limit=query.limit, kind=query.kind, state=query.state)
        more = str(found[-1].id) if len(found) == query.limit else None
        return jsonify({"items": [answer(job) for job in found], "next_cursor": more})

    def get_job(self, path: JobPath) -> Response:
        """Tell how far a job is"""
        return self._answer(UUID(path.job))

    def pause_job(self, path: JobPath) -> Response:
        """Have a job begin no further step, until it is resumed"""
        job = UUID(path.job)
        self._decisions.pause(_deciding(), job)
        return self._answer(job)

    def resume_job(self, path: JobPath) -> tuple[Response, int]:
        """Have a paused or failed job go on where it stopped, or ask anew for what a cancelled one was to do"""
        return self._answer(self._decisions.resume(_deciding(), UUID(path.job))), 202

    def cancel_job(self, path: JobPath) -> Response:
        """Have a job end at its next step"""
        job = UUID(path.job)
        self._decisions.cancel(_deciding(), job)
        return self._answer(job)

    def approve_job(self, path: JobPath) -> Response:
        """Approve a job that takes two persons or more, as one who did not ask for it"""
        job = UUID(path.job)
        self._decisions.approve(_deciding(), job)
        return self._answer(job)

    def _answer(self, job: UUID) -> Response:
        tenant = caller().tenant
        return jsonify(answer(self._desk.get(tenant, job), self._desk.approvals(tenant, job)))


def _deciding() -> Deciding:
    now = occasion()
    return Deciding(tenant=caller().tenant, actor=now.actor, request=now.request, at=now.at)
