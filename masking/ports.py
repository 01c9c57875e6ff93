"""What masking needs of others, as it needs it. The composition root wires them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class Asker:
    """On whose behalf tokens are asked for; `request` is the id that the answer will carry."""

    tenant: int
    credential: int
    role: str
    request: str
    purpose: str
    ref: str


class Found(NamedTuple):
    """A value that was found in a text about somebody."""

    subject: str
    kind: str
    value: str


class TokenDesk(Protocol):
    """Exchanges values for tokens, in a transaction of its own."""

    def tokens(self, asker: Asker, found: Sequence[Found]) -> list[str | None]:
        """A token for each value, in order; None for what the vault does not take: another kind, a value that does not fit it, a
        purpose that does not need it."""
