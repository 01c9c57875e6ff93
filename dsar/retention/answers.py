"""Plans, runs, policies and alerts as answers have them."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from database.columns import rfc3339
from dsar.retention.due import Fate
from dsar.retention.plan import Item, PlanState, Tally
from dsar.retention.policies import Edition
from dsar.retention.reading import Alert, Report
from dsar.retention.rule import Rule

_COLUMNS = ("rule", "kind", "purpose", "fate", "action", "count", "laws", "first_until", "last_until")


def plan_summary(report: Report) -> dict[str, Any]:
    """A plan without its counts."""
    plan = report.plan
    return {
        "plan": str(plan.id),
        "state": plan.state.value,
        "policy": {"version": plan.policy, "sha256": plan.policy_digest},
        "as_of": rfc3339(plan.as_of),
        "seen": plan.seen,
        "planned": plan.items,
        "chunks": plan.chunks,
        "root": None if plan.root is None else plan.root.hex(),
        "approvals": report.approvals,
        "run": None if plan.run is None else str(plan.run),
    }


def plan_answer(report: Report) -> dict[str, Any]:
    """A plan with what it would do, and what stays and why."""
    due = [one for one in report.tallies if one.fate == Fate.DUE]
    kept = [one for one in report.tallies if one.fate != Fate.DUE]
    return {
        **plan_summary(report),
        "due": [
            {"rule": one.rule, "kind": one.kind, "purpose": one.purpose, "action": one.action, "count": one.uses}
            for one in due
        ],
        "kept": [_kept(one, report) for one in kept],
    }


def plan_csv(report: Report) -> str:
    """The counts of a plan as a table. Every cell is a code, a number or a time of this program or its policy."""
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(_COLUMNS)
    for one in report.tallies:
        kept = _kept(one, report)
        laws = "; ".join(kept["laws"])
        ends = (kept["first_until"] or "", kept["last_until"] or "")
        lines.writerow((one.rule, one.kind, one.purpose, one.fate, one.action, one.uses, laws, *ends))
    return written.getvalue()


def run_answer(report: Report) -> dict[str, Any]:
    """A run, and what became of its plan so far."""
    plan, sums = report.plan, report.sums
    return {
        "run": str(plan.run),
        "plan": str(plan.id),
        "state": "done" if plan.state is PlanState.DONE else report.run.state.value if report.run else "",
        "reviewed": plan.reviewed,
        "root": None if plan.root is None else plan.root.hex(),
        "planned": plan.items,
        "disposed": sums.disposed,
        "restricted": sums.restricted,
        "held": sums.held,
        "not_due": sums.not_due,
        "gone": sums.gone,
        "to_review": sums.to_review,
        "waiting": sums.waiting,
        "adds_up": sums.adds_up and sums.items == plan.items,
        "records": sums.records,
        "people": plan.people,
        "residue": plan.residue,
        "chunks": sums.chunks,
        "chunks_done": sums.done,
        "chunks_verified": sums.verified,
        "ended_at": None if plan.ended_at is None else rfc3339(plan.ended_at),
    }


def item_answer(item: Item) -> dict[str, Any]:
    """A frozen use."""
    return {
        "record": item.record,
        "kind": item.kind,
        "purpose": item.purpose,
        "ref": item.ref,
        "rule": item.rule,
        "action": item.action.value,
        "outcome": item.outcome.value or None,
    }


def policy_answer(edition: Edition, versions: Sequence[Edition]) -> dict[str, Any]:
    """A policy and which there have been."""
    return {
        **applied_answer(edition),
        "time_zone": edition.policy.time_zone,
        "rules": [_rule(rule) for rule in edition.policy.rules],
        "versions": [applied_answer(one) for one in versions],
    }


def applied_answer(edition: Edition) -> dict[str, Any]:
    """That a policy was applied. The built-in one is in force before it is on record."""
    return {
        "version": edition.policy.version,
        "sha256": edition.digest,
        "builtin": edition.builtin,
        "applied_at": rfc3339(edition.applied_at) if edition.applied_at else None,
    }


def alert_answer(alert: Alert) -> dict[str, Any]:
    """Something amiss."""
    return {
        "code": alert.code,
        "rule": alert.rule,
        "kind": alert.kind,
        "purpose": alert.purpose,
        "count": alert.count,
        "reviewed": None if alert.reviewed is None else alert.reviewed.isoformat(),
    }


def _kept(one: Tally, report: Report) -> dict[str, Any]:
    rule = report.edition.policy.rule(one.rule)
    laws = rule.minimums if rule is not None and one.fate == Fate.LAW else ()
    return {
        "reason": one.fate,
        "rule": one.rule or None,
        "kind": one.kind,
        "purpose": one.purpose,
        "count": one.uses,
        "laws": [f"{law.law}, art. {law.article}: {law.period}" for law in laws],
        "first_until": None if one.first is None else rfc3339(one.first),
        "last_until": None if one.last is None else rfc3339(one.last),
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "kinds": sorted(rule.kinds),
        "purposes": sorted(rule.purposes),
        "start": rule.start.value,
        "period": str(rule.period),
        "grace": str(rule.grace),
        "fallback": None if rule.fallback is None else str(rule.fallback),
        "fallback_from": rule.fallback_from.value,
        "expected": str(rule.expected),
        "minimum": [{"law": one.law, "article": one.article, "period": str(one.period)} for one in rule.minimums],
        "action": rule.action.value,
        "law": rule.law,
        "article": rule.article,
        "reason": dict(rule.reason),
        "reviewed": rule.reviewed.isoformat(),
    }
