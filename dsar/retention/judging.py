"""Judging uses many at a time: what is known of each is fetched by two statements for all of them."""

from collections.abc import Mapping, Sequence

from database.transaction import Transaction
from dsar.holds.asking import Holds
from dsar.holds.hold import Use as HeldUse
from dsar.retention import store
from dsar.retention.due import Begun, Clock, KeptUse, Verdict
from dsar.retention.ports import PlacedUse, Uses
from dsar.retention.rule import Start

_Key = tuple[str, int, str, str]


class Judging:
    """How uses stand, by what the database knows in the caller's transaction."""

    def __init__(self, uses: Uses, holds: Holds) -> None:
        self.uses = uses
        self._holds = holds

    def verdicts(self, tx: Transaction, tenant: int, clock: Clock, uses: Sequence[KeptUse]) -> list[Verdict]:
        """The verdict on each use, in order."""
        keys = {place: key for place, use in enumerate(uses) if (key := _key(clock, use)) is not None}
        active = sorted({use.subject for use in uses if clock.asks_activity(use)})
        told: list[_Key] = [(Start.LAST_ACTIVITY.value, subject, "", "") for subject in active]
        happened = self._happened(tx, tenant, [*keys.values(), *told])
        used = self.uses.last_activity(tx, tenant, active) if active else {}
        verdicts = []
        for place, use in enumerate(uses):
            key = keys.get(place)
            activity = happened.get((Start.LAST_ACTIVITY.value, use.subject, "", ""), 0) if active else 0
            begun = Begun(happened.get(key) if key else None, max(activity, used.get(use.subject, 0)))
            verdicts.append(clock.judge(use, begun))
        return verdicts

    def held(self, tx: Transaction, tenant: int, uses: Sequence[PlacedUse]) -> list[bool]:
        """Whether a hold keeps each use, in order. No hold that is acknowledged from now on comes too late."""
        asked = [HeldUse(use.subject, use.kind, use.purpose, use.ref) for use in uses]
        return [hold is not None for hold in self._holds.which(tx, tenant, asked)]

    def _happened(self, tx: Transaction, tenant: int, keys: Sequence[_Key]) -> Mapping[_Key, int]:
        rows = tx.all(store.EVENTS, rows=sorted(set(keys)), tenant=tenant)
        return {(event, subject, purpose, ref): at for event, subject, purpose, ref, at in rows}


def _key(clock: Clock, use: KeptUse) -> _Key | None:
    """Under what the event of a use is kept; None where it depends on none, or can have none."""
    start = clock.asks_for(use)
    if start is None:
        return None
    if start.of_ref:
        return (start.value, 0, "", use.ref) if use.ref else None
    return start.value, use.subject, use.purpose if start is Start.CONSENT_WITHDRAWN else "", ""
