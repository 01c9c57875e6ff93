"""What adapters need of the relay: where a call or a text goes, and somebody to tell what became of it.

Every adapter is a codec around `Router.route`. It decides nothing, and of what it is answered it shows the number to connect to
its switch alone.
"""

from collections.abc import Sequence
from typing import Protocol

from masking.relay.bound import By
from masking.relay.calls.events import Taken
from masking.relay.calls.progress import Event
from masking.relay.decision import CallKind
from masking.relay.routing import Answer


class Router(Protocol):
    """Asks where a call or a text goes."""

    def route(
        self, by: By, *, called: str, caller: str, kind: CallKind = CallKind.VOICE, digits: str | None = None
    ) -> Answer:
        """Where it goes. Never raises for what a caller or a switch may send."""


class CallEvents(Protocol):
    """Whoever keeps records of calls."""

    def take(self, tenant: int, events: Sequence[Event], at: int) -> Sequence[Taken]:
        """The same, and what became of each."""

    def tell(self, tenant: int, events: Sequence[Event], at: int) -> None:
        """Take events that came at `at`. One of an unknown leg, or one that came before, changes nothing."""
