"""What happens by itself and what is warned of, policies that are applied, and the commands."""

from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from commands.program import main
from composition.keepers import KEPT_KINDS, WHOLE_KINDS
from composition.retention import ToldPurposes
from consent.catalogues.source import CatalogueSource
from database.columns import millis
from dsar.request import By
from dsar.retention.errors import PolicyConflictError, PolicyError
from dsar.retention.keepers import AllUses
from dsar.retention.policies import Comparison, Policies, PolicyBook
from dsar.retention.policy_text import builtin_source
from dsar.retention.watching import PlanSweep, RetentionTimetable
from tests.dsar.retention.conftest import Platform
from vault.uses.uses import RecordUses
from web.principal import Role
from work.timetable import DueJob


def policies(platform: Platform) -> Policies:
    database = platform.api.moat.database
    told = ToldPurposes(CatalogueSource(database))
    return Policies(database, AuditLog(), PolicyBook(), told, KEPT_KINDS, whole=WHOLE_KINDS)


def apply(platform: Platform, version: int, **edits: Any) -> Comparison:
    """Apply the built-in policy with changes by their places, such as rules__marketing__period."""
    at = millis(platform.api.clock())
    by = By(Actor(ActorKind.OPERATOR), str(uuid7(at)), at)
    return policies(platform).apply(platform.tenant, source(version, **edits), by)


def source(version: int, **edits: Any) -> dict[str, Any]:
    made = deepcopy(builtin_source())
    made["version"] = version
    for place, value in edits.items():
        *path, last = place.split("__")
        here = made
        for name in path:
            here = here[name]
        here[last] = value
    return made


def test_what_is_stored_without_a_rule_is_kept_counted_and_warned_of(platform: Platform) -> None:
    plate = platform.store("cust-plate", "", kind="license_plate", value="沪A12345", purpose="courier_verification")
    rule = "rules__courier_verification__kinds"
    apply(platform, 5, **{rule: ["name", "phone", "id_card", "passport", "birth_date", "bank_card"]})
    platform.api.clock.advance(days=3_000)
    platform.purge()
    assert platform.uses(plate) == {("courier_verification", "")}
    alerts = platform.call("GET", "/v1/retention/alerts")["items"]
    (alert,) = [one for one in alerts if one["code"] == "no_policy"]
    assert (alert["kind"], alert["purpose"], alert["count"]) == ("license_plate", "courier_verification", 1)
    ready: Any = platform.api.call("GET", "/readyz", credential=None).json
    assert {"retention_no_policy", "retention_not_reviewed"} <= set(ready["warnings"])
    assert {one["rule"] for one in alerts if one["code"] == "not_reviewed"} > {"support"}
    metrics = platform.api.call("GET", "/metrics", credential=platform.api.role(Role.OPERATOR)).text
    assert 'moat_retention_alerts{code="no_policy"} 1.0' in metrics
    platform.at(datetime(2026, 11, 2, 8, tzinfo=UTC))


def test_a_policy_is_applied_once_and_never_changed(platform: Platform) -> None:
    applied = apply(platform, 6, rules__support__period="P1Y")
    assert applied.news
    assert ("support", ("period",)) in {(one.rule, one.facets) for one in applied.changes}
    assert not apply(platform, 6, rules__support__period="P1Y").news
    for version, edits in ((6, {"rules__support__period": "P6M"}), (5, {})):
        with pytest.raises(PolicyConflictError, match=r"^version: 6 "):
            apply(platform, version, **edits)
    shown = platform.call("GET", "/v1/retention/policy")
    assert (shown["version"], shown["builtin"]) == (6, False)
    assert [one["version"] for one in shown["versions"]][-1] == 6
    (rule,) = [one for one in shown["rules"] if one["rule"] == "support"]
    assert rule["period"] == "P1Y"
    (entry,) = [one for one in platform.entries("retention.policy_apply") if one.get("rows") == [6]]
    assert entry["wording"] == shown["sha256"]


@pytest.mark.parametrize(
    ("edits", "why"),
    [
        ({"rules__support__kinds": ["shoe_size"]}, r"^rules\.support\.kinds: the vault has no kind shoe_size"),
        (
            {"rules__support__purposes": ["curiosity"]},
            r"^rules\.support\.purposes: the catalogue has no purpose curiosity",
        ),
        ({"rules__support__period": "P3Y"}, r"^rules\.support\.period: the notice of support promises 730 days"),
        ({"rules__support__start": "consent.withdrawn"}, r"^rules\.support\.start: support rests on no consent"),
        ({"rules__support__reviewed": "2030-01-01"}, r"^rules\.support\.reviewed: a day that has not come"),
    ],
)
def test_a_policy_that_contradicts_the_vault_or_what_people_are_told_is_refused(
    platform: Platform, edits: dict[str, Any], why: str
) -> None:
    with pytest.raises(PolicyError, match=why):
        apply(platform, 99, **edits)


