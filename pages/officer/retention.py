"""Retention: the policy in force in words, plans of what is due, and runs that carry them out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from consent.catalogues.reading import CatalogueReader
from dsar.period import Period
from dsar.retention.asking import RunDesk, Wanted
from dsar.retention.due import Fate
from dsar.retention.errors import (
    PlanNotFoundError,
    PlanNotReadyError,
    PlanStaleError,
    PlanUsedError,
    PolicyNotFoundError,
    RunUnderWayError,
)
from dsar.retention.plan import KEPT_MS, PlanState
from dsar.retention.policies import Policies, rule_changes
from dsar.retention.reading import Reading, Report
from dsar.retention.rule import Action
from pages.officer.around import Around, by_staff, number_of
from pages.officer.naming import naming
from pages.shell.door import wants_fragment
from web.auth import caller
from web.context import current
from web.edge_problems import NOT_FOUND
from web.principal import Scope
from web.problems import ProblemError
from work.job import ENDED
from work.replay import Mac

PAGE = 20
THROTTLE_AT_MOST, THROTTLE_DIGITS = 1_000_000, 7
MAKING = frozenset({PlanState.LOOKING, PlanState.SEALING})
FAULTS: Mapping[type[Exception], str] = {
    PlanNotReadyError: "officer.retention.fault.not_ready",
    PlanStaleError: "officer.retention.fault.stale",
    PlanUsedError: "officer.retention.fault.used",
    RunUnderWayError: "officer.retention.fault.under_way",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionUseCases:
    """What the pages of retention call. `mac_of` gives a tenant's key for fingerprints of repeated calls."""

    desk: RunDesk
    reading: Reading
    policies: Policies
    mac_of: Callable[[int], Mac]


class RetentionPages:
    """The pages of retention."""

    def __init__(self, around: Around, use: RetentionUseCases, catalogue: CatalogueReader) -> None:
        self._around = around
        self._use = use
        self._catalogue = catalogue

    def add(self, pages: Blueprint) -> None:
        """Enter the routes. A run destroys, and takes somebody who has just shown who they are."""
        door, read, manage = self._around.door, Scope.RETENTION_READ, Scope.RETENTION_MANAGE
        plan = "/retention/plans/<uuid:number>"
        pages.add_url_rule("/retention", "retention", door(self.plans, read))
        pages.add_url_rule("/retention/policy", "retention_policy", door(self.policy, read))
        pages.add_url_rule("/retention/policy/<int:version>", "policy_version", door(self.policy, read))
        pages.add_url_rule("/retention/plans", "make_plan", door(self.make, manage), methods=["POST"])
        pages.add_url_rule(plan, "retention_plan", door(self.plan, read))
        pages.add_url_rule(f"{plan}/run", "retention_run", door(self.run, manage, fresh=True), methods=["POST"])

    def plans(self) -> Response:
        """What is amiss, and plans, the latest first; only these for whoever watches them."""
        before = number_of(request.args.get("before"))
        found = self._use.reading.plans(caller().tenant, before=before, limit=PAGE, run=False)
        more = url_for("officer.retention", before=found[-1].plan.id) if len(found) == PAGE else None
        return self._around.site.page(
            "officer/plan_list.html" if wants_fragment() else "officer/retention.html",
            plans=found,
            alerts=self._use.reading.alerts(caller().tenant),
            names=naming(self._around.site, self._catalogue),
            going=any(map(_going, found)),
            may_manage=caller().may(Scope.RETENTION_MANAGE),
            next=more,
            first=url_for("officer.retention") if before else None,
        )

    def policy(self, version: int | None = None) -> Response:
        """The policy in force or one that was, with what it changed."""
        tenant, policies = caller().tenant, self._use.policies
        try:
            edition = policies.edition(tenant, version)
        except PolicyNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        known = policies.versions(tenant)
        earlier = [one for one in known if one.policy.version < edition.policy.version]
        return self._around.site.page(
            "officer/retention_policy.html",
            edition=edition,
            versions=list(reversed(known)),
            before=earlier[-1].policy.version if earlier else None,
            changed=rule_changes(earlier[-1].policy, edition.policy) if earlier else (),
            old=earlier[-1].policy if earlier else edition.policy,
            names=naming(self._around.site, self._catalogue),
            span=self._span,
            lang_code=self._around.site.locale().value,
        )

    def make(self) -> Response:
        """Ask for a plan. It destroys nothing."""
        tenant = caller().tenant
        try:
            plan = self._use.desk.plan(tenant, by_staff(), self._use.mac_of(tenant))
        except RunUnderWayError:
            return self._around.site.go(url_for("officer.retention"), said="officer.retention.fault.making")
        return self._around.site.go(url_for("officer.retention_plan", number=plan))

    def plan(self, number: UUID) -> Response:
        """What a plan would do and what stays, or how far its run is; only this for whoever watches it."""
        return self._shown(number)

    def run(self, number: UUID) -> Response:
        """Ask for a plan to be carried out."""
        tenant, reviewed = caller().tenant, request.form.get("reviewed") == "yes"
        speed = request.form.get("throttle", "").strip()
        digits = speed.isascii() and speed.isdecimal() and len(speed) <= THROTTLE_DIGITS
        if speed and not (digits and 1 <= int(speed) <= THROTTLE_AT_MOST):
            return self._shown(number, wrong="officer.retention.fault.throttle", status=422)
        wanted = Wanted(plan=number, reviewed=reviewed, throttle=int(speed) if speed else None)
        try:
            self._use.desk.run(tenant, wanted, by_staff(), self._use.mac_of(tenant))
        except PlanNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        except tuple(FAULTS) as fault:
            return self._shown(number, wrong=FAULTS[type(fault)])
        return self._around.site.go(url_for("officer.retention_plan", number=number))

    def _shown(self, number: UUID, wrong: str | None = None, status: int = 409) -> Response:
        try:
            report = self._use.reading.report(caller().tenant, number)
        except PlanNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        due = [one for one in report.tallies if one.fate == Fate.DUE]
        return self._around.site.page(
            "officer/plan_state.html" if wants_fragment() else "officer/retention_plan.html",
            status=200 if wrong is None else status,
            report=report,
            going=_going(report),
            due=due,
            kept=[one for one in report.tallies if one.fate != Fate.DUE],
            to_review=any(one.action == Action.REVIEW for one in due),
            may_run=caller().may(Scope.RETENTION_MANAGE) and self._can_run(report),
            names=naming(self._around.site, self._catalogue),
            span=self._span,
            wrong=wrong,
        )

    def _can_run(self, report: Report) -> bool:
        """Whether asking for it now would be taken, as far as the plan itself tells."""
        plan = report.plan
        waits = plan.state is PlanState.READY or (plan.state is PlanState.ASKED and not _going(report))
        usable = plan.made_at + KEPT_MS > current().at
        return waits and usable and self._use.policies.edition(plan.tenant).digest == plan.policy_digest

    def _span(self, period: Period) -> str:
        """A length of time in words."""
        site = self._around.site
        if period.hours is not None:
            return site.texts.count(site.locale(), "officer.span.hours", period.hours)
        years, months = divmod(period.months, 12)
        parts = [("years", years), ("months", months), ("days", period.days)]
        said = [site.texts.count(site.locale(), f"officer.span.{unit}", count) for unit, count in parts if count]
        return " ".join(said) or site.texts.count(site.locale(), "officer.span.days", 0)


def _going(report: Report) -> bool:
    """Whether something is being done to a plan, so that it looks different soon."""
    run = report.run
    return report.plan.state in MAKING or (run is not None and run.state not in ENDED)
