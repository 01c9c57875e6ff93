"""How keys stand, as the service tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

RotatedKey: TypeAlias = Literal["root", "kek", "dek", "index", "token"]


@dataclass(frozen=True, slots=True)
class KeyVersion:
    """One version of a key: ``state`` is active, decrypt-only or destroyed. Times are RFC 3339, UTC.

    ``wraps`` is how many keys it wraps and ``seals`` how often it has sealed, where these are counted. ``due`` is age or seals
    where it is to be rotated now, and ``due_at`` when its age will make it so.
    """

    usage: str
    scope: str | None
    version: int
    state: str
    created_at: str
    age_days: int
    destroyed_at: str | None
    wraps: int | None
    seals: int | None
    due: str | None
    due_at: str | None

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "KeyVersion":
        """Read a version."""
        texts = {name: _text(answer.get(name)) for name in ("scope", "destroyed_at", "due", "due_at")}
        return cls(
            usage=str(answer["usage"]),
            scope=texts["scope"],
            version=int(str(answer["version"])),
            state=str(answer.get("state", "")),
            created_at=str(answer.get("created_at", "")),
            age_days=int(str(answer.get("age_days", 0))),
            destroyed_at=texts["destroyed_at"],
            wraps=_number(answer.get("wraps")),
            seals=_number(answer.get("seals")),
            due=texts["due"],
            due_at=texts["due_at"],
        )


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """All versions of all keys, the number and oldest age of the people's data keys, and when past erasures are complete."""

    versions: tuple[KeyVersion, ...]
    deks: int
    oldest_dek_at: str | None
    worn_deks: int
    erasures: Mapping[str, object] | None

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "KeyStatus":
        """Read the whole answer."""
        items, deks, erasures = answer.get("items"), answer.get("deks"), answer.get("erasures")
        deks = deks if isinstance(deks, dict) else {}
        return cls(
            versions=tuple(map(KeyVersion.of, items)) if isinstance(items, list) else (),
            deks=int(str(deks.get("count", 0))),
            oldest_dek_at=_text(deks.get("oldest_created_at")),
            worn_deks=int(str(deks.get("worn", 0))),
            erasures=erasures if isinstance(erasures, dict) else None,
        )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))
