"""Operators see how the numbers of the relay stand, officers what became of calls and what looked like abuse; nobody a number."""

import re
from typing import Any, cast

from database.columns import millis
from tests.pages.consoles.conftest import Office
from web.principal import Role

NUMBERS = ("+8617012340001", "+8617012340002", "+8617012340003")


def test_a_pool_is_shown_with_its_numbers_by_state_and_without_them(office: Office) -> None:
    operator = office.staff("sun.li", Role.OPERATOR)
    assert "没有号池" in operator.get("/console/relay").text
    key = office.api.role(Role.OPERATOR)
    made = office.api.call("POST", "/v1/relay/pools", {"pool": "riders", "modes": ["axb"]}, credential=key)
    assert made.status_code == 201, made.text
    assert "号池里还没有号码" in operator.get("/console/relay").text
    items = [{"number": number} for number in NUMBERS]
    added = office.api.call("POST", "/v1/relay/numbers", {"pool": "riders", "items": items}, credential=key)
    assert added.status_code == 200, added.text
    frozen = {"number": NUMBERS[0], "state": "frozen"}
    assert office.api.call("POST", "/v1/relay/numbers/state", frozen, credential=key).status_code == 200
    page = operator.get("/console/relay").text
    assert "riders" in page
    assert "冻结<b>1</b>" in page
    assert "<b>2</b>" in page
    assert '<text class="total" x="80" y="89" text-anchor="middle">3</text>' in page
    assert not any(number in page or number[3:] in page for number in NUMBERS)
    assert office.staff("li.na", Role.PRIVACY_OFFICER).get("/console/relay").status_code == 403


def test_a_caller_who_tries_many_numbers_is_a_case_that_an_officer_closes(office: Office) -> None:
    officer, person = office.staff("chen.wei", Role.PRIVACY_OFFICER), office.person("cust-probes", phone="13987650001")
    assert "没有未结案件" in officer.get("/console/calls").text
    operator, switch = office.api.role(Role.OPERATOR), office.api.role(Role.SWITCH)
    numbers = [f"+861701234{number:04}" for number in range(20, 27)]
    pool = {"pool": "probed", "modes": ["axb"]}
    office.api.call("POST", "/v1/relay/pools", pool, credential=operator)
    stocked = {"pool": "probed", "items": [{"number": number} for number in numbers]}
    assert office.api.call("POST", "/v1/relay/numbers", stocked, credential=operator).status_code == 200
    for number in numbers:
        dialled = {"called": number, "caller": "13987650001"}
        assert office.api.call("POST", "/v1/relay/route", dialled, credential=switch).status_code == 200
    office.api.moat.work.rounds["relay_abuse"](millis(office.api.clock()))
    listed = officer.get("/console/calls").text
    found = re.search(r"/console/calls/cases/(\d+)", listed)
    assert found is not None
    case = officer.get(found[0]).text
    pages = [listed, case, officer.get("/console/calls/list").text, officer.get("/console/calls/usage").text]
    assert not any(number[3:] in page or "13987650001" in page for number in numbers for page in pages)
    assert "试拨许多号码" in case
    assert "已冻结主叫" in case
    assert "没有绑定" in officer.get("/console/calls/list?refused=yes").text
    assert pages[-1].count('<svg viewBox="0 0 400 190"') >= 2, "how calls ended, and each pool"
    assert officer.post(f"{found[0]}/close", found[0]).status_code == 422
    assert officer.post(f"{found[0]}/close", found[0], verdict="erased").status_code == 422
    assert officer.post(f"{found[0]}/close", found[0], verdict="explained", lift="yes").status_code == 303
    assert officer.post(f"{found[0]}/close", "/console/holds", verdict="abuse").status_code == 409
    assert found[0] not in officer.get("/console/calls").text
    assert found[0] in officer.get("/console/calls?closed=yes").text
    assert "有正当理由" in officer.get(found[0]).text
    told = office.api.call("GET", f"/v1/relay/cases/{found[1]}", credential=office.api.role(Role.PRIVACY_OFFICER))
    assert cast(Any, told.json)["reason"] == "explained"
    assert person


def test_calls_are_chosen_and_another_case_or_nonsense_is_not_found(office: Office) -> None:
    officer = office.staff("zhao.min", Role.PRIVACY_OFFICER)
    assert "没有这样的通话" in officer.get("/console/calls/list?kind=text").text
    assert officer.get("/console/calls/list?kind=nonsense&before=nonsense").status_code == 200
    assert officer.get("/console/calls/cases/999").status_code == 404
    assert officer.post("/console/calls/cases/999/close", "/console/holds", verdict="abuse").status_code == 404
    auditor = office.staff("an.auditor", Role.AUDITOR)
    for page in ("", "/list", "/usage", "/cases/1"):
        assert auditor.get(f"/console/calls{page}").status_code == 403
