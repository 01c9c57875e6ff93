"""Operators see how the numbers of the relay stand, and no number."""

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
