"""Who does something to a catalogue, and when."""

from dataclasses import dataclass

from audit.entry import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Who acts for which tenant, in which request and when (milliseconds since the epoch)."""

    tenant: int
    actor: Actor
    request: str
    at: int
