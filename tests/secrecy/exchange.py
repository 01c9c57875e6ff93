"""Calls that are remembered with their answers and with what the answer may show."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tests.secrecy.canary import BY_KIND, SUBJECTS

Headers = Mapping[str, str | bytes]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One answer to one call: what was called, what came, and the texts that may stand in it."""

    call: str
    status: int
    said: bytes
    shows: frozenset[str]


SHOW_SUBJECTS = frozenset(SUBJECTS)
OF_PEOPLE = ("/v1/holds", "/v1/subjects/", "/v1/signals/", "/v1/tokens/", "/v1/orders/", "/v1/detokenize", "/v1/search",
             "/v1/freezes", "/v1/relay/calls")  # fmt: skip
"""Paths whose answers say whom they are about."""
SHOW_UNMARKED = frozenset(text for kind in ("wechat_id", "birth_date", "note") for text in BY_KIND[kind].texts)
"""What a text gives back to its sender: by itself, without a word beside it, it looks like nothing personal."""


class Recorder:
    """Makes calls of one service and keeps every answer, with its headers."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.exchanges: list[Exchange] = []
        self.broken = 0

    def call(
        self,
        method: str,
        path: str,
        *,
        credential: str | None = None,
        shows: frozenset[str] = frozenset(),
        headers: Headers | None = None,
        **sent: Any,
    ) -> httpx.Response:
        """Make a call. Its answer may show `shows`, and the ids of people where it is about them and not a refusal."""
        carried: dict[str, str | bytes] = {} if credential is None else {"Authorization": f"Bearer {credential}"}
        request = self.client.build_request(method, path, headers=_octets({**carried, **(headers or {})}), **sent)
        answer = self.client.send(request)
        if path.startswith(OF_PEOPLE) and answer.status_code < 400:
            shows |= SHOW_SUBJECTS
        if path.startswith("/v1/redact") and answer.status_code < 400:
            shows |= SHOW_UNMARKED
        said = b"\n".join([*(b"%s: %s" % header for header in answer.headers.raw), answer.content])
        self.exchanges.append(Exchange(f"{method} {path}", answer.status_code, said, shows))
        return answer

    def attempt(self, method: str, path: str, **options: Any) -> None:
        """Make a call that the transport itself may refuse to carry or to answer."""
        try:
            self.call(method, path, **options)
        except (httpx.TransportError, ValueError):
            self.broken += 1


def raw(body: object) -> bytes:
    """JSON of a body with its characters as they are, so that no escape hides them."""
    return json.dumps(body, ensure_ascii=False).encode()


def _octets(headers: Headers) -> dict[bytes, bytes]:
    """Headers as they would come from somebody who cares for no standard."""
    return {
        name.encode(): value if isinstance(value, bytes) else value.encode("utf-8") for name, value in headers.items()
    }
