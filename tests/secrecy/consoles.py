"""The consoles in the tour: every page opened by whoever works there, with forms that hold what must be found nowhere."""

import re
from collections.abc import Sequence
from typing import Any

from tests.secrecy.canary import BY_KIND, CANARIES, CUSTOMER, RIDER, SUBJECTS
from tests.secrecy.exchange import Recorder
from tests.secrecy.staff import StaffTour

PHONE = BY_KIND["phone"]
OFFICER = (
    "today",
    "requests",
    "requests?state=completed",
    "retention",
    "retention/policy",
    "jobs",
    "catalogue",
    "catalogue/delivery",
    "catalogue/-/compare",
    "recipients",
    "records",
    "records/html",
    "statistics",
    "disclosures",
    "disclosures?by=month",
    "calls/usage",
    "calls/cases/999",
    "people",
)
OPERATOR = ("keys", "relay", "jobs", "keys/kek/99/destroy")
AUDITOR = ("entries", "exports", "checkpoints", "entries/1/0", "entries/1/0/proof", "entries/1/0/octets")
OF_PEOPLE = frozenset({*SUBJECTS, CUSTOMER, RIDER})
"""Holds, calls and people who were found stand there by the platform's ids of them."""


class ConsoleTour:
    """Goes through the consoles of officers, operators and auditors. `secrets` are what must be kept nowhere."""

    def __init__(self, recorder: Recorder, port: int) -> None:
        self._record = recorder
        self._port = port
        self.secrets: list[str] = []

    def go(self, administrator: str) -> None:
        """Open every page, and send every form that takes a text."""
        officer = self._member(administrator, "privacy_officer")
        self._pages(officer, "console", OFFICER)
        for path in ("holds", "calls", "calls/list", "calls/list?refused=yes"):
            self._ok(officer.get(f"/console/{path}", shows=OF_PEOPLE), path)
        self._requests(officer)
        self._hold(officer)
        self._people(officer)
        self._pages(self._member(administrator, "operator"), "console", OPERATOR)
        self._pages(self._member(administrator, "auditor"), "auditor", AUDITOR)

    def _member(self, administrator: str, role: str) -> StaffTour:
        member = StaffTour(self._record, self._port)
        member.enter(administrator, f"canary.console.{role}", role)
        self.secrets += member.secrets
        return member

    def _pages(self, member: StaffTour, desk: str, pages: Sequence[str]) -> None:
        for page in pages:
            self._ok(member.get(f"/{desk}/{page}"), page)

    def _requests(self, officer: StaffTour) -> None:
        """A request with what its person wrote, which is shown on a page of its own to whoever asks for it."""
        listed = officer.get("/console/requests").text
        found = re.findall(r"/console/requests/[0-9a-f-]{36}", listed)
        assert found, "nobody asks for anything"
        for page in dict.fromkeys(found):
            self._ok(officer.get(page), page)
            self._ok(officer.get(f"{page}/deny"), page)
            self._ok(officer.get(f"{page}/words", shows=frozenset(PHONE.texts)), page)
            officer.post(f"{page}/verify", page, proof=PHONE.writings[0], document="id_card")
            officer.post(f"{page}/deny", f"{page}/deny", reason=PHONE.writings[0])
            officer.post(f"{page}/extend", page, reason=PHONE.writings[0])

    def _hold(self, officer: StaffTour) -> None:
        """Values where a person, an order, a kind or a case belongs: the form comes back with what was typed into it."""
        page, value = "/console/holds/new", PHONE.writings[0]
        for field in ("subject", "ref", "kind", "case"):
            given: dict[str, Any] = {"reason": "litigation", "case": "C-7", "review": "2027-01-01"}
            answer = officer.post(page, page, shows=frozenset(PHONE.texts), **{**given, field: value})
            assert answer.status_code == 422, answer.text

    def _people(self, officer: StaffTour) -> None:
        """Somebody is looked for by each value, and one of theirs asked for without a request that allows it."""
        page = "/console/people"
        for canary in CANARIES:
            officer.post(page, page, kind=canary.kind, value=canary.writings[0], shows=OF_PEOPLE)
        found = officer.post(page, page, kind="phone", value=PHONE.writings[0], shows=OF_PEOPLE).text
        token = re.search(r'<option value="(tok_[^"]+)">', found)
        number = "00000000-0000-7000-8000-000000000000"
        mine = "" if token is None else token[1]
        officer.post("/console/people/plain", page, token=mine, request=number)
        officer.post("/console/people/plain", page, token=PHONE.writings[0], request=PHONE.writings[0])

    def _ok(self, answer: Any, page: str) -> None:
        assert answer.status_code in {200, 404}, f"{page}: {answer.status_code} {answer.text[-500:]}"
        assert answer.status_code == 404 or "no-store" in answer.headers["Cache-Control"], page
