"""Officers decide about requests in their console: two of them where the law wants two, and nobody without the right."""

from typing import Any

import pytest

from tests.pages.consoles.conftest import HOSTILE, Office
from tests.pages.staff_house import Member
from web.principal import Role


@pytest.fixture(scope="module")
def officer(office: Office) -> Member:
    return office.staff("li.na", Role.PRIVACY_OFFICER)


@pytest.fixture(scope="module")
def colleague(office: Office) -> Member:
    return office.staff("chen.wei", Role.PRIVACY_OFFICER)


def test_an_erasure_is_verified_accepted_looked_at_approved_by_another_and_done(
    office: Office, officer: Member, colleague: Member
) -> None:
    number = office.asks(office.person("cust-erased", phone="13812345678"), "erasure")
    page = f"/console/requests/{number}"
    assert number in officer.get("/console/requests").text
    assert 'value="accept"' not in officer.get(page).text
    early = officer.post(f"{page}/accept", page)
    assert early.status_code == 409
    assert "身份证明不够充分" in early.text
    assert officer.post(f"{page}/verify", page, proof="identity", document="id_card").status_code == 303
    assert officer.post(f"{page}/accept", page).status_code == 303
    office.work()
    shown = officer.get(page).text
    assert "执行预览" in shown
    assert f"{page}/approve" not in shown, "who accepted does not approve"
    assert officer.post(f"{page}/approve", page).status_code == 409
    assert number in colleague.get("/console/today").text
    assert colleague.post(f"{page}/approve", page).status_code == 303
    office.work()
    assert "已完成" in officer.get(page).text
    assert office.api.call("GET", "/v1/subjects/cust-erased").status_code == 404


def test_a_request_is_denied_by_a_letter_that_is_seen_before(office: Office, officer: Member) -> None:
    number = office.asks(office.person("cust-denied"), "access", locale="en")
    page = f"/console/requests/{number}/deny"
    letter = "The request repeats what was answered recently and is manifestly excessive."
    assert letter in officer.get(page).text
    assert officer.post(page, page).status_code == 422
    assert officer.post(page, page, reason="excessive").status_code == 303
    told: Any = office.api.call("GET", f"/v1/requests/{number}/status").json
    assert (told["state"], told["reasons"]) == ("denied", ["excessive"])


@pytest.mark.parametrize(
    ("act", "reason", "state"), [("extend", "complex", "received"), ("pause", "clarification", "needs_info")]
)
def test_the_time_is_extended_and_the_person_is_asked(
    office: Office, officer: Member, act: str, reason: str, state: str
) -> None:
    named = {"regime": "gdpr_de", "corrections": {"name": "王大明"}}
    number = office.asks(office.person(f"cust-{act}"), "rectification", **named)
    page = f"/console/requests/{number}"
    assert officer.post(f"{page}/{act}", page, reason="nonsense").status_code == 404
    assert officer.post(f"{page}/{act}", page, reason=reason).status_code == 303
    told: Any = office.api.call("GET", f"/v1/requests/{number}/status").json
    assert (told["state"], told["extended"]) == (state, act == "extend")


def test_a_complaint_is_taken_by_an_officer_and_settled(office: Office, officer: Member) -> None:
    number = office.asks(office.person("cust-complains"), "complaint", complaint={"category": "leaked"})
    page = f"/console/requests/{number}"
    assert officer.post(f"{page}/take", page).status_code == 303
    assert number in officer.get("/console/requests?who=me").text
    assert number not in officer.get("/console/requests?who=nobody").text
    assert f"{page}/settle" not in officer.get(page).text
    assert officer.post(f"{page}/verify", page, proof="identity", document="id_card").status_code == 303
    assert officer.post(f"{page}/accept", page).status_code == 303
    assert officer.post(f"{page}/settle", page, reason="upheld").status_code == 303
    assert "已完成" in officer.get(page).text


def test_what_a_person_wrote_stays_text_and_reading_it_is_recorded(office: Office, officer: Member) -> None:
    number = office.asks(office.person("cust-writes"), "access")
    before = len(entries(office, "dsar.read"))
    words = officer.get(f"/console/requests/{number}/words")
    assert HOSTILE not in words.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in words.text
    assert len(entries(office, "dsar.read")) == before + 1
    assert words.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("number", ["not-a-number", "01a2041d-b2c1-72b3-83e7-81b612ba9070"])
def test_a_request_that_is_not_there_is_not_found(officer: Member, number: str) -> None:
    for path in ("", "/words", "/deny"):
        assert officer.get(f"/console/requests/{number}{path}").status_code == 404


def test_nobody_decides_without_the_right(office: Office) -> None:
    number = office.asks(office.person("cust-looked-at"), "access")
    auditor, support = office.staff("an.auditor", Role.AUDITOR), office.staff("a.supporter", Role.SUPPORT)
    page = f"/console/requests/{number}"
    assert auditor.get(page).status_code == 200
    assert f"{page}/deny" not in auditor.get(page).text
    assert auditor.post(f"{page}/acknowledge", page).status_code == 403
    assert auditor.get(f"{page}/words").status_code == 403
    assert support.get(page).status_code == 403


def test_whoever_is_not_in_comes_back_after_signing_in(office: Office) -> None:
    answer = office.api.moat.app.test_client().get("/console/today", base_url="http://localhost:8080")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/staff/sign-in?next=/console/today")


def entries(office: Office, action: str) -> list[object]:
    listed = office.api.call(
        "GET", f"/v1/audit/entries?action={action}&limit=1000", credential=office.api.role(Role.AUDITOR)
    )
    found: list[object] = listed.json["items"]  # type: ignore[index]
    return found
