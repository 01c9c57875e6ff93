"""What stands around a page's content: who it is for, where one can go from it, and who is looking."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a page is laid out: alone (sign-in), one column for a phone (privacy centre), beside a list of places (consoles)."""

    BARE = "bare"
    CENTRE = "centre"
    CONSOLE = "console"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Somewhere to go: its address, the key of its name, and an icon of `shell/icons.html`. `count` says how much waits there."""

    url: str
    name: str
    icon: str
    count: int | None = None

    def holds(self, path: str) -> bool:
        """Whether a page lies in this place."""
        return path == self.url or path.startswith(self.url.rstrip("/") + "/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chrome:
    """Around one page. `brand` is the key of what this part of Moat is called, `home` where it leads.

    `account` is what a person is called here, a work name and never a person's data; `sign_out` takes a POST.
    """

    kind: Kind = Kind.BARE
    brand: str = "shell.brand"
    home: str | None = None
    places: Sequence[Place] = ()
    account: str | None = None
    account_url: str | None = None
    sign_out: str | None = None
