"""A plan of an erasure: what would be destroyed and what would stay, without a word of what it says.

Frozen and hashed, so that who approves and who carries out speak of the same:

    "moat-erasure-plan-v1" 0x00 | canonical JSON (`dsar.erasure.canonical`) of
        {"laws", "lines": [{"category", "count", "holder", "kept": null or {"by", "reason", "until"}, "purpose", "ref", "since"}],
         "made", "request", "right"}

SHA-256 of that is the plan's digest. A ref stands as the pseudonym that the log has for it; times are milliseconds since the
epoch.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from dsar.erasure.canonical import canonical
from dsar.erasure.judgement import Judged, Kept
from dsar.right import Right

LABEL = b"moat-erasure-plan-v1\x00"
OTHER = "other"
"""Stands for a name that a system beside this one made up: it might say anything."""

_CODE = re.compile(r"[a-z][a-z0-9_.-]{0,47}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """So many values of a category that a holder has for a purpose and a ref, and what keeps them; None where they go."""

    holder: str
    category: str
    purpose: str
    ref: str
    count: int
    since: int
    kept: Kept | None

    @classmethod
    def of(cls, judged: Judged, refs: Mapping[str, str]) -> "Line":
        """What is said of something that is held; `refs` are pseudonyms of refs."""
        holding, kept = judged.holding, judged.kept
        return cls(
            holder=holding.holder,
            category=_code(holding.category),
            purpose=_code(holding.purpose) if holding.purpose else "",
            ref=refs[holding.ref] if holding.ref else "",
            count=holding.count,
            since=holding.since,
            kept=None if kept is None else Kept(kept.reason, _code(kept.by), kept.until),
        )

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What names it among the lines of a round."""
        return self.holder, self.category, self.purpose, self.ref

    def fields(self) -> dict[str, Any]:
        """The line as the plan's digest and an answer have it."""
        kept = self.kept and {"reason": self.kept.reason.value, "by": self.kept.by, "until": self.kept.until}
        return {
            "holder": self.holder,
            "category": self.category,
            "purpose": self.purpose,
            "ref": self.ref,
            "count": self.count,
            "since": self.since,
            "kept": kept,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an erasure comes to, as far as it was known at `made_at`."""

    request: uuid.UUID
    right: Right
    made_at: int
    laws: str
    lines: Sequence[Line]

    @property
    def goes(self) -> int:
        """How many values are to be destroyed."""
        return sum(line.count for line in self.lines if line.kept is None)

    @property
    def stays(self) -> int:
        """How many values are to stay."""
        return sum(line.count for line in self.lines if line.kept is not None)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the plan, drawn above."""
        told = {
            "request": str(self.request),
            "right": self.right.value,
            "made": self.made_at,
            "laws": self.laws,
            "lines": [line.fields() for line in self.lines],
        }
        return sha256(LABEL + canonical(told)).digest()


def added(lines: Sequence[Line]) -> list[Line]:
    """The lines in their order, those of one holder, category, purpose and ref as one."""
    sums: dict[tuple[str, str, str, str], Line] = {}
    for line in lines:
        before = sums.get(line.key)
        if before is None:
            sums[line.key] = line
        else:
            count, since = before.count + line.count, min(before.since, line.since)
            sums[line.key] = replace(before, count=count, since=since, kept=before.kept or line.kept)
    return [sums[key] for key in sorted(sums)]


def _code(name: str) -> str:
    return name if _CODE.fullmatch(name) else OTHER
