"""Where workers die: every step of every workflow of people's requests and of the retention purge, before and after it.

`Database.write` is in it, too: at its n-th call a worker dies before or after a commit that may be anybody's.
"""

from collections import Counter
from random import Random
from typing import NamedTuple

STEPS = (
    "dsar.desk.jobs:MessageTask.step",
    "dsar.desk.requests:RequestDesk.prepared",
    "dsar.desk.requests:RequestDesk.completed",
    "dsar.desk.requests:RequestDesk.held",
    "dsar.desk.requests:RequestDesk.resume",
    "dsar.erasure.planning:Planning._begin",
    "dsar.erasure.planning:Planning._found",
    "dsar.erasure.planning:Planning._freeze",
    "dsar.erasure.execution:Execution._begin",
    "dsar.erasure.execution:Execution._dispose",
    "dsar.erasure.execution:Execution._verify",
    "dsar.erasure.execution:Execution._destroy",
    "dsar.erasure.execution:Execution._confirm",
    "dsar.erasure.execution:Execution._moved",
    "dsar.erasure.disposal:Disposing.dispose",
    "dsar.erasure.ending:Ending.end",
    "dsar.erasure.ending:Ending._end",
    "consent.records.disposing:ConsentDisposal.dispose",
    "vault.rights.disposal:Disposing._begin",
    "vault.rights.disposal:Disposing.dispose",
    "vault.destruction:Destruction.run",
    "vault.destruction:Destruction._finish",
    "vault.shred_ledger:ShredLedger.append",
    "dsar.disclosure.jobs:PrepareTask.step",
    "dsar.disclosure.jobs:ExecuteTask.step",
    "dsar.disclosure.making:Maker._begin",
    "dsar.disclosure.making:Maker._build",
    "dsar.disclosure.making:Maker._write",
    "dsar.disclosure.making:Maker._end",
    "dsar.disclosure.shelf:Shelf.written",
    "dsar.disclosure.telling:Telling.tell",
    "vault.rights.disclosing:Disclosing._begin",
    "dsar.fulfilment.asking:Round.ask",
    "dsar.fulfilment.task:RightTask._end",
    "dsar.fulfilment.lifting:LiftTask.step",
    "vault.rights.rectifying:Rectifying._work",
    "consent.records.recording:Recording._record",
    "dsar.holds.restriction:Restrictions.set",
    "dsar.holds.restriction:Restrictions.lift",
    "dsar.holds.releasing:HoldRelease.step",
    "dsar.retention.planning:Planning._look",
    "dsar.retention.planning:Planning._seal_on",
    "dsar.retention.planning:Planning._conclude",
    "dsar.retention.running:Running._dispose",
    "dsar.retention.running:Running._verify",
    "dsar.retention.running:Running._residue",
    "dsar.retention.running:Running._conclude",
    "dsar.retention.disposal:Disposal.carry_out",
    "dsar.retention.disposal:Disposal._leave",
    "vault.uses.uses:RecordUses.end",
    "vault.leaving:Leaving.intend",
    "vault.leaving:Leaving.finish",
)
ANY_COMMIT = "database.engine:Database.write"
ANY_COMMIT_SHARE = 0.25
COMMITS_AT_MOST = 60
CALLS_AT_MOST = 3
AT_ONCE = 6
"""Deaths that a worker is born to. The one that it comes to first is its own."""


class Death(NamedTuple):
    """A worker dies at the `number`-th call of `target`, before or after it."""

    target: str
    number: int
    after: bool


class Deaths:
    """Deals out deaths: the steps at which the fewest have died come first, so that every step has its dead."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.died: Counter[str] = Counter()

    def next(self) -> list[Death]:
        """Those of one worker."""
        rarest = sorted(STEPS, key=lambda step: (self.died[step], self._random.random()))[:AT_ONCE]
        deaths = [Death(step, self._random.randint(1, CALLS_AT_MOST), self._random.random() < 0.5) for step in rarest]
        if self._random.random() < ANY_COMMIT_SHARE:
            deaths.append(Death(ANY_COMMIT, self._random.randint(2, COMMITS_AT_MOST), self._random.random() < 0.5))
        return deaths
