"""Who stands on the front page of the demo, and where it keeps what lets them in."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from demo.people import Person, Role, person

SEED: Final = 1

OFFICIALS: Final[Mapping[str, str]] = {
    "lin.lan": "privacy_officer",
    "chen.wei": "privacy_officer",
    "zhao.ning": "operator",
    "sun.yi": "admin",
    "he.qing": "auditor",
}
"""Work names of staff, and their roles. Two privacy officers, because what destroys takes two."""

MUCH: Final = 7
ERASURE: Final = 2
HELD: Final = 3
LITTLE: Final = 5
COURIER: Final = 1
FROZEN: Final = 9
"""A courier who lost a phone."""

_PARTS: Final[Sequence[tuple[str, Role, int]]] = (
    ("much", "customer", MUCH),
    ("erasure", "customer", ERASURE),
    ("held", "customer", HELD),
    ("little", "customer", LITTLE),
    ("courier", "courier", COURIER),
)


@dataclass(frozen=True, slots=True)
class Place:
    """The directories and files of a demo."""

    root: Path

    @property
    def data(self) -> Path:
        """The database, and everything else that is stored."""
        return self.root / "data"

    @property
    def keys(self) -> Path:
        """The root key."""
        return self.root / "keys"

    @property
    def credentials(self) -> Path:
        """Test credentials, a file each."""
        return self.root / "credentials"

    @property
    def authenticators(self) -> Path:
        """The secrets of the apps of staff, by name."""
        return self.root / "authenticators.json"

    @property
    def messages(self) -> Path:
        """Whatever was sent, a line each."""
        return self.root / "messages.jsonl"


def residents() -> Mapping[str, Person]:
    """The made-up people who may be looked at, by what there is to see about them."""
    return {part: person(role, number, SEED) for part, role, number in _PARTS}


def keep_secrets(place: Place, secrets: Mapping[str, str]) -> None:
    """Keep the secrets of the apps of staff, for this user's eyes."""
    place.authenticators.touch(mode=0o600)
    place.authenticators.write_text(json.dumps(secrets), encoding="utf-8")


def secrets_of(place: Place) -> Mapping[str, str]:
    """The secrets, by the names of staff. Raises OSError: this is no demo's directory."""
    read: Mapping[str, str] = json.loads(place.authenticators.read_text(encoding="utf-8"))
    return read
