"""The pages of a person in the tour: opened as a browser opens them, with forms that hold what must be found nowhere."""

import re
from collections.abc import Mapping
from uuid import uuid4

from tests.secrecy.exchange import Recorder

ROOT = "/privacy/default"
PAGES = (
    "/",
    "/looked?show=all",
    "/consents",
    "/consents/marketing_sms",
    "/consents/history",
    "/requests",
    "/requests/new/correct",
    "/notices",
    "/notices/delivery",
    "/settings",
)


class PrivacyCentreTour:
    """Goes through the privacy centre."""

    def __init__(self, recorder: Recorder) -> None:
        self._record = recorder
        self._cookie = ""
        self._page = ""

    def go(self, session: str, words: str, phone: str) -> None:
        """Every page of a session, a complaint in the person's words, a correction, a code that is asked for, and wishes."""
        self._cookie = f"__Host-moat_person={session}"
        for path in PAGES:
            self._get(path)
        about = {"category": "other", "party": "platform", "text": words, "once": uuid4().hex}
        self._post("/requests/new/complain", about)
        self._post("/requests/new/correct", {"field.phone": phone, "once": uuid4().hex})
        self._post("/requests/new/correct", {"field.phone": f"{phone}0000", "once": uuid4().hex}, status=422)
        self._post("/settings/digest", {"state": "on"})
        self._get("/")
        self._get("/requests")

    def sign_in(self, phone: str) -> None:
        """Somebody says by what they are known."""
        self._cookie = "__Host-moat_browser=" + "b" * 43
        self._get("/sign-in")
        self._post("/sign-in", {"name": phone}, status=None)
        self._post("/sign-in", {"name": f"{phone}!"}, status=422)

    def _get(self, path: str) -> None:
        answer = self._record.call("GET", ROOT + path, headers={"Cookie": self._cookie, "Accept": "text/html"})
        assert answer.status_code == 200, f"{path}: {answer.text[-500:]}"
        self._page = answer.text

    def _post(self, path: str, fields: Mapping[str, str], *, status: int | None = 303) -> None:
        token = re.search(r'name="form-token" content="([^"]+)"', self._page)
        assert token is not None
        headers = {"Cookie": self._cookie, "Accept": "text/html", "X-Form-Token": token[1]}
        answer = self._record.call("POST", ROOT + path, headers=headers, data=dict(fields))
        assert status is None or answer.status_code == status, f"{path}: {answer.status_code} {answer.text[-500:]}"
