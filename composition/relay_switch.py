"""The operator's switches, where they can be told to end calls."""

from collections.abc import Sequence
from typing import Final

import structlog
from prometheus_client import Counter

from composition.foundation import Foundation
from composition.relay_calls import Calls
from database.columns import millis
from masking.relay.calls.events import CallEvents
from masking.relay.ports import Lines
from masking.relay.switch.hanging import Fate, Post, SwitchLines
from web.egress import Egress
from web.errors import EgressFailedError, EgressRefusedError

TIMEOUT_SECONDS: Final = 1.0
ANSWER_BYTES: Final = 4 * 1024


class Legs:
    """The calls that the book knows to be under way."""

    def __init__(self, base: Foundation, events: CallEvents) -> None:
        self._now = base.now
        self._events = events

    def legs_of(self, tenant: int, binding: int) -> Sequence[str]:
        """The legs of a binding whose end is not known."""
        return self._events.under_way(tenant, binding, millis(self._now()))


def switch_lines(base: Foundation, calls: Calls) -> Lines | None:
    """Calls under way in the switches that the operator named; None where none was."""
    urls, file = base.chosen.switch_urls, base.chosen.switch_secret_file
    if not urls or file is None:
        return None
    counter = Counter(
        "moat_relay_hangups", "Calls that the switches were told to end.", ("fate",), registry=base.registry
    )

    def told(fate: Fate) -> None:
        counter.labels(fate.value).inc()
        if fate in {Fate.REFUSED, Fate.AWAY}:
            structlog.get_logger().error("relay_hangup_failed", fate=fate.value)

    secret = file.read_text().strip()
    return SwitchLines(Legs(base, calls.events), [_post(url, secret) for url in urls], told)


def _post(url: str, secret: str) -> Post:
    """Posts to one origin that the setting names, wherever it is."""
    egress = Egress(allowed=(), internal=[url], timeout_seconds=TIMEOUT_SECONDS, answer_bytes=ANSWER_BYTES)
    headers = {"Authorization": f"Bearer {secret}"}

    def post(path: str) -> int:
        try:
            return egress.call("POST", url + path, headers=headers).status
        except (EgressFailedError, EgressRefusedError):
            raise OSError from None

    return post
