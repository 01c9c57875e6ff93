"""HTTP operations on exports of the log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import Response, jsonify, send_file
from flask_openapi.blueprint import APIBlueprint
from pydantic import BaseModel, Field, StringConstraints

from audit.entry import Action, ActorKind, Outcome, Reason
from audit.export import Plan
from audit.export_desk import (
    ExportDesk,
    ExportExpiredError,
    ExportNotFoundError,
    ExportNotReadyError,
    LogNotPublishedError,
    NotAnEarlierExportError,
    PersonUnknownError,
    RangeNotInLogError,
    TooManyExportsError,
    Wanted,
)
from audit.export_filter import VALUES_AT_MOST
from audit.export_parquet import available
from audit.http import asking
from audit.messages import Moment
from database.columns import millis, rfc3339
from web.auth import caller, demand, require
from web.edge_problems import NOT_FOUND
from web.json_body import Body
from web.openapi import blueprint
from web.principal import Scope
from web.problems import Problem, ProblemError
from work.http_replay import replay_of_call

_JOB = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

LOG_NOT_PUBLISHED = Problem(
    "log_not_published",
    409,
    "The log is not published yet",
    "An export is proved to a published checkpoint, and there is none on this host: the service has just started, does not "
    "publish, or cannot.",
    "Try again in a few seconds; if that does not help, look at /readyz.",
)
RANGE_NOT_IN_LOG = Problem(
    "range_not_in_log",
    422,
    "The range does not lie in the log",
    "The range ends before it begins, or beyond the entries of the published checkpoint.",
    "Leave out from and to for the whole log. What was done in the last second may not be published yet.",
)
FORMAT_UNAVAILABLE = Problem(
    "format_unavailable",
    422,
    "This format cannot be made here",
    "Parquet needs the extra that this installation does not have.",
    "Ask for CSV, or install moat-privacy[parquet].",
)
TOO_MANY_EXPORTS = Problem(
    "too_many_exports",
    429,
    "Too many exports are being made",
    "Four exports of this tenant are being made, which is as many as may be at a time.",
    "Wait for one of them, or cancel its job.",
)
EXPORT_NOT_READY = Problem(
    "export_not_ready",
    409,
    "The export is not made",
    "Its job still goes on, was cancelled, or has failed.",
    "Look at the job: its state says which.",
)
EXPORT_EXPIRED = Problem(
    "export_expired",
    410,
    "The export has gone",
    "An export is kept for seven days after it was asked for, on the host that made it.",
    "Ask for it anew. The same range gives the same rows.",
)
NOT_AN_EARLIER_EXPORT = Problem(
    "not_an_earlier_export",
    409,
    "This export was not before",
    "The export named in since is of another log, or of a later state of this one, so that nothing can be proved from it.",
    "Name an earlier export of this log, or leave since out.",
)
PROBLEMS: Mapping[type[Exception], Problem] = {
    LogNotPublishedError: LOG_NOT_PUBLISHED,
    TooManyExportsError: TOO_MANY_EXPORTS,
    RangeNotInLogError: RANGE_NOT_IN_LOG,
    PersonUnknownError: NOT_FOUND,
    ExportNotFoundError: NOT_FOUND,
    ExportNotReadyError: EXPORT_NOT_READY,
    ExportExpiredError: EXPORT_EXPIRED,
    NotAnEarlierExportError: NOT_AN_EARLIER_EXPORT,
}
FURTHER = (FORMAT_UNAVAILABLE,)

Code = Annotated[str, StringConstraints(pattern=r"^([a-z_]+[0-9]{0,3})+$", max_length=48)]
"""A word of an entry. A filter is kept as it is, so a word has no room for anybody's number."""

Made = Annotated[str, StringConstraints(pattern=_JOB)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16,64}$")]
Pseudonym = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22}$")]
Person = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
Number = Annotated[int, Field(ge=0, lt=1 << 63)]


def _any_of(alias: str | None = None, *, about: str | None = None) -> Any:
    return Field(None, alias=alias, min_length=1, max_length=VALUES_AT_MOST, description=about)