def test_a_run_stops_at_a_policy_that_came_after_its_plan(platform: Platform) -> None:
    ref = platform.order()
    phone = platform.store("cust-new-policy", ref)
    platform.tell("order.completed", ref, days=31)
    plan = platform.plan()
    run = platform.ask(plan)
    apply(platform, 7, rules__delivery_contact__period="P60D")
    platform.carry(run["job"])
    report = platform.look(run["run"])
    assert (report["not_due"], report["disposed"]) == (report["planned"], 0)
    assert platform.uses(phone) == {("delivery", ref)}


def test_every_tenant_is_planned_for_once_a_day_from_the_hour_on(platform: Platform) -> None:
    timetable = RetentionTimetable(PolicyBook(), AllUses(RecordUses()), hour=3)

    def due(*moment: int) -> list[DueJob]:
        at = millis(datetime(*moment, tzinfo=UTC))  # type: ignore[arg-type,misc]  # numbers of a date
        return list(platform.api.moat.database.read(None, lambda tx: timetable.due(tx, at)))

    assert due(2026, 11, 2, 18, 59) == []
    assert due(2026, 11, 2, 9, 0) == []  # 17:00, and the tenant began at 16:00
    jobs = due(2026, 11, 2, 19, 0)
    assert {(job.kind, job.occurrence) for job in jobs} == {("retention_plan", "day_20261103")}
    assert {job.tenant for job in jobs} >= {platform.tenant}
    job = jobs[0]
    number = platform.api.moat.database.write(
        platform.tenant,
        lambda tx: platform.api.moat.jobs.submit(
            tx, platform.tenant, job.kind, job.params, millis(platform.api.clock())
        ),
    )
    ref = platform.order()
    platform.store("cust-daily", ref)
    platform.tell("order.completed", ref, days=100)
    platform.carry(str(number))
    plan = platform.call("GET", f"/v1/retention/plans/{number}")
    assert plan["state"] == "asked"
    platform.carry(plan["run"])
    assert platform.look(plan["run"])["disposed"] >= 1


def test_what_old_plans_have_frozen_goes_and_their_counts_stay(platform: Platform) -> None:
    ref = platform.order()
    platform.store("cust-old-plan", ref)
    platform.tell("order.completed", ref, days=100)
    plan = platform.plan()
    platform.run(plan)
    at, sweep = millis(platform.api.clock()), PlanSweep(platform.api.moat.database)
    sweep.sweep(at + 29 * 86_400_000)
    assert len(platform.items(plan)) == plan["planned"]
    assert sweep.sweep(at + 31 * 86_400_000) > 0
    assert platform.items(plan) == []
    assert platform.call("GET", f"/v1/retention/plans/{plan['plan']}")["root"] == plan["root"]


def test_the_policy_is_exported_changed_compared_and_applied_at_a_terminal(
    platform: Platform, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = str(platform.api.moat.database.engine.url.render_as_string(hide_password=False))
    where = ["--data", str(Path(database.removeprefix("sqlite:///")).parent)]
    if not database.startswith("sqlite"):
        where = ["--data", str(tmp_path / "data"), "--database", database.replace("+psycopg", "")]

    def said(*arguments: str, status: int = 0) -> str:
        ended = CliRunner().invoke(main, ["retention", "policy", *arguments, *where])
        assert ended.exit_code == status, ended.output
        return ended.output

    file = tmp_path / "policy.yaml"
    said("export", str(file))
    changed = yaml.safe_load(file.read_text())
    changed["version"] = 50
    changed["reviewed"] = "2026-11-01"
    changed["rules"]["support"]["period"] = "P18M"
    file.write_text(yaml.safe_dump(changed, allow_unicode=True))
    assert "support: period" in said("diff", str(file))
    assert "version 50 is in force" in said("apply", str(file))
    assert "version 50 is in force already" in said("apply", str(file))
    assert "version 50, applied" in said("show")
    changed["rules"]["support"]["period"] = "P6M"
    file.write_text(yaml.safe_dump(changed, allow_unicode=True))
    assert "version: 50 was applied with other content; take 51" in said("apply", str(file), status=1)
