"""The front page: one click for whoever stands on it, on this host alone, and in no deployment but a demo."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import settings
from app import Moat, compose
from demo.cast import OFFICIALS, residents
from deployment import prepare

pytestmark = pytest.mark.xdist_group("demo")

ORIGIN = "http://localhost:8080"
BANNERS = {"zh-Hans": "这是演示环境", "zh-Hant": "這是示範環境", "en": "This is a demonstration."}


class Visitor:
    """A browser on this host, or one that says so."""

    def __init__(self, moat: Moat, language: str = "en", *, origin: str = ORIGIN) -> None:
        self.client: FlaskClient = moat.app.test_client()
        self._language = language
        self._origin = origin

    def get(self, path: str, **more: Any) -> TestResponse:
        headers = {"Accept": "text/html", "Accept-Language": self._language}
        return self.client.get(path, base_url=self._origin, headers=headers, **more)

    def be(self, path: str, who: str, **more: Any) -> TestResponse:
        """Press a button of the front page."""
        token = re.search(r'name="form_token" value="([^"]+)"', self.get("/").text)
        data = {"who": who} | ({} if token is None else {"form_token": token[1]})
        return self.client.post(path, base_url=self._origin, data=data, **more)


@pytest.mark.parametrize(("name", "role"), list(OFFICIALS.items()))
def test_a_click_lets_a_member_of_staff_in_where_they_work(moat: Moat, name: str, role: str) -> None:
    visitor = Visitor(moat)
    answer = visitor.be("/demo/staff", name)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff")
    home = visitor.get(visitor.get("/staff").headers["Location"])
    assert home.status_code == 200
    assert name in home.text
    assert BANNERS["en"] in home.text
    assert role


@pytest.mark.parametrize("part", list(residents()))
def test_a_click_lets_a_person_into_their_privacy_centre(moat: Moat, part: str) -> None:
    visitor, one = Visitor(moat, "zh-CN"), residents()[part]
    answer = visitor.be("/demo/person", one.subject)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/privacy/default/")
    home = visitor.get("/privacy/default/")
    assert home.status_code == 200
    assert BANNERS["zh-Hans"] in home.text
    assert one.phone not in home.text


@pytest.mark.parametrize("language", BANNERS)
def test_every_page_says_that_nobody_exists(moat: Moat, language: str) -> None:
    visitor = Visitor(moat, language)
    for path in (
        "/",
        "/demo/messages",
        "/staff/at/default",
        "/privacy/default/sign-in",
        "/privacy/default/notices",
        "/none",
    ):
        assert BANNERS[language] in visitor.get(path).text, path


def test_the_code_that_was_sent_and_that_of_the_app_stand_on_the_pages_of_the_demo(moat: Moat) -> None:
    visitor = Visitor(moat)
    assert re.search(r"The app shows: <code[^>]*>\d{6}</code>", visitor.get("/").text)
    assert re.search(r"\d{6}", visitor.get("/demo/messages").text)


@pytest.mark.parametrize("origin", ["http://moat.example", "http://192.0.2.1:8080", "http://localhost.example:8080"])
def test_nobody_is_let_in_by_another_name_of_this_host(moat: Moat, origin: str) -> None:
    visitor = Visitor(moat, origin=origin)
    assert visitor.get("/").status_code == 404
    assert visitor.be("/demo/staff", "lin.lan").status_code in {403, 404}
    assert visitor.client.get_cookie("__Host-moat_staff", domain=origin.partition("//")[2].partition(":")[0]) is None


def test_nobody_is_let_in_from_another_host_or_by_a_form_of_another_page(moat: Moat) -> None:
    away = {"REMOTE_ADDR": "192.0.2.7"}
    visitor = Visitor(moat)
    assert visitor.get("/", environ_overrides=away).status_code == 404
    assert visitor.be("/demo/staff", "lin.lan", environ_overrides=away).status_code == 404
    forged = visitor.client.post("/demo/staff", base_url=ORIGIN, data={"who": "lin.lan"})
    assert forged.status_code == 403
    assert visitor.be("/demo/staff", "nobody").status_code == 404
    assert visitor.be("/demo/person", "cust-00008").status_code == 404


def test_the_browser_is_sent_from_the_address_to_the_name(moat: Moat) -> None:
    answer = Visitor(moat, origin="http://127.0.0.1:8080").get("/")
    assert (answer.status_code, answer.headers["Location"]) == (307, "http://localhost:8080/")


def test_no_other_deployment_has_a_front_page(tmp_path: Path) -> None:
    chosen = settings.load(data=tmp_path / "data", keys=tmp_path / "keys", names_processes=0)
    prepare(chosen)
    plain = compose(chosen)
    try:
        visitor = Visitor(plain)
        assert visitor.get("/").status_code == 404
        assert BANNERS["en"] not in visitor.get("/").text
        assert "front" not in plain.app.blueprints
        for path in ("/demo/staff", "/demo/person"):
            assert plain.app.test_client().post(path, base_url=ORIGIN, data={"who": "lin.lan"}).status_code == 404
    finally:
        plain.close()
