"""What all groups of calls are made with."""

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from moat_client.transport import Params, Transport


class Calls:
    """A group of calls over one transport."""

    _transport: Transport

    def _post(self, path: str, body: Mapping[str, object], key: str | None = None) -> dict[str, object]:
        return self._transport.json("POST", path, body=body, idempotency_key=key)

    def _pages(self, path: str, filters: Mapping[str, str | int]) -> Iterator[dict[str, object]]:
        params: Params = filters
        while True:
            page = self._transport.json("GET", path, params=params)
            items = page.get("items")
            yield from items if isinstance(items, list) else ()
            cursor = page.get("next_cursor")
            if cursor is None:
                return
            params = {**filters, "cursor": str(cursor)}


def path_of(*segments: str) -> str:
    """Build a path whose segments cannot reach another one: a subject may hold ``:`` and a token is not trusted."""
    if any(segment in {"", ".", ".."} for segment in segments):
        raise ValueError("not an id")
    return "/v1/" + "/".join(quote(segment, safe="") for segment in segments)
