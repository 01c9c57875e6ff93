"""Pages of staff among very many records: the officer's console and the auditor's desk, as `page_figures` measures the pages of
people. An officer and an auditor enrol with an app, as anybody would, and keep their session.

Where what staff see is an entry in the log, durable before they see it, the page waits for a commit, and its yardstick is an echo
that commits too; elsewhere it is the echo.
"""

import re
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode, urlsplit

import orjson
import pyotp

from bench.figure import Figure
from bench.page_figures import Page, grown, measured, with_history
from bench.plan import Stage

COOKIE = "__Host-moat_staff"
OFFICER = {
    "officer_today": "/console/today",
    "officer_requests": "/console/requests",
    "officer_search": "/console/people",
    "officer_jobs": "/console/jobs",
    "officer_statistics": "/console/statistics",
    "officer_catalogue": "/console/catalogue",
}
AUDITOR = {"auditor_entries": "/auditor/entries", "auditor_checkpoints": "/auditor/checkpoints"}
RECORDED = {"officer_today", "officer_requests", "officer_statistics", "auditor_entries"}


def console_pages(stage: Stage) -> Iterator[Figure]:
    """The median time of each main page of the consoles, as calls a second of one member of staff."""
    grown(stage)
    with_history(stage.product)
    for role, pages in (("privacy_officer", OFFICER), ("auditor", AUDITOR)):
        visitor = _Enrolling(stage.product.port).enrolled(_invited(stage, role))
        for name, path in pages.items():
            yield measured(stage, name, Page(path, visitor), commits=name in RECORDED)
    (entry,) = re.findall(
        r'href="(/auditor/entries/\d+/\d+)"', Page("/auditor/entries", visitor).fetched(stage.product.port)
    )[:1]
    yield measured(stage, "auditor_entry", Page(entry, visitor), commits=True)


def _invited(stage: Stage, role: str) -> str:
    connection = HTTPConnection("127.0.0.1", stage.product.port)
    headers = {"Authorization": f"Bearer {stage.product.admin}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/staff", orjson.dumps({"name": f"bench.{role}", "role": role}), headers)
    answer = orjson.loads(connection.getresponse().read())
    connection.close()
    return str(urlsplit(answer["url"]).path)


class _Enrolling:
    """Enrols one member of staff, who has an app and no script."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}

    def enrolled(self, link: str) -> dict[str, str]:
        """The headers of their session."""
        _, page = self._called("GET", f"{link}/code")
        fields = {name: _field(page, name) for name in ("form_token", "offer")}
        (spelled,) = re.findall(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
        code = pyotp.TOTP(spelled.replace(" ", "")).now()
        answer, _ = self._called("POST", f"{link}/code", urlencode({**fields, "code": code}))
        if answer.status != 303:
            raise RuntimeError(f"nobody enrolled: {answer.status}")
        return {"Host": f"localhost:{self._port}", "Cookie": f"{COOKIE}={self._cookies[COOKIE]}"}

    def _called(self, method: str, path: str, form: str | None = None) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection("localhost", self._port)
        cookies = "; ".join(f"{name}={text}" for name, text in self._cookies.items())
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, form, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        for header in answer.headers.get_all("Set-Cookie", []):
            name, _, text = header.partition(";")[0].partition("=")
            self._cookies[name] = text
        connection.close()
        return answer, page


def _field(page: str, name: str) -> str:
    (value,) = re.findall(rf'name="{name}" value="([^"]+)"', page)[:1]
    return str(value)
