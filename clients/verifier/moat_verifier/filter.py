"""Which entries of a range are rows of an export: EXPORT-FORMAT.md, section 10."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moat_verifier.entries import Fields
from moat_verifier.errors import CannotCheckError

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")

_TEXTS = ("act", "action", "kind", "outcome", "policy", "purpose", "reason", "request", "view")
_PATHS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in (*_TEXTS, "tenant")},
    **{name: (name,) for name in ("actor.id", "actor.kind", "actor.role", "behalf.role")},
    "subject": ("subjects", "behalf.subject"),
    "ref": ("ref", "refs"),
}
_INTEGERS = {"tenant", "actor.id"}

Criterion = Callable[[Fields], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """Criteria that an entry must meet, every one of them."""

    criteria: tuple[Criterion, ...]

    @classmethod
    def parse(cls, value: object) -> "Filter":
        """Read a filter.

        Raises:
            CannotCheckError: it has a criterion that is not known.
            ValueError: a criterion is malformed.
        """
        if not isinstance(value, dict):
            raise ValueError("not an object")
        return cls(tuple(_criterion(name, wanted) for name, wanted in value.items()))

    def takes(self, fields: Fields) -> bool:
        """Whether the entry with these fields is a row."""
        return all(criterion(fields) for criterion in self.criteria)


def along(fields: Fields, path: str) -> Any:
    """The value at the end of a path of names with dots, or None where there is nothing."""
    value: Any = fields
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _criterion(name: str, wanted: object) -> Criterion:
    if name in {"from", "to"}:
        if not isinstance(wanted, str) or not _TIME.fullmatch(wanted):
            raise ValueError("not a time")
        return _not_before(wanted) if name == "from" else _before(wanted)
    if name not in _PATHS:
        raise CannotCheckError("the export is filtered by a criterion that is not known")
    kind = int if name in _INTEGERS else str
    if not isinstance(wanted, list) or not wanted or any(type(value) is not kind for value in wanted):
        raise ValueError("not a list of values")
    return _any_of(_PATHS[name], frozenset(wanted), kind)


def _not_before(time: str) -> Criterion:
    return lambda fields: isinstance(fields.get("at"), str) and fields["at"] >= time


def _before(time: str) -> Criterion:
    return lambda fields: isinstance(fields.get("at"), str) and fields["at"] < time


def _any_of(paths: tuple[str, ...], wanted: frozenset[Any], kind: type) -> Criterion:
    def met(fields: Fields) -> bool:
        for path in paths:
            found = along(fields, path)
            values = found if isinstance(found, list) else [found]
            if any(type(value) is kind and value in wanted for value in values):
                return True
        return False

    return met
