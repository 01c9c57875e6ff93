"""Who asks something of the log."""

from dataclasses import dataclass

from audit.entry import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, in which request and when (milliseconds since the epoch)."""

    tenant: int
    actor: Actor
    request: str
    at: int

    @property
    def requester(self) -> str:
        """As a manifest names who asked."""
        return f"{self.actor.kind}:{self.actor.id}"
