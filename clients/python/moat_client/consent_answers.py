"""What people have said, what is asked about them, and what the service answers, as frozen values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from moat_client.errors import ItemError

State: TypeAlias = Literal["given", "refused", "deferred", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice to show as it is. ``default`` is how its switch stands at first: ``off``, or nothing is proved."""

    purpose: str
    version: int
    title: str
    text: str
    sha256: str
    default: str

    @classmethod
    def of(cls, item: Mapping[str, object]) -> "Notice":
        """Read one notice of a presentation."""
        version = int(str(item["version"]))
        words = [str(item[name]) for name in ("title", "text", "sha256", "default")]
        return cls(str(item["purpose"]), version, *words)


@dataclass(frozen=True, slots=True)
class Presentation:
    """What a person is to be shown; ``token`` goes back with what they say, until ``expires_at``."""

    token: str
    locale: str
    notices: tuple[Notice, ...]
    expires_at: str

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Presentation":
        """Read the answer to a presentation."""
        shown = answer.get("notices")
        notices = tuple(map(Notice.of, shown)) if isinstance(shown, list) else ()
        return cls(str(answer["presentation"]), str(answer["locale"]), notices, str(answer["expires_at"]))


@dataclass(frozen=True, slots=True)
class Said:
    """What a person has said about a purpose. ``given`` needs ``presentation`` or ``evidence``; the others nothing more.

    ``evidence`` and ``guardian`` are objects as the service's documentation has them. ``under_14`` is what is known of the age.
    """

    subject: str
    purpose: str
    state: State
    presentation: str | None = None
    evidence: Mapping[str, object] | None = None
    wording: str | None = None
    kinds: Iterable[str] | None = None
    method: str | None = None
    channel: str | None = None
    expressed_by: Literal["self", "guardian"] | None = None
    guardian: Mapping[str, object] | None = None
    under_14: bool | None = None
    expires_in: int | None = None

    def wire(self) -> dict[str, object]:
        """Return the JSON object that the service takes: only what was set."""
        found = {name: getattr(self, name) for name in self.__slots__}
        members = {name: value for name, value in found.items() if value is not None}
        return members | ({"kinds": list(self.kinds)} if self.kinds is not None else {})


@dataclass(frozen=True, slots=True)
class Recorded:
    """What now holds; ``changed`` is false if it held before. ``consent`` names the event that decides."""

    consent: str
    state: str
    epoch: int
    notice_version: int | None
    valid_until: str | None
    changed: bool

    @classmethod
    def of(cls, item: Mapping[str, object]) -> "Recorded | ItemError":
        """Read one item of the answer to consents."""
        error = item.get("error")
        if isinstance(error, Mapping):
            return ItemError.of(error)
        until = item.get("valid_until")
        return cls(
            str(item["consent"]),
            str(item["state"]),
            int(str(item["epoch"])),
            _number(item.get("notice_version")),
            None if until is None else str(until),
            item.get("changed") is True,
        )


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a person's data to be decided on; ``at`` (RFC 3339) asks about a past moment."""

    subject: str
    purpose: str
    kind: str | None = None
    recipient: str | None = None
    at: str | None = None

    def wire(self) -> dict[str, object]:
        """Return the JSON object that the service takes: only what was set."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the data may be used. It may be kept for ``ttl_s`` seconds; ``at`` is the moment for which it holds."""

    allowed: bool
    reason: str
    consent: str | None
    notice_version: int | None
    obligations: tuple[str, ...]
    epoch: int
    ttl_s: float
    at: str

    @classmethod
    def of(cls, item: Mapping[str, object]) -> "Decision":
        """Read one item of the answer to decisions."""
        consent, obligations = item.get("consent"), item.get("obligations")
        return cls(
            item.get("decision") == "allow",
            str(item["reason"]),
            None if consent is None else str(consent),
            _number(item.get("notice_version")),
            tuple(map(str, obligations)) if isinstance(obligations, list) else (),
            int(str(item["epoch"])),
            float(str(item["ttl_s"])),
            str(item["at"]),
        )


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))
