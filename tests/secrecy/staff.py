"""Staff's part of the tour: invited, enrolled by an app, signed in; and a stranger who types data where a name belongs."""

import re
from typing import Any

import pyotp

from tests.secrecy.exchange import Recorder, raw


class StaffTour:
    """Goes through the pages of staff with cookies of its own: browsers take Secure ones from localhost, this client would not.
    `secrets` are what must be kept nowhere."""

    def __init__(self, recorder: Recorder, port: int) -> None:
        self._record = recorder
        self._host = f"localhost:{port}"
        self._cookies: dict[str, str] = {}
        self.secrets: list[str] = []

    def go(self, administrator: str, values: list[str]) -> None:
        """Everything once; `values` are typed where they do not belong."""
        number = self.enter(administrator, "canary.officer", "privacy_officer")
        self._record.call("GET", "/v1/staff", credential=administrator)
        for page in ("sessions", "recovery", "app", "passkeys", "again", "people"):
            self.get(f"/staff/{page}")
        for value in values:
            self.post("/staff/recovery/ask", "/staff/recovery/ask", name=value)
        self.post("/staff/sign-out", "/staff/sessions")
        for value in values:
            self.post("/staff/at/default/code", "/staff/at/default/code", name=value, code=value[:16])
        self._record.call("DELETE", f"/v1/staff/{number}", credential=administrator)
        for path in ("/language/en?back=/staff", "/staff", "/nowhere"):
            self.get(path)

    def enter(self, administrator: str, name: str, role: str) -> int:
        """Be invited, and enrol by an app; the member's number."""
        headers = {"Content-Type": "application/json"}
        body = raw({"name": name, "role": role})
        made = self._record.call("POST", "/v1/staff", credential=administrator, content=body, headers=headers)
        assert made.status_code == 201, made.text
        number = int(made.json()["id"])
        again = self._record.call("POST", f"/v1/staff/{number}/invite", credential=administrator)
        link = again.json()["url"].partition("/staff/")[2]
        self.secrets.append(link.rpartition("/")[2])
        self._enrol(f"/staff/{link}")
        return number

    def _enrol(self, link: str) -> None:
        page = self.get(f"{link}/code").text
        found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
        offer = re.search(r'name="offer" value="([^"]+)"', page)
        assert found is not None
        assert offer is not None
        secret = found[1].replace(" ", "")
        self.secrets.append(secret)
        answer = self.post(f"{link}/code", f"{link}/code", offer=offer[1], code=pyotp.TOTP(secret).now())
        assert answer.status_code == 303, answer.text
        self.secrets.append(self._cookies["__Host-moat_staff"])

    def get(self, path: str, *, shows: frozenset[str] = frozenset()) -> Any:
        """Open a page, which may show `shows`."""
        return self._kept(self._record.call("GET", path, headers=self._headers(), shows=shows))

    def post(self, path: str, page: str, *, shows: frozenset[str] = frozenset(), **fields: str) -> Any:
        """Send a form of `page`."""
        found = re.search(r'name="form_token" value="([^"]+)"', self.get(page).text)
        data = {"form_token": "" if found is None else found[1], **fields}
        return self._kept(self._record.call("POST", path, data=data, headers=self._headers(), shows=shows))

    def _headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={text}" for name, text in self._cookies.items())
        return {"Host": self._host, "Accept": "text/html", **({"Cookie": cookies} if cookies else {})}

    def _kept(self, answer: Any) -> Any:
        for header in answer.headers.get_list("Set-Cookie"):
            name, _, text = header.partition(";")[0].partition("=")
            self._cookies[name] = text
        return answer
