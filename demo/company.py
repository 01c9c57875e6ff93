"""The made-up platform as its own service knows it: a credential for each part of it, and a calendar that it goes through."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import httpx
from moat_client.client import Moat

from demo.cast import Place
from demo.orders import CHINA

HOST: Final = "http://demo"
CREDENTIALS: Final = (
    ("orders", "service", ("act_as:courier",)),
    ("support", "support", ()),
    ("merchant", "merchant", ()),
    ("risk", "risk", ()),
    ("privacy", "privacy_officer", ()),
    ("deputy", "privacy_officer", ()),
    ("operator", "operator", ()),
    ("switch", "switch", ()),
    ("auditor", "auditor", ("audit:log",)),
)
"""Name, role and further scopes of the test credentials."""

_CODE: Final = re.compile(r"(?<!\d)\d{6}(?!\d)")


class Opened(Protocol):
    """A new service in this process, before it listens."""

    @property
    def transport(self) -> httpx.BaseTransport:
        """Reaches the service's calls without a network."""

    def credential(self, name: str, role: str, scopes: Sequence[str]) -> str:
        """Make a test credential and return its text."""

    def official(self, name: str, role: str) -> str:
        """Make a member of staff with an authenticator app, and return the app's secret."""

    def at(self, moment: datetime | None) -> None:
        """Let it be a moment of the past, or now. The clock stands still there, and never goes back."""

    def settle(self) -> None:
        """Wait until no job is under way and the log is published."""

    def sent(self) -> Sequence[str]:
        """The words of whatever was sent so far, in order."""


class Start(Protocol):
    """How the composition root makes and serves the deployment of a demo."""

    def opened(self, place: Place, port: int, begun: datetime | None = None) -> AbstractContextManager[Opened]:
        """Make the database and the keys, and open the service in this process, as it will be at a port; at a moment of the past
        if one is given."""

    def serve(self, place: Place, port: int, ready: Callable[[str], None]) -> None:
        """Serve until stopped; ``ready`` is called with the address when it answers."""


@dataclass(frozen=True, slots=True)
class Company:
    """Whoever acts in the demo's past. `now` is when it is made; days are counted back from it."""

    opened: Opened
    doors: Mapping[str, Moat]
    texts: Mapping[str, str]
    now: datetime

    def door(self, name: str) -> Moat:
        """The service as a part of the platform reaches it."""
        return self.doors[name]

    def ago(self, days: float, hour: int | None = None) -> datetime:
        """A moment so many days ago, at an hour of the day in China where one is given."""
        then = self.now - timedelta(days=days)
        if hour is None:
            return then
        return then.astimezone(CHINA).replace(hour=hour, minute=0, second=0, microsecond=0)

    def go(self, days: float, hour: int | None = None) -> None:
        """Let it be then, once everything before is done."""
        self.opened.settle()
        self.opened.at(self.ago(days, hour))

    def code(self) -> str:
        """The code that is sent now."""
        before = len(self.opened.sent())
        self.opened.settle()
        return next(str(found[0]) for text in reversed(self.opened.sent()[before:]) if (found := _CODE.findall(text)))

    def visitor(self) -> httpx.Client:
        """Somebody without a credential."""
        return httpx.Client(base_url=HOST, transport=self.opened.transport)


@contextmanager
def company(opened: Opened, texts: Mapping[str, str], now: datetime) -> Iterator[Company]:
    """The platform with its credentials."""
    with ExitStack() as held:
        doors = {name: held.enter_context(Moat(HOST, text, transport=opened.transport)) for name, text in texts.items()}
        yield Company(opened, doors, texts, now)
