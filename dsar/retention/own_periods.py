"""Until when what is kept of a person stays, by the policy in force: one answer for each use, with the words of its rule, for the
person to read. Reading it is no entry in the log, and puts no policy on record."""

from collections.abc import Sequence
from dataclasses import dataclass

from database.transaction import Transaction
from dsar.retention.due import Clock, Fate, KeptUse, kept_until
from dsar.retention.judging import Judging
from dsar.retention.policies import PolicyBook
from dsar.retention.rule import Policy, Rule

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class OwnPeriod:
    """How long a use lasts: its rule, None where no policy says; until when, in milliseconds since the epoch, None where what it
    counts from has not come; and how it stands."""

    fate: Fate
    rule: Rule | None
    until: int | None


class OwnPeriods:
    """Judges uses by the policy in force."""

    def __init__(self, book: PolicyBook, judging: Judging) -> None:
        self._book = book
        self._judging = judging
        self._clock: Clock | None = None
        self._latest: dict[int, Policy] = {}
        """What was in force when a tenant was last asked about: uses are judged by it while it is asked whether it still is."""

    def of(self, tx: Transaction, tenant: int, uses: Sequence[KeptUse], at: int) -> list[OwnPeriod]:
        """The period of each use, in order."""
        expected, edition = self._latest.get(tenant), self._book.in_force_soon(tx, tenant)
        judged = None if expected is None else self._judged(tx, tenant, expected, uses, at)
        policy = self._latest[tenant] = edition().policy
        if judged is None or policy is not expected:
            judged = self._judged(tx, tenant, policy, uses, at)
        return judged

    def _judged(
        self, tx: Transaction, tenant: int, policy: Policy, uses: Sequence[KeptUse], at: int
    ) -> list[OwnPeriod]:
        verdicts = self._judging.verdicts(tx, tenant, self._at(policy, at - at % MINUTE_MS), uses)
        return [OwnPeriod(one.fate, one.rule, kept_until(one, policy.zone)) for one in verdicts]

    def _at(self, policy: Policy, at: int) -> Clock:
        """The policy at a moment, which takes as long to work out as all the rest: kept for everybody who asks in the same
        minute."""
        clock = self._clock
        if clock is None or clock.policy is not policy or clock.now != at:
            clock = self._clock = Clock(policy, at)
        return clock
