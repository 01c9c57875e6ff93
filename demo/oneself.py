"""What one person of the demo does in sessions of their own: asks for things, enters the codes, and takes one request back."""

from typing import Final

import httpx

from demo.cast import MUCH, SEED
from demo.company import Company
from demo.people import person

_PRIVACY: Final = "/v1/privacy/default"


class Oneself:
    """The person with the most to see on the front page."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self.subject = person("customer", MUCH, SEED).subject

    def ask(self, right: str, *, codes: bool = True, **more: object) -> str:
        """Make a request in a session that the platform began, with a code to a second channel; its id."""
        with self._company.visitor() as browser:
            self._begin(browser)
            if codes:
                self._strengthen(browser)
            body = {"right": right, "regime": "pipl", **more}
            request = str(_json(browser.post(f"{_PRIVACY}/requests", json=body))["request"])
        self._company.opened.settle()
        return request

    def take_back(self, request: str) -> None:
        """Withdraw a request."""
        with self._company.visitor() as browser:
            self._begin(browser)
            _json(browser.post(f"{_PRIVACY}/requests/{request}/withdraw"))

    def _begin(self, browser: httpx.Client) -> None:
        address = self._company.door("orders").identity.hand_over(self.subject)
        link = address.rpartition("/")[2]
        session = _json(browser.post(f"{_PRIVACY}/links/{link}"))["session"]
        browser.headers["Authorization"] = f"Bearer {session}"

    def _strengthen(self, browser: httpx.Client) -> None:
        challenge = _json(browser.post(f"{_PRIVACY}/session/codes", json={}))["challenge"]
        answer = {"challenge": challenge, "codes": [self._company.code()]}
        _json(browser.post(f"{_PRIVACY}/session/verify", json=answer))


def _json(answer: httpx.Response) -> dict[str, object]:
    read: dict[str, object] = answer.raise_for_status().json()
    return read
