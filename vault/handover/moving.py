"""How an order's assignment moves from one statement of the platform to the next. Pure."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from vault.handover.stage import Stage


@dataclass(frozen=True, slots=True, repr=False)
class Order:
    """An assignment as it stands. People are the vault's numbers; times are milliseconds since the epoch.

    `alias` is empty and `nonce` None where the order is not anonymous.
    """

    courier: int | None
    stage: Stage
    version: int
    stage_at: int
    customer: int | None = None
    merchant: int | None = None
    alias: str = ""
    nonce: bytes | None = None
    tries: int = 0


class Said(NamedTuple):
    """What the platform says of an order. Without a version it is newer than all before; people left out stay who they were. A
    courier who was erased is None."""

    courier: int | None
    stage: Stage
    version: int | None = None
    customer: int | None = None
    merchant: int | None = None


class Move(NamedTuple):
    """What stands after a statement, and whether the statement holds; one that is older than what stands does not."""

    order: Order
    holds: bool

    def changes(self, before: Order | None) -> bool:
        """Whether anything is different from before."""
        return self.order != before


def moved(current: Order | None, said: Said, at: int) -> Move:
    """Take a statement made at `at`.

    Versions order statements: an older one changes nothing. One of the same version as what stands is a repetition, and holds if
    it says the same. A stage's time begins with the statement that first says it of this courier; a repetition does not begin it
    anew.
    """
    if current is None:
        version = 1 if said.version is None else said.version
        return Move(Order(said.courier, said.stage, version, at, said.customer, said.merchant), holds=True)
    same = (said.courier, said.stage) == (current.courier, current.stage)
    if said.version is not None and said.version <= current.version:
        return Move(current, holds=same and said.version == current.version)
    another = said.courier != current.courier
    order = replace(
        current,
        courier=said.courier,
        stage=said.stage,
        version=current.version if said.version is None and same else said.version or current.version + 1,
        stage_at=current.stage_at if same else at,
        customer=current.customer if said.customer is None else said.customer,
        merchant=current.merchant if said.merchant is None else said.merchant,
        nonce=None if another else current.nonce,
        tries=0 if another else current.tries,
    )
    return Move(order, holds=True)


def picked_up(order: Order, at: int) -> Order:
    """The order after its pick-up code was told rightly. The version stays: what the platform says next is newer all the same."""
    return replace(order, stage=Stage.PICKED_UP, stage_at=at, tries=0)