class ExportFilter(Body):
    """Which entries become rows: those that meet every criterion. Of a list, any one value will do."""

    act: list[Made] | None = _any_of()
    action: list[Action] | None = _any_of(about="Such as vault.detokenize.")
    actor_id: list[Number] | None = _any_of("actor.id", about="Numbers of credentials.")
    actor_kind: list[ActorKind] | None = _any_of("actor.kind")
    actor_role: list[Code] | None = _any_of("actor.role")
    behalf_role: list[Code] | None = _any_of("behalf.role")
    kind: list[Code] | None = _any_of()
    outcome: list[Outcome] | None = _any_of()
    policy: list[Digest] | None = _any_of()
    purpose: list[Code] | None = _any_of()
    reason: list[Reason] | None = _any_of()
    ref: list[Pseudonym] | None = _any_of(about="Pseudonyms of orders, as entries have them.")
    request: list[Made] | None = _any_of()
    subject: list[Person] | None = _any_of(about="Your ids of people. The export names them by pseudonyms only.")
    tenant: list[Number] | None = _any_of(about="Needs the scope audit:log for others than the credential's own.")
    view: list[Code] | None = _any_of()
    since: Moment | None = Field(None, alias="from", description="What was done at this time or later.")
    until: Moment | None = Field(None, alias="to", description="What was done before this time.")

    def criteria(self) -> dict[str, Any]:
        """The criteria as a manifest writes them, without the people."""
        given = self.model_dump(by_alias=True, exclude_none=True, exclude={"subject"}, mode="python")
        return {name: _time(value) if isinstance(value, datetime) else value for name, value in given.items()}


class ExportRequest(Body):
    """An export of the log, or of a part of it."""

    filter: ExportFilter = Field(default_factory=ExportFilter)
    log: int | None = Field(None, ge=1, le=1_000_000, description="Number of an earlier log of this deployment.")
    start: Number | None = Field(None, alias="from", description="Index of the first entry of the range.")
    stop: Number | None = Field(None, alias="to", description="Index after the last entry of the range.")
    proof: Literal["complete", "inclusion"] | None = Field(
        None,
        description="complete, which needs the scope audit:log and is its default: the whole range is in it, so that it proves "
        "that no row was left out. inclusion: each row is proved to be in the log.",
    )
    formats: list[Literal["csv", "parquet"]] = Field(default_factory=list, max_length=2, description="Beside NDJSON.")
    proofs: bool = Field(False, description="A .tlog-proof of each row, of at most 5,000 rows.")
    since: str | None = Field(
        None, pattern=_JOB, description="An earlier export; otherwise the latest of the same credential is taken."
    )


class ExportPath(Body):
    job: Annotated[str, StringConstraints(pattern=_JOB)]


class ExportAnswer(BaseModel):
    """The job that makes the export; its archive is at /v1/audit/exports/{job} once that is done."""

    job: str


class ExportApi:
    """Exports over HTTP."""

    def __init__(self, desk: ExportDesk) -> None:
        self._desk = desk

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("audit_exports", about="Exports of the log, for somebody who trusts nobody here.")
        read = require(Scope.AUDIT_READ)
        api.post("/audit/exports", responses={202: ExportAnswer})(read(self.create_audit_export))
        archive: dict[Any, Any] = {200: {"description": "The archive", "content": {"application/zip": {}}}}
        api.get("/audit/exports/<job>", responses=archive)(read(self.get_audit_export))
        return api

    def create_audit_export(self, body: ExportRequest) -> tuple[Response, int]:
        """Have an export made"""
        if "parquet" in body.formats and not available():
            raise ProblemError(FORMAT_UNAVAILABLE)
        job = self._desk.ask(asking(), _wanted(body), replay_of_call())
        return jsonify({"job": str(job)}), 202

    def get_audit_export(self, path: ExportPath) -> Response:
        """Download an export"""
        job = UUID(path.job)
        if _needs_log(self._desk.plan(caller().tenant, job)):
            demand(Scope.AUDIT_LOG)
        archive = self._desk.archive(asking(), job)
        answer = send_file(
            archive.absolute(),  # Flask takes a relative path for one beside its own modules
            mimetype="application/zip",
            as_attachment=True,
            download_name=f"audit-{job}.zip",
            etag=str(job),
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _wanted(body: ExportRequest) -> Wanted:
    """What a request asks for. Without the scope audit:log, that is of the credential's own tenant."""
    criteria, tenant = body.filter.criteria(), caller().tenant
    whole = caller().may(Scope.AUDIT_LOG)
    if not whole:
        if body.proof == "complete" or criteria.get("tenant", [tenant]) != [tenant]:
            demand(Scope.AUDIT_LOG)
        criteria["tenant"] = [tenant]
    return Wanted(
        criteria=criteria,
        log=body.log,
        people=body.filter.subject or (),
        start=body.start,
        stop=body.stop,
        complete=whole and body.proof != "inclusion",
        formats=tuple(sorted(set(body.formats))),
        proofs=body.proofs,
        since=None if body.since is None else UUID(body.since),
    )


def _needs_log(plan: Plan) -> bool:
    return plan.complete or plan.criteria.get("tenant") != [caller().tenant]


def _time(value: datetime) -> str:
    return rfc3339(millis(value))
