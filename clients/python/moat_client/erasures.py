"""The calls about erasures, which ``Moat`` has beside its others."""

from moat_client.calls import Calls, path_of


class ErasureCalls(Calls):
    """What an erasure comes to, and its certificate."""

    def erasure_plan(self, request: str) -> dict[str, object]:
        """Return what the erasure that a request asks for destroys, what stays and why, and how far it is."""
        path = path_of("requests", request, "plan")
        plan = self._transport.json("GET", path, params={"limit": 1})
        return {**plan, "items": [*self._pages(path, {"limit": 1_000})]}

    def erasure_certificate(self, request: str) -> str:
        """Return a signed certificate of what the erasure came to. For two seconds after the end it lacks the log's proof."""
        return str(self._transport.json("GET", path_of("requests", request, "certificate"))["certificate"])
