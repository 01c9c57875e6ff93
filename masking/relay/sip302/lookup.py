"""Asking the service where a call goes, as any other switch does."""

import re
from typing import Final

from moat_client.errors import MoatError
from moat_client.switching import SwitchingCalls

from masking.relay.decision import Collect, RefusalReason, Refuse
from masking.relay.sip302.answer import Redirect

TIMEOUT_SECONDS: Final = 2.0
_TO: Final = re.compile(r"\+[1-9][0-9]{5,14}", re.ASCII)
_PRESENT: Final = re.compile(r"\+[1-9][0-9]{5,14}|700[0-9]{12}|[1-9][0-9]{2,7}", re.ASCII)
_LEG: Final = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)


class ServiceLookup:
    """One service and one credential, which needs the scope `relay:route`."""

    def __init__(self, calls: SwitchingCalls) -> None:
        self._calls = calls

    def __call__(self, called: str, caller: str, digits: str | None) -> Redirect | Collect | Refuse:
        """Where the call goes. Whatever is not an answer as it should be is a refusal."""
        if not called:
            return Refuse(RefusalReason.INVALID)
        try:
            return _read(self._calls.route(called, caller or "anonymous", digits=digits))
        except MoatError:
            return Refuse(RefusalReason.UNAVAILABLE)


def _read(answer: dict[str, object]) -> Redirect | Collect | Refuse:
    if answer.get("action") == "connect":
        to, present, leg = (str(answer.get(name)) for name in ("to", "present", "leg"))
        seconds = answer.get("max_seconds")
        if _TO.fullmatch(to) and _PRESENT.fullmatch(present) and _LEG.fullmatch(leg) and isinstance(seconds, int):
            return Redirect(to, present, leg, seconds)
    if answer.get("action") == "collect":
        return Collect(0)
    if answer.get("action") == "reject" and answer.get("reason") in set(RefusalReason):
        return Refuse(RefusalReason(str(answer["reason"])))
    return Refuse(RefusalReason.UNAVAILABLE)
