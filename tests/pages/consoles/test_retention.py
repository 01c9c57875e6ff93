"""Officers read why what is kept how long, have a plan made, and have it carried out; what was in force before is compared."""

import re
from datetime import timedelta
from typing import Any

import pytest

from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from composition.catalogue import _SENSITIVE
from composition.keepers import KEPT_KINDS
from composition.retention import ToldPurposes
from consent.catalogues.occasion import Occasion as Applying
from consent.catalogues.publication import Publication
from consent.catalogues.source import CatalogueSource
from database.columns import millis, rfc3339
from dsar.request import by_itself
from dsar.retention.policies import Policies, PolicyBook
from dsar.retention.policy_text import builtin_source
from tests.pages.consoles.conftest import Office
from tests.pages.staff_house import Member
from tests.support.catalogue import source
from web.principal import Role

PLANS = "/console/retention"


@pytest.fixture(scope="module")
def officer(office: Office) -> Member:
    return office.staff("li.na", Role.PRIVACY_OFFICER)


def ordered(office: Office, subject: str, ref: str, *, days_ago: int) -> None:
    """A phone for an order that ended some days ago."""
    item = {"subject": subject, "kind": "phone", "value": "13987650000", "ref": ref}
    office.api.items("/v1/tokenize", {"purpose": "delivery", "items": [item]})
    at = rfc3339(millis(office.api.clock() - timedelta(days=days_ago)))
    told = office.api.call("POST", "/v1/retention/events", {"event": "order.completed", "ref": ref, "at": at})
    assert told.status_code == 200, told.text


def test_the_policy_is_said_in_words_with_its_laws(officer: Member) -> None:
    page = officer.get(f"{PLANS}/policy").text
    assert "订单完成后三十天内可能还需就该订单联系您" in page
    assert "订单完成起 30 天" in page
    assert "Personal Information Protection Law of the PRC，第 19 条" in page


def test_a_plan_shows_what_goes_and_what_stays_and_is_carried_out_once(office: Office, officer: Member) -> None:
    office.person("cust-kept")
    ordered(office, "cust-kept", "order:p-1", days_ago=31)
    ordered(office, "cust-kept", "order:p-2", days_ago=1)
    asked = officer.post(f"{PLANS}/plans", PLANS)
    assert asked.status_code == 303
    plan = asked.headers["Location"]
    made = officer.get(plan).text
    assert "hx-get" in made, "a plan that is being made looks again by itself"
    assert f'href="{plan}"' in made, "and by hand where there is no script"
    assert officer.post(f"{plan}/run", PLANS).status_code == 409
    office.work()
    ready = officer.get(plan).text
    assert "hx-get" not in ready
    assert f"{plan}/run" in ready
    assert "期限未到" in ready
    assert officer.post(f"{plan}/run", plan, throttle="fast").status_code == 422
    for wrong in ("0", "1000001", "00000001999999"):
        assert officer.post(f"{plan}/run", plan, throttle=wrong).status_code == 422
    assert officer.post(f"{plan}/run", plan, throttle="500").status_code == 303
    watched = officer.client.get(plan, base_url="http://localhost:8080", headers={"HX-Request": "true"}).text
    assert "排队中" in watched
    assert "<html" not in watched
    office.work()
    done = officer.get(plan).text
    assert re.search(r"已清理</dt><dd>1<", done)
    assert f"{plan}/run" not in done
    again = officer.post(f"{plan}/run", PLANS)
    assert (again.status_code, "这个计划已执行" in again.text) == (409, True)


def test_two_versions_are_compared_to_the_word(office: Office, officer: Member) -> None:
    page = "/console/catalogue/-/compare"
    assert "没有不同" in officer.get(page).text
    tree = source()
    hostile = tree["purposes"]["account"]["description"]["zh-Hans"] + "<script>alert(1)</script>"
    at = millis(office.api.clock())
    now = Applying(tenant=office.api.tenant, actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)
    changed = source(**{"version": 2, "purposes__account__description__zh-Hans": hostile})
    Publication(office.api.moat.database, AuditLog(), _SENSITIVE).apply(changed, now)
    shown = officer.get(page).text
    assert "<ins>&lt;script&gt;alert(1)&lt;/script&gt;</ins>" in shown
    assert "<script>alert" not in shown
    assert "没有不同" in officer.get(f"{page}?old=2&new=2").text
    assert officer.get(f"{page}?old=nonsense&new=99").status_code == 200
    assert page in officer.get("/console/catalogue").text


def test_a_policy_that_was_in_force_is_read_with_what_the_next_one_changed(office: Office, officer: Member) -> None:
    assert officer.get(f"{PLANS}/policy/99").status_code == 404
    tree, moat = builtin_source(), office.api.moat
    policies = Policies(
        moat.database, AuditLog(), PolicyBook(), ToldPurposes(CatalogueSource(moat.database)), KEPT_KINDS
    )
    by = by_itself(millis(office.api.clock()))
    moat.database.write(office.api.tenant, lambda tx: policies.settled(tx, office.api.tenant, by.at))
    name = next(iter(tree["rules"]))
    tree["version"] = policies.edition(office.api.tenant).policy.version + 1
    tree["rules"][name]["reason"]["zh-Hans"] += "<b>新增</b>"
    policies.apply(office.api.tenant, tree, by)
    page = officer.get(f"{PLANS}/policy").text
    assert "<ins>" in page
    assert "&lt;b&gt;新增&lt;/b&gt;</ins>" in page
    before = f"{PLANS}/policy/{tree['version'] - 1}"
    assert before in page
    assert "已不再生效" in officer.get(before).text


def test_an_auditor_sees_plans_and_makes_none(office: Office) -> None:
    auditor = office.staff("an.auditor", Role.AUDITOR)
    listed: Any = auditor.get(PLANS)
    assert listed.status_code == 200
    assert f'{PLANS}/plans"' not in listed.text
    assert auditor.post(f"{PLANS}/plans", PLANS).status_code == 403
    assert office.staff("a.supporter", Role.SUPPORT).get(PLANS).status_code == 403


def test_a_plan_that_is_not_there_is_not_found(officer: Member) -> None:
    missing = f"{PLANS}/plans/01a2041d-b2c1-72b3-83e7-81b612ba9070"
    assert officer.get(missing).status_code == 404
    assert officer.post(f"{missing}/run", PLANS).status_code == 404


def test_a_run_takes_somebody_who_has_just_shown_who_they_are(office: Office) -> None:
    member = office.staff("zhao.min", Role.PRIVACY_OFFICER)
    plan = member.post(f"{PLANS}/plans", PLANS).headers["Location"]
    token = member.token(PLANS)
    office.work()
    office.api.clock.advance(minutes=6)
    asked = member.client.post(
        f"{plan}/run", base_url="http://localhost:8080", data={"form_token": token, "back": plan}
    )
    assert asked.headers["Location"].startswith("/staff/again")
