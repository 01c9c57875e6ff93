"""Who may write to whom: the parties of an order, each by the role they have in it and by nothing else."""

from enum import StrEnum

from vault.handover.order import Parties

HOUR_MS = 3_600_000


class Party(StrEnum):
    """The role of somebody in an order."""

    COURIER = "courier"
    CUSTOMER = "customer"
    MERCHANT = "merchant"


def number_of(parties: Parties | None, party: Party) -> int | None:
    """The vault's number of whoever has the role; None where nobody has."""
    return None if parties is None else getattr(parties, party.value)


def readable(parties: Parties | None, at: int, after_ms: int) -> bool:
    """Whether messages of the order may still be fetched: while it runs, and for so long after its end."""
    return parties is not None and (parties.running or parties.since + after_ms > at)
