"""Staff read what people are told, who gets data, and the record of processing; operators look at keys and rotate them."""

import re
from typing import Any

import pytest

from pages.officer.versions import line_pieces, word_pieces
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
    assert without_times(taken.data) == without_times(same.data)
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
    operator.post("/console/keys/rotate", "/console/keys", key="index", destroy="yes")
    job = r"/console/jobs/([0-9a-f-]{36})/approve"
    assert re.search(job, operator.get("/console/jobs").text) is None
    assert re.search(job, office.staff("zhou.yi", Role.OPERATOR).get("/console/jobs").text) is not None


def test_the_words_that_differ_are_found_in_both_scripts() -> None:
    assert word_pieces("保存三十天。", "保存九十天。") == [(" ", "保存"), ("-", "三"), ("+", "九"), (" ", "十天。")]
    assert word_pieces("kept for 30 days", "kept for 90 days")[1:3] == [("-", "30"), ("+", "90")]
    assert list(line_pieces("a\nb\n", "a\n\nc d\ne\n")) == [[("-", "b"), ("+", "c d")], [("+", "e")]]
    assert list(line_pieces("", "")) == []


def test_a_version_is_destroyed_by_two_once_nothing_needs_it(office: Office, operator: Member) -> None:
    keys = "/console/keys"
    for key in ("kek", "token"):
        operator.post(f"{keys}/rotate", keys, key=key)
        office.work()
    page = operator.get(keys).text
    end = re.findall(rf"{keys}/kek/\d+/destroy", page)[-1]
    active = int(end.split("/")[-2]) + 1
    wrong = (f"kek/{active}/destroy", "kek/99/destroy", "root/1/destroy", "search/1/destroy", "search/1/destroy?kind=x")
    assert [operator.get(f"{keys}/{path}").status_code for path in wrong] == [404] * 5
    assert "现在不能销毁" in operator.get(f"{keys}/token/1/destroy").text
    assert operator.post(f"{keys}/token/1/destroy", keys).status_code == 409
    assert "现在没有任何数据需要这个版本" in operator.get(end).text
    assert operator.post(end, end).headers["Location"].endswith("/console/jobs")
    job = re.findall(
        r"/console/jobs/[0-9a-f-]{36}/approve", office.staff("wu.jun", Role.OPERATOR).get("/console/jobs").text
    )
    assert job
    assert job[0] not in operator.get("/console/jobs").text


def test_each_sees_what_their_role_may(office: Office, officer: Member, operator: Member) -> None:
    support = office.staff("a.supporter", Role.SUPPORT)
    assert support.get("/console/catalogue").status_code == 200
    assert [one.get("/console/records").status_code for one in (support, operator)] == [403, 403]
    assert [one.get("/console/keys").status_code for one in (support, officer)] == [403, 403]
    assert officer.post("/console/keys/rotate", "/console/today", key="kek").status_code == 403


def without_times(record: bytes) -> bytes:
    """A record without the second in which it was made."""
    return re.sub(rb"\d\d:\d\d:\d\d", b"", record)


def versions(operator: Member) -> list[str]:
    """The versions of the key that wraps the keys of persons."""
    page = operator.get("/console/keys").text
    start = page.index("<h2>主密钥</h2>")
    rows = page[start : page.index("</section>", start)]
    return re.findall(r'data-label="版本" class="number"><div>(\d+)<', rows)
