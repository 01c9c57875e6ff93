"""The book of masked calls, which ``Moat`` has as ``moat.relay_calls``. The credential needs the scope ``relay:calls``."""

from collections.abc import Iterator, Mapping

from moat_client.calls import Calls, path_of
from moat_client.transport import Transport

Answer = Mapping[str, object]


class RelayCallCalls(Calls):
    """Records, figures, cases and rules. No answer has anybody's number in it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def calls(self, filters: Mapping[str, str | int], *, limit: int = 50) -> list[Answer]:
        """List the latest calls that fit all filters, as ``GET /v1/relay/calls`` names them."""
        page = self._transport.json("GET", "/v1/relay/calls", params={**filters, "limit": limit})
        return _items(page)

    def statistics(self, first: str, last: str, zone: str = "UTC") -> list[Answer]:
        """Count the calls of some days, each as ``2026-11-22``, by day and pool."""
        params = {"first": first, "last": last, "zone": zone}
        return _items(self._transport.json("GET", "/v1/relay/statistics", params=params))

    def cases(self, *, closed: bool = False) -> Iterator[Answer]:
        """Yield what looked like abuse: the open cases, or those that were closed."""
        return iter(self._pages("/v1/relay/cases", {"closed": "true"} if closed else {}))

    def close_case(self, case: int, *, reason: str, lift: bool) -> Answer:
        """Close a case, and end its measure if ``lift`` says so."""
        return self._post(path_of("relay", "cases", str(case), "close"), {"reason": reason, "lift": lift})

    def rules(self) -> Answer:
        """Read the rules in force."""
        return self._transport.json("GET", "/v1/relay/rules")

    def apply_rules(self, source: str) -> Answer:
        """Put the rules of a YAML text in force."""
        return self._transport.json("PUT", "/v1/relay/rules", body={"source": source})

    def legal_keys(self) -> list[Answer]:
        """List the keys to which calls are sealed for a law."""
        return _items(self._transport.json("GET", "/v1/relay/legal-keys"))


def _items(page: Answer) -> list[Answer]:
    items = page.get("items")
    return list(items) if isinstance(items, list) else []
