"""Holds are placed, reviewed and released by two; a person is found by a value, which is shown plain for a request only."""

import re

import pytest

from tests.pages.consoles.conftest import Office
from tests.pages.staff_house import Member
from web.principal import Role


@pytest.fixture(scope="module")
def officer(office: Office) -> Member:
    return office.staff("li.na", Role.PRIVACY_OFFICER)


@pytest.fixture(scope="module")
def colleague(office: Office) -> Member:
    return office.staff("chen.wei", Role.PRIVACY_OFFICER)


def test_a_hold_keeps_until_two_have_released_it(office: Office, officer: Member, colleague: Member) -> None:
    office.person("cust-held")
    new, all_of_them = "/console/holds/new", "/console/holds"
    review = (office.api.clock().date().replace(year=office.api.clock().year + 1)).isoformat()
    given = {"subject": "cust-held", "reason": "litigation", "case": "C-7", "review": review}
    assert officer.post(new, new, **{**given, "case": "13812345678"}).status_code == 422
    assert officer.post(new, new, **{**given, "subject": "nobody"}).status_code == 422
    assert officer.post(new, new, **{**given, "review": "2020-01-01"}).status_code == 422
    assert officer.post(new, new, **given).status_code == 303
    listed = officer.get(all_of_them).text
    assert "cust-held" in listed
    number = re.search(r"/console/holds/(\d+)/release", listed)
    assert number is not None
    assert officer.post(f"/console/holds/{number[1]}/release", all_of_them).status_code == 303
    job = re.search(r"/console/jobs/([0-9a-f-]{36})/approve", colleague.get("/console/jobs").text)
    assert job is not None
    assert job[0] not in officer.get("/console/jobs").text
    officer.post(job[0], "/console/jobs")
    assert job[0] in colleague.get("/console/jobs").text, "who asked has approved nothing"
    assert colleague.post(job[0], "/console/jobs").status_code == 303
    office.work()
    assert "cust-held" not in officer.get(all_of_them).text
    assert "cust-held" in officer.get(f"{all_of_them}?released=yes").text


def test_a_value_stands_in_no_address_and_is_shown_plain_for_a_request_only(office: Office, officer: Member) -> None:
    number = office.asks(office.person("cust-found", phone="13987654321"), "access")
    page = "/console/people"
    nothing = officer.post(page, page, kind="phone", value="nothing")
    assert nothing.status_code == 422
    assert officer.post(page, page, kind="phone", value="13987654329").status_code == 200
    found = officer.post(page, page, kind="phone", value="139 8765 4321")
    assert "cust-found" in found.text
    assert "139****4321" in found.text
    assert "13987654321" not in found.text
    token = re.findall(r'<option value="(tok_[^"]+)">phone', found.text)[0]
    assert officer.post(f"{page}/plain", page, token=token).status_code == 422
    others = office.asks(office.person("cust-other", phone="13987654322"), "access")
    for wrong in (others, "01a2041d-b2c1-72b3-83e7-81b612ba9070"):
        refused = officer.post(f"{page}/plain", page, token=token, request=wrong)
        assert (refused.status_code, "13987654321" in refused.text) == (422, False)
    shown = officer.post(f"{page}/plain", page, token=token, request=number)
    assert shown.status_code == 200
    assert "13987654321" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"


def test_a_value_is_not_shown_to_somebody_who_has_not_shown_who_they_are_lately(
    office: Office, officer: Member
) -> None:
    page = "/console/people"
    token = officer.token(page)
    office.api.clock.advance(minutes=6)
    asked = officer.client.post(
        f"{page}/plain", base_url="http://localhost:8080", data={"form_token": token, "token": "tok_x", "back": page}
    )
    assert asked.status_code == 303
    assert asked.headers["Location"].startswith("/staff/again")


def test_an_auditor_finds_nobody(office: Office) -> None:
    auditor = office.staff("an.auditor", Role.AUDITOR)
    assert auditor.get("/console/people").status_code == 403
    assert auditor.get("/console/holds").status_code == 403


def test_what_is_another_tenants_is_not_there(office: Office, officer: Member) -> None:
    request = office.asks(office.person("cust-ours"), "erasure")
    plan = officer.post("/console/retention/plans", "/console/retention").headers["Location"]
    office.person("cust-kept-here")
    given = {"subject": "cust-kept-here", "reason": "litigation", "case": "C-9"}
    review = office.api.clock().date().replace(year=office.api.clock().year + 1).isoformat()
    officer.post("/console/holds/new", "/console/holds/new", review=review, **given)
    hold = re.findall(r"/console/holds/(\d+)/release", officer.get("/console/holds").text)[-1]
    stranger = office.staff("li.na", Role.PRIVACY_OFFICER, office.api.other_tenant)
    one = f"/console/requests/{request}"
    for path in (one, f"{one}/deny", f"{one}/words", plan):
        assert (officer.get(path).status_code, stranger.get(path).status_code) == (200, 404), path
    job = plan.rpartition("/")[2]
    for path, form in (
        (f"{one}/accept", {}),
        (f"{one}/approve", {}),
        (f"{one}/deny", {"reason": "excessive"}),
        (f"{one}/verify", {"proof": "identity", "document": "id_card"}),
        (f"{plan}/run", {}),
        (f"/console/holds/{hold}/release", {}),
        (f"/console/jobs/{job}/approve", {}),
        (f"/console/jobs/{job}/cancel", {}),
    ):
        assert stranger.post(path, "/console/holds", **form).status_code == 404, path
    for path in ("requests", "holds", "jobs", "retention", "today"):
        page = stranger.get(f"/console/{path}").text
        assert not any(text in page for text in (request, job, "cust-kept-here", "C-9")), path


def test_names_that_read_like_a_page_stay_text(office: Office, officer: Member) -> None:
    """Whoever makes a hold, a pool or a credential names it; what a page cannot take it refuses or says as it is."""
    hostile = "<img src=x onerror=alert(1)>"
    office.person("cust-hostile", phone="13987654300", name=hostile[:28], address=f"上海市浦东新区{hostile}")
    office.asks("cust-hostile", "access")
    page = "/console/people"
    shown = [
        officer.post(page, page, kind="phone", value="13987654300").text,
        officer.post(page, page, kind="phone", value=hostile).text,
        officer.post("/console/holds/new", "/console/holds/new", subject=hostile, ref=hostile, case=hostile).text,
        *(
            officer.get(f"/console/{path}").text
            for path in ("today", "requests", "holds", "jobs", "calls", "calls/list")
        ),
        officer.get(f"/console/requests?state={hostile}&who={hostile}").text,
        officer.get(f"/auditor/entries?actor={hostile}&since={hostile}").text,
    ]
    assert all("<img src=x" not in text for text in shown)
    assert any("&lt;img src=x" in text for text in shown)
