"""A person's data on the tour: asked for, made by the service's own jobs, fetched and opened. The link and the passphrase are
canaries, too; what is inside is what everything else must not show."""

import io
import time
import zipfile
from collections.abc import Callable
from typing import Any

from pyrage import passphrase

from tests.secrecy.canary import BY_KIND
from tests.secrecy.exchange import Recorder, raw
from tests.secrecy.person import PersonTour

MADE_WITHIN_SECONDS = 60.0
PHONE = BY_KIND["phone"].writings[0]


class PackageTour:
    """Goes through packages. `call` makes a call of a role."""

    def __init__(self, call: Callable[..., Any], recorder: Recorder, person: PersonTour) -> None:
        self._call = call
        self._record = recorder
        self._person = person

    def go(self, session: str) -> None:
        """Everything that a session with two factors and officers can do."""
        asked = {"right": "access", "regime": "pipl", "locale": "zh-Hans"}
        request = self._person.call("POST", "requests", asked, session=session)["request"]
        one = f"/v1/requests/{request}/package"
        self._made(one)
        self._person.call("GET", "receivers", session=session)
        self._call("service", "GET", "/v1/receivers")
        self._choose_too_late(session, request)
        link = self._person.call("POST", f"requests/{request}/package", session=session)["url"].rsplit("/", 1)[1]
        told = self._person.call("POST", f"packages/{link}/passphrase", session=session)["passphrase"]
        self._person.secrets += [link, told]
        sealed = self._record.call("GET", f"/v1/privacy/default/packages/{link}", credential=session)
        archive = zipfile.ZipFile(io.BytesIO(passphrase.decrypt(sealed.content, told)))
        assert PHONE in archive.read("data/phone.json").decode()
        self._call("privacy_officer", "GET", f"{one}/file", expected=409)
        self._call("privacy_officer", "POST", f"{one}/link")
        self._call("privacy_officer", "POST", one)
        self._made(one)

    def _choose_too_late(self, session: str, request: str) -> None:
        """The package has been made; and a value where a key belongs."""
        for body, refused in (({}, 409), ({"recipient": PHONE}, 422), ({"receiver": PHONE}, 422)):
            self._call("service", "PUT", f"/v1/requests/{request}/package/choice", body, expected=refused)
            path, headers = (
                f"/v1/privacy/default/requests/{request}/package/choice",
                {"Content-Type": "application/json"},
            )
            answer = self._record.call("PUT", path, credential=session, content=raw(body), headers=headers)
            assert answer.status_code == refused

    def _made(self, path: str) -> None:
        until = time.monotonic() + MADE_WITHIN_SECONDS
        while self._call("privacy_officer", "GET", path, expected=404).json().get("state") != "ready":
            assert time.monotonic() < until, "the package is not made"
            time.sleep(0.1)
