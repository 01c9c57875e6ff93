"""Staff read what people are told, who gets data, and the record of processing; operators look at keys and rotate them."""

import re
from typing import Any

import pytest

from tests.pages.consoles.conftest import Office
from tests.pages.staff_house import Member
from web.principal import Role


@pytest.fixture(scope="module")
def officer(office: Office) -> Member:
    return office.staff("li.na", Role.PRIVACY_OFFICER)


@pytest.fixture(scope="module")
def operator(office: Office) -> Member:
    return office.staff("sun.li", Role.OPERATOR)


def test_purposes_are_listed_and_each_shows_its_notice_to_the_byte(office: Office, officer: Member) -> None:
    listed = officer.get("/console/catalogue").text
    purposes: Any = office.api.call("GET", "/v1/purposes?locale=zh-Hans").json
    for one in purposes["items"]:
        assert one["title"] in listed
        assert f"/console/catalogue/{one['purpose']}" in listed
    first = purposes["items"][0]
    notice: Any = office.api.call("GET", f"/v1/notices/{first['purpose']}/{first['notice_version']}").json
    page = officer.get(f"/console/catalogue/{first['purpose']}").text
    assert notice["sha256"][:16] in page
    assert first["description"] in page
    assert officer.get(f"/console/catalogue/{first['purpose']}/{first['notice_version']}").status_code == 200
    assert officer.get(f"/console/catalogue/{first['purpose']}/999").status_code == 404
    assert officer.get("/console/catalogue/no_such_purpose").status_code == 404


def test_recipients_stand_with_what_they_get(office: Office, officer: Member) -> None:
    page = officer.get("/console/recipients").text
    found: Any = office.api.call("GET", "/v1/recipients?locale=zh-Hans").json
    assert found["items"]
    assert all(one["name"] in page and one["contact"] in page for one in found["items"])


@pytest.mark.parametrize("form", ["html", "json", "csv"])
def test_the_record_of_processing_is_read_and_taken_away(office: Office, officer: Member, form: str) -> None:
    assert f"/console/records/{form}" in officer.get("/console/records").text
    taken = officer.get(f"/console/records/{form}")
    assert taken.headers["Content-Disposition"].startswith("attachment")
    same = office.api.call("GET", f"/v1/ropa?format={form}&locale=zh-Hans", credential=office.api.role(Role.AUDITOR))
    assert taken.data == same.data
    assert officer.get("/console/records/exe").status_code == 404


def test_an_operator_rotates_keys_and_sees_the_new_version(office: Office, operator: Member) -> None:
    page = "/console/keys"
    assert versions(operator) == ["1"]
    assert operator.post(f"{page}/rotate", page, key="nonsense").status_code == 404
    asked = operator.post(f"{page}/rotate", page, key="kek")
    assert asked.headers["Location"].endswith("/console/jobs")
    assert "rotate_kek" in operator.get("/console/jobs").text
    again = operator.post(f"{page}/rotate", page, key="kek")
    assert again.headers["Location"].endswith(page), "these keys are being rotated"
    office.work()
    assert versions(operator) == ["1", "2"]


def test_a_rotation_that_destroys_waits_for_somebody_else(office: Office, operator: Member) -> None:
    operator.post("/console/keys/rotate", "/console/keys", key="token", destroy="yes")
    job = r"/console/jobs/([0-9a-f-]{36})/approve"
    assert re.search(job, operator.get("/console/jobs").text) is None
    assert re.search(job, office.staff("zhou.yi", Role.OPERATOR).get("/console/jobs").text) is not None


def test_each_sees_what_their_role_may(office: Office, officer: Member, operator: Member) -> None:
    support = office.staff("a.supporter", Role.SUPPORT)
    assert support.get("/console/catalogue").status_code == 200
    assert [one.get("/console/records").status_code for one in (support, operator)] == [403, 403]
    assert [one.get("/console/keys").status_code for one in (support, officer)] == [403, 403]
    assert officer.post("/console/keys/rotate", "/console/today", key="kek").status_code == 403


def versions(operator: Member) -> list[str]:
    """The versions of the key that wraps the keys of persons."""
    page = operator.get("/console/keys").text
    start = page.index("<h2>主密钥</h2>")
    rows = page[start : page.index("</section>", start)]
    return re.findall(r'data-label="版本" class="number"><div>(\d+)<', rows)
