"""Which entries of a range are rows of an export: clients/verifier/EXPORT-FORMAT.md, section 10.

A filter is an object of criteria, all of which an entry must meet. Its values are codes, numbers, pseudonyms and times only, so
that a job and a manifest can hold it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Fields = Mapping[str, Any]
Criterion = Callable[[Fields], bool]

CODES = ("act", "action", "kind", "outcome", "policy", "purpose", "reason", "request", "view")
CODE_PATHS = ("actor.kind", "actor.role", "behalf.role")
NUMBERS = ("tenant", "actor.id")
PSEUDONYMS: Mapping[str, tuple[str, ...]] = {"subject": ("subjects", "behalf.subject"), "ref": ("ref", "refs")}
TIMES = ("from", "to")

VALUES_AT_MOST = 1_000

_CODE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_PSEUDONYM = re.compile(r"[A-Za-z0-9_-]{22}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")


@dataclass(frozen=True, slots=True)
class Filter:
    """Criteria as a manifest writes them.

    Raises:
        ValueError: a criterion that is not known, has no value, more than 1,000, or one of another form.
    """

    criteria: Mapping[str, Any]

    def __post_init__(self) -> None:
        for name, wanted in self.criteria.items():
            if name in TIMES:
                _require(isinstance(wanted, str) and _TIME.fullmatch(wanted) is not None)
            else:
                _require(isinstance(wanted, list) and 0 < len(wanted) <= VALUES_AT_MOST)
                _require(all(_fits(name, value) for value in wanted))

    def predicate(self) -> Criterion:
        """Tells of an entry's fields whether it is a row."""
        tests = [_test(name, wanted) for name, wanted in self.criteria.items()]
        return lambda fields: all(test(fields) for test in tests)


def along(fields: Fields, path: str) -> Any:
    """The value at the end of a path of names with dots, or None."""
    value: Any = fields
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _require(held: bool) -> None:
    if not held:
        raise ValueError("not a filter")


def _fits(name: str, value: object) -> bool:
    if name in NUMBERS:
        return type(value) is int and 0 <= value < 1 << 63
    form = _PSEUDONYM if name in PSEUDONYMS else _CODE if name in CODES or name in CODE_PATHS else None
    return form is not None and isinstance(value, str) and form.fullmatch(value) is not None


def _test(name: str, wanted: Any) -> Criterion:
    if name == "from":
        return lambda fields: fields["at"] >= wanted
    if name == "to":
        return lambda fields: fields["at"] < wanted
    values = frozenset(wanted)
    if name in PSEUDONYMS:
        paths = PSEUDONYMS[name]
        return lambda fields: any(not values.isdisjoint(_listed(along(fields, path))) for path in paths)
    return lambda fields: along(fields, name) in values


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else (value,)
