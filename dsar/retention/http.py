"""HTTP operations on retention."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from database.columns import millis
from dsar.request import By
from dsar.retention import messages as m
from dsar.retention.answers import (
    alert_answer,
    item_answer,
    plan_answer,
    plan_csv,
    plan_summary,
    policy_answer,
    run_answer,
)
from dsar.retention.asking import RunDesk, Wanted
from dsar.retention.events import Events, Told
from dsar.retention.policies import Policies
from dsar.retention.policy_messages import AlertsAnswer, PolicyAnswer
from dsar.retention.reading import Reading
from web.auth import caller, occasion, require
from web.openapi import blueprint
from web.principal import Scope
from work.desk import JobDesk
from work.http_replay import replay_of_call
from work.replay import Mac

_DETAILS = {
    "in_the_future": "The event has not happened yet.",
    "ref_is_personal": "The ref reads as a phone, document or card number, or an e-mail address.",
    "not_found": "The vault knows no such person, or not any more.",
}


@dataclass(frozen=True, slots=True)
class UseCases:
    """What the operations call. `mac_of` gives a tenant's key for fingerprints of repeated calls."""

    events: Events
    desk: RunDesk
    reading: Reading
    policies: Policies
    jobs: JobDesk
    mac_of: Callable[[int], Mac]


class RetentionApi:
    """Retention over HTTP."""

    def __init__(self, use: UseCases) -> None:
        self._use = use

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("retention", about="What nobody needs any more disappears: policies, events, plans and runs.")
        tell, read, manage = (
            require(scope) for scope in (Scope.RETENTION_EVENTS, Scope.RETENTION_READ, Scope.RETENTION_MANAGE)
        )
        plan, run = "/retention/plans/<plan>", "/retention/runs/<run>"
        planned: dict[Any, Any] = {202: m.PlanStarted}
        running: dict[Any, Any] = {202: m.RunStarted}
        text = {"schema": {"type": "string"}}
        report: dict[Any, Any] = {200: {"content": {"application/json": {}, "text/csv": text}}}
        api.post("/retention/events", responses={200: m.EventsAnswer})(tell(self.tell_retention_events))
        api.post("/retention/plans", responses=planned)(manage(self.make_retention_plan))
        api.get("/retention/plans", responses={200: m.PlansPage})(read(self.list_retention_plans))
        api.get(plan, responses=report | {200: m.PlanAnswer})(read(self.get_retention_plan))
        api.get(f"{plan}/items", responses={200: m.ItemsPage})(read(self.list_retention_items))
        api.post("/retention/runs", responses=running)(manage(self.start_retention_run))
        api.get("/retention/runs", responses={200: m.RunsPage})(read(self.list_retention_runs))
        api.get(run, responses={200: m.RunAnswer})(read(self.get_retention_run))
        api.get("/retention/policy", responses={200: PolicyAnswer})(read(self.get_retention_policy))
        api.get("/retention/alerts", responses={200: AlertsAnswer})(read(self.list_retention_alerts))
        api.get("/retention/counts", responses={200: m.MonthsAnswer})(read(self.list_retention_counts))
        return api

    def tell_retention_events(self, body: m.EventsBody) -> Response:
        """Tell what happened to orders, cases and people

        Periods run from it. Telling an event again, late or in any order comes to the same; refs need not be known yet.
        """
        told = [Told(one.event, one.ref, one.subject, millis(one.at)) for one in body.told()]
        taken = self._use.events.tell(caller().tenant, told, _by(), replay_of_call())
        items = [
            {"news": one.news} if one.error is None else {"error": {"code": one.error, "detail": _DETAILS[one.error]}}
            for one in taken
        ]
        return jsonify(items=items)

    def make_retention_plan(self) -> tuple[Response, int]:
        """Have a plan made of what is due now; nothing is destroyed by it"""
        tenant = caller().tenant
        plan = self._use.desk.plan(tenant, _by(), self._use.mac_of(tenant), replay_of_call())
        return jsonify(plan=str(plan), **self._job(plan)), 202

    def list_retention_plans(self, query: m.PageQuery) -> Response:
        """List plans, the latest first"""
        return self._page(query, run=False)

    def get_retention_plan(self, path: m.PlanPath, query: m.ReportQuery) -> Response:
        """Show what a plan would do, and what stays and why"""
        report = self._use.reading.report(caller().tenant, UUID(path.plan))
        if query.format == "csv":
            return Response(plan_csv(report), content_type="text/csv; charset=utf-8; header=present")
        return jsonify(plan_answer(report))

    def list_retention_items(self, path: m.PlanPath, query: m.ItemsQuery) -> Response:
        """List the uses that a plan has frozen, for thirty days"""
        found = self._use.reading.items(caller().tenant, UUID(path.plan), after=query.cursor, limit=query.limit)
        more = str(found[-1].position + 1) if len(found) == query.limit else None
        return jsonify(items=[item_answer(one) for one in found], next_cursor=more)

    def start_retention_run(self, body: m.RunRequest) -> tuple[Response, int]:
        """Have a plan carried out

        What was due when it was planned is asked again, each for itself. Many uses at once, or a large part of a kind, take a
        second person to approve the job.
        """
        tenant = caller().tenant
        wanted = Wanted(plan=UUID(body.plan), reviewed=body.reviewed, throttle=body.throttle)
        run = self._use.desk.run(tenant, wanted, _by(), self._use.mac_of(tenant), replay_of_call())
        return jsonify(run=str(run), plan=body.plan, **self._job(run)), 202

    def list_retention_runs(self, query: m.PageQuery) -> Response:
        """List runs, the latest first"""
        return self._page(query, run=True)

    def get_retention_run(self, path: m.RunPath) -> Response:
        """Show how far a run is, and what became of the plan"""
        return jsonify(run_answer(self._use.reading.run(caller().tenant, UUID(path.run))))

    def get_retention_policy(self, query: m.PolicyQuery) -> Response:
        """Show the policy in force, or an earlier version of it"""
        tenant, policies = caller().tenant, self._use.policies
        return jsonify(policy_answer(policies.edition(tenant, query.version), policies.versions(tenant)))

    def list_retention_alerts(self) -> Response:
        """List what is amiss: stored without a policy, not reviewed for a year, waiting for an event that does not come"""
        return jsonify(items=[alert_answer(one) for one in self._use.reading.alerts(caller().tenant)])

    def list_retention_counts(self) -> Response:
        """List what remains of what was anonymised"""
        items = [
            {"kind": kind, "purpose": purpose, "month": f"{month // 100:04}-{month % 100:02}", "count": count}
            for kind, purpose, month, count in self._use.reading.counts(caller().tenant)
        ]
        return jsonify(items=items)

    def _page(self, query: m.PageQuery, *, run: bool) -> Response:
        before = None if query.cursor is None else UUID(query.cursor)
        found = self._use.reading.plans(caller().tenant, before=before, limit=query.limit, run=run)
        more = str(found[-1].plan.id) if len(found) == query.limit else None
        answer = run_answer if run else plan_summary
        return jsonify(items=[answer(one) for one in found], next_cursor=more)

    def _job(self, job: UUID) -> dict[str, str]:
        found = self._use.jobs.get(caller().tenant, job)
        return {"job": str(job), "state": found.state.value}


def _by() -> By:
    now = occasion()
    return By(now.actor, now.request, now.at)
