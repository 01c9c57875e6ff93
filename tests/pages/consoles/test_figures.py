"""How requests were handled is drawn and told in numbers, without what would tell single people apart."""

import re

import pytest

from tests.pages.consoles.conftest import Office
from tests.pages.staff_house import Member
from web.principal import Role

PAGE = "/console/statistics"


@pytest.fixture(scope="module")
def officer(office: Office) -> Member:
    return office.staff("li.na", Role.PRIVACY_OFFICER)


def test_small_counts_are_hidden_and_others_are_drawn(office: Office, officer: Member) -> None:
    assert "这一年没有请求" in officer.get(PAGE).text
    for number in range(4):
        office.asks(office.person(f"cust-few-{number}"), "access")
    few = officer.get(PAGE).text
    assert "<svg" not in few[few.index("columns") :]
    assert 'data-label="合计" class="number"><div>*' in re.sub(r"<span[^>]*>", "", few)
    office.asks(office.person("cust-few-4"), "access")
    enough = officer.get(PAGE).text
    assert '<text class="total" x="80" y="89" text-anchor="middle">5</text>' in enough
    assert "答复少于五件" in enough


def test_the_median_of_days_is_drawn_once_there_are_five_answers(office: Office, officer: Member) -> None:
    numbers = [office.asks(office.person(f"cust-denied-{number}"), "restriction") for number in range(5)]
    assert "·" not in charts(officer)
    for number in numbers:
        page = f"/console/requests/{number}/deny"
        assert officer.post(page, page, reason="excessive").status_code == 303
    assert "PIPL" in charts(officer)


def test_the_charts_are_drawn_into_todays_page_where_there_is_a_script(officer: Member) -> None:
    today = officer.get("/console/today").text
    assert f'hx-get="{PAGE}"' in today
    assert f'href="{PAGE}"' in today
    assert "<html" not in charts(officer)


def test_another_year_is_chosen_and_nonsense_is_this_year(office: Office, officer: Member) -> None:
    last = office.api.clock().year - 1
    assert "这一年没有请求" in officer.get(f"{PAGE}?year={last}").text
    assert "这一年没有请求" not in officer.get(f"{PAGE}?year=nonsense").text


def test_whoever_does_not_read_requests_sees_no_statistics(office: Office) -> None:
    assert office.staff("a.supporter", Role.SUPPORT).get(PAGE).status_code == 403


def charts(officer: Member) -> str:
    """What htmx is given."""
    return officer.client.get(PAGE, base_url="http://localhost:8080", headers={"HX-Request": "true"}).text
