"""What of a person's data may be destroyed now, and what keeps the rest: hold > what the holder itself must keep > an order that
still runs > law. A hold that is released, an order that ends and a period that is over let it go."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from dsar.erasure.law import Laws
from dsar.holders.holder import Act, Holding, Use

ACCOUNT: Use = ("account", "", "")
"""The person as such, in the vault. It is kept as long as anybody keeps anything: by it alone the person can be named to other
holders, and with it goes the key."""


UNDER_WAY = "order_under_way"
"""What a holder keeps something by whose order is still under way."""


class KeepReason(StrEnum):
    """Why something is kept. The request is denied in part by these reasons. An order that runs, and what a holder keeps without
    saying until when, is looked at again by itself."""

    LEGAL_HOLD = "legal_hold"
    LEGAL_OBLIGATION = "legal_obligation"
    ORDER_RUNNING = "order_running"
    KEPT_BY_HOLDER = "kept_by_holder"
    NOT_SUPPORTED = "not_supported"


@dataclass(frozen=True, slots=True)
class Kept:
    """Why something is kept: by which hold's reason, which law or which order's running, and until when in milliseconds since the
    epoch; None where nobody knows yet."""

    reason: KeepReason
    by: str
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """Something that is held, and what keeps it; None where it may go."""

    holding: Holding
    kept: Kept | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known beside what is held. `holds` are codes of holds by the place of what they keep, `starts` the events of refs,
    and `running` the refs of orders that still run."""

    laws: Laws
    regime: str
    at: int
    holds: Mapping[int, str] = field(default_factory=dict)
    starts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    running: Collection[str] = ()


def judge(holdings: Sequence[Holding], acts: Collection[Act], known: Circumstances) -> list[Judged]:
    """The fate of each of the things that a holder, which can be asked `acts`, holds."""
    return [Judged(one, _kept(place, one, acts, known)) for place, one in enumerate(holdings)]


def kept_uses(judged: Sequence[Judged]) -> frozenset[Use]:
    """What a disposal must leave."""
    return frozenset(one.holding.use for one in judged if one.kept is not None)


def with_account(judged: Sequence[Judged], kept: Sequence[Kept]) -> list[Judged]:
    """The same with the account kept where `kept` is not empty: for the reason that lasts longest."""
    if not kept:
        return list(judged)
    longest = max(kept, key=lambda one: (one.until is None, one.until or 0))
    return [Judged(one.holding, longest) if one.holding.use == ACCOUNT and one.kept is None else one for one in judged]


def resume_at(kept: Sequence[Kept]) -> int | None:
    """When the first of what is kept may go; None where nobody knows."""
    return min((one.until for one in kept if one.until is not None), default=None)


def _kept(place: int, holding: Holding, acts: Collection[Act], known: Circumstances) -> Kept | None:
    if (hold := known.holds.get(place)) is not None:
        return Kept(KeepReason.LEGAL_HOLD, hold)
    if holding.kept_by is not None and (holding.kept_until is None or holding.kept_until > known.at):
        return Kept(_reason(holding), holding.kept_by, holding.kept_until)
    if holding.ref and holding.ref in known.running:
        return Kept(KeepReason.ORDER_RUNNING, "order_running")
    law = known.laws.keeping(holding, known.regime, known.starts.get(holding.ref, {}), known.at)
    if law is not None:
        return Kept(KeepReason.LEGAL_OBLIGATION, law.law, law.until)
    return None if Act.DISPOSE in acts else Kept(KeepReason.NOT_SUPPORTED, "not_supported")


def _reason(holding: Holding) -> KeepReason:
    """In which of our words a holder keeps something."""
    if holding.kept_until is not None:
        return KeepReason.LEGAL_OBLIGATION
    return KeepReason.ORDER_RUNNING if holding.kept_by == UNDER_WAY else KeepReason.KEPT_BY_HOLDER
