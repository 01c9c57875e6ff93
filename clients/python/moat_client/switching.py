"""The calls of a switch, which ``Moat`` has as ``moat.switching``."""

from moat_client.calls import Calls
from moat_client.transport import Transport


class SwitchingCalls(Calls):
    """Where calls to relay numbers go. The credential needs the scope ``relay:route``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def route(self, called: str, caller: str, *, digits: str | None = None) -> dict[str, object]:
        """Ask what to do with a call: the answer's ``action`` is ``connect``, ``collect`` or ``reject``.

        ``to`` of an answer is somebody's number: show it to nobody. Whoever gets no answer connects nobody.
        """
        body: dict[str, object] = {"called": called, "caller": caller}
        if digits is not None:
            body["digits"] = digits
        return self._post("/v1/relay/route", body)

    def pass_on(self, called: str, caller: str, text: str) -> dict[str, object]:
        """Ask what to do with a text: the answer's ``action`` is ``deliver`` or ``reject``, and its ``text`` is what to send."""
        return self._post("/v1/relay/messages", {"called": called, "caller": caller, "text": text})

    def tell(self, leg: str, event: str, *, seconds: int | None = None, status: int | None = None) -> None:
        """Tell that a call was ``answered``, has ``ended`` after some seconds, or has ``failed`` with a SIP status."""
        known = {"leg": leg, "event": event, "seconds": seconds, "status": status}
        self._transport.json(
            "POST", "/v1/relay/events", body={name: value for name, value in known.items() if value is not None}
        )
