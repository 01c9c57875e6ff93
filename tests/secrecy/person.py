"""A person's own part of the tour: codes, sessions, requests. What opens something for them is a canary, too."""

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from tests.dsar.identity.signing import Platform
from tests.secrecy.exchange import Recorder, raw

SENT_WITHIN_SECONDS = 30.0


class PersonTour:
    """Goes through what people do themselves. `messages` is the file that messages go into, `secrets` what must be kept
    nowhere."""

    def __init__(self, recorder: Recorder, messages: Path) -> None:
        self._record = recorder
        self._messages = messages
        self.secrets: list[str] = []

    def call(self, method: str, path: str, body: object = None, *, session: str | None = None) -> Any:
        """Make a call that must be a success."""
        sent: dict[str, Any] = {}
        if body is not None:
            sent = {"content": raw(body), "headers": {"Content-Type": "application/json"}}
        answer = self._record.call(method, f"/v1/privacy/default/{path}", credential=session, **sent)
        assert answer.status_code < 300, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    def by_code(self, account: str, phone: str) -> str:
        """A session by the code that comes to the phone."""
        named = [{"kind": "account", "value": account}, {"kind": "phone", "value": phone}]
        before = self.count()
        asked = self.call("POST", "codes", {"identities": named})
        answer = {"challenge": asked["challenge"], "codes": [self.code(before)]}
        return self._opened(self.call("POST", "sessions", answer))

    def by_link(self, url: str) -> str:
        """A session by a link of the platform."""
        link = url.rsplit("/", 1)[1]
        self.secrets.append(link)
        return self._opened(self.call("POST", f"links/{link}"))

    def by_assertion(self, platform: Platform, account: str) -> str:
        """A session by an assertion."""
        now = int(time.time())
        claims = {"sub": account, "aud": "urn:moat:privacy:default", "iat": now, "exp": now + 60, "jti": str(uuid4())}
        return self._opened(self.call("POST", "sessions", {"assertion": platform.signed(claims)}))

    def go(self, session: str, words: str) -> str:
        """Everything that a session opens, to the person's words; gives the request that was made."""
        before = self.count()
        asked = self.call("POST", "session/codes", {}, session=session)
        answer = {"challenge": asked["challenge"], "codes": [self.code(before)]}
        self.call("POST", "session/verify", answer, session=session)
        self.call("GET", "session", session=session)
        made = self.call(
            "POST", "requests", {"right": "rectification", "regime": "gdpr", "text": words}, session=session
        )
        one = f"requests/{made['request']}"
        self.call("GET", "requests", session=session)
        self.call("GET", one, session=session)
        self.call("POST", f"{one}/verify", session=session)
        return str(made["request"])

    def end(self, session: str, request: str) -> None:
        """Take the request back and leave."""
        self.call("POST", f"requests/{request}/withdraw", session=session)
        self.call("DELETE", "session", session=session)

    def _opened(self, answer: Any) -> str:
        self.secrets.append(answer["session"])
        return str(answer["session"])

    def _texts(self) -> list[str]:
        if not self._messages.exists():
            return []
        lines = [orjson.loads(line) for line in self._messages.read_bytes().splitlines()]
        return [line["text"] for line in lines if line["template"] == "verification_code"]

    def count(self) -> int:
        """How many codes have come."""
        return len(self._texts())

    def code(self, before: int) -> str:
        """The code that comes after so many."""
        until = time.monotonic() + SENT_WITHIN_SECONDS
        while len(texts := self._texts()) <= before:
            assert time.monotonic() < until, "no code comes"
            time.sleep(0.05)
        code = "".join(one for one in texts[-1].split("，")[0] if one.isdigit())
        assert len(code) == 6
        self.secrets.append(code)
        return code
