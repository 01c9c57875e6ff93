"""Exports of the log: asking for one, how far it is, and taking it away."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, send_file, url_for

from audit.asking import Asking
from audit.export import KIND, Plan
from audit.export_desk import (
    ExportDesk,
    ExportExpiredError,
    ExportNotFoundError,
    ExportNotReadyError,
    LogNotPublishedError,
    TooManyExportsError,
    Wanted,
)
from audit.export_parquet import available
from audit.export_shelf import expires_at
from database.columns import rfc3339
from pages.auditor.days import day_of, moment_of
from pages.shell.door import wants_fragment
from pages.shell.site import Site
from pages.staff.door import StaffDoor
from web.auth import caller
from web.context import current
from web.edge_problems import NOT_FOUND
from web.principal import Scope
from web.problems import ProblemError
from work.desk import JobDesk
from work.errors import JobNotFoundError
from work.job import GOING

SHOWN = 20


class ExportPages:
    """Exports."""

    def __init__(self, site: Site, desk: ExportDesk, jobs: JobDesk, asking: Callable[[], Asking]) -> None:
        self._site = site
        self._desk = desk
        self._jobs = jobs
        self._asking = asking

    def add(self, pages: Blueprint, door: StaffDoor) -> None:
        """Enter the routes."""
        read = Scope.AUDIT_READ
        pages.add_url_rule("/exports", "exports", door(self.exports, read))
        pages.add_url_rule("/exports", "ask", door(self.ask, read, fresh=True), methods=["POST"])
        pages.add_url_rule("/exports/<uuid:job>", "archive", door(self.archive, read, fresh=True))

    def exports(self) -> Response:
        """The tenant's exports, the latest first, and the form to ask for another; only the list for whoever watches it."""
        return self._shown(None)

    def ask(self) -> Response:
        """Have one made."""
        form, whole = request.form, caller().may(Scope.AUDIT_LOG)
        since, until = moment_of(day_of(form.get("since", ""))), day_of(form.get("until", ""))
        criteria: dict[str, Any] = {} if whole else {"tenant": [caller().tenant]}
        if since is not None:
            criteria["from"] = rfc3339(since)
        if (end := moment_of(None if until is None else until + timedelta(days=1))) is not None:
            criteria["to"] = rfc3339(end)
        formats = tuple(one for one in ("csv", "parquet") if one in form.getlist("format") and one in self._formats())
        try:
            self._desk.ask(self._asking(), Wanted(criteria=criteria, complete=whole, formats=formats))
        except LogNotPublishedError:
            return self._shown("auditor.exports.unpublished", status=409)
        except TooManyExportsError:
            return self._shown("auditor.exports.too_many", status=429)
        return self._site.go(url_for("auditor.exports"), said="auditor.exports.asked")

    def archive(self, job: UUID) -> Response:
        """Take one away."""
        try:
            plan = self._desk.plan(caller().tenant, job)
            if (plan.complete or plan.criteria.get("tenant") != [caller().tenant]) and not caller().may(
                Scope.AUDIT_LOG
            ):
                raise ProblemError(NOT_FOUND)
            path = self._desk.archive(self._asking(), job)
        except (JobNotFoundError, ExportNotFoundError, ExportNotReadyError, ExportExpiredError):
            raise ProblemError(NOT_FOUND) from None
        answer = send_file(
            path.absolute(), mimetype="application/zip", as_attachment=True, download_name=f"audit-{job}.zip"
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _shown(self, wrong: str | None, *, status: int = 200) -> Response:
        tenant, at = caller().tenant, current().at
        jobs = self._jobs.page(tenant, before=None, limit=SHOWN, kind=KIND, state=None)
        return self._site.page(
            "auditor/export_list.html" if wants_fragment() else "auditor/exports.html",
            status=status,
            exports=[(job, Plan.of(job.params), expires_at(job.id)) for job in jobs],
            going=any(job.state in GOING for job in jobs),
            now=at,
            formats=self._formats(),
            whole=caller().may(Scope.AUDIT_LOG),
            wrong=wrong,
        )

    def _formats(self) -> tuple[str, ...]:
        return ("csv", "parquet") if available() else ("csv",)
