"""The verdict, as lines for people and as JSON for programs."""

import json
from dataclasses import dataclass, field
from enum import IntEnum

from moat_verifier.errors import CannotCheckError, TamperedError, VerificationError


class Verdict(IntEnum):
    """The exit status."""

    VERIFIED = 0
    TAMPERED = 1
    CANNOT_CHECK = 2


@dataclass(slots=True)
class Report:
    """What was checked and found. `facts` and `notes` grow while the check goes on, so that they say how far it came."""

    facts: dict[str, object] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    verdict: Verdict = Verdict.VERIFIED
    why: str = "every check holds"
    where: str | None = None
    index: int | None = None

    def end(self, error: VerificationError) -> None:
        """Take note of what ended the check."""
        match error:
            case TamperedError():
                self.verdict, self.where, self.index, self.why = Verdict.TAMPERED, error.where, error.index, error.why
            case CannotCheckError():
                self.verdict, self.why = Verdict.CANNOT_CHECK, str(error)

    def as_json(self) -> str:
        """One JSON object."""
        first = {"where": self.where, "index": self.index, "why": self.why}
        return json.dumps(
            {
                "verdict": self.verdict.name.lower(),
                "exit": int(self.verdict),
                **self.facts,
                "first_divergence": first if self.verdict is Verdict.TAMPERED else None,
                "reason": self.why,
                "notes": self.notes,
            },
            ensure_ascii=False,
            indent=2,
        )

    def as_text(self) -> str:
        """Lines for people; the last one is the verdict."""
        lines = [f"{name.replace('_', ' ')}: {_shown(value)}" for name, value in self.facts.items()]
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join([*lines, self._last_line()])

    def _last_line(self) -> str:
        match self.verdict:
            case Verdict.VERIFIED:
                completeness = self.facts.get("completeness")
                return "VERIFIED" if completeness is None else f"VERIFIED, {completeness}"
            case Verdict.TAMPERED:
                at = "" if self.index is None else f" at index {self.index}"
                return f"TAMPERED{at}: {self.where}: {self.why}"
            case _:
                return f"CANNOT CHECK: {self.why}"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)
