"""When keys are due to be rotated: by their age, and by how much they have sealed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from vault.seal_count import SEALS_DUE

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Ages:
    """How many days a version of each usage is kept in use: `root`, `kek`, `dek`, `search`, `token`. None or 0 is for ever."""

    days: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({"root": 30, "kek": 30}))

    def due_at(self, usage: str, created_at: int) -> int | None:
        """When a version made at `created_at` is due (milliseconds since the epoch), if ever."""
        days = self.days.get(usage, 0)
        return created_at + days * DAY_MS if days else None

    def why(self, usage: str, created_at: int, seals: int, at: int) -> str | None:
        """Why an active version is due at `at`: `seals` before `age`; None where it is not."""
        if seals >= SEALS_DUE:
            return "seals"
        due_at = self.due_at(usage, created_at)
        return "age" if due_at is not None and due_at <= at else None
