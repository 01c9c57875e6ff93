"""One call about an order, on its way: its transaction and keys, and what the log says of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit.entry import Action, Behalf, Outcome, Reason
from database.transaction import Transaction
from vault.access import Caller
from vault.grouping import Grouping
from vault.handover.stage import ref_of
from vault.keyring import TenantKeys
from vault.means import Means
from vault.subject import OpenSubject


@dataclass(frozen=True, slots=True, repr=False)
class OrderCall:
    """A call. `at` is its time in milliseconds since the epoch, `behalf` whom it acts for; purpose, kind and view stand in the
    log where they are told."""

    means: Means
    tx: Transaction
    keys: TenantKeys
    caller: Caller
    order: str
    at: int
    action: Action
    purpose: str | None = None
    kind: str | None = None
    view: str | None = None
    behalf: Behalf | None = None

    @property
    def tenant(self) -> int:
        """Whose call it is."""
        return self.caller.tenant

    @property
    def ref(self) -> str:
        """The order's reference."""
        return ref_of(self.order)

    def done(self, people: Sequence[OpenSubject], rows: Sequence[int] = ()) -> None:
        """Log that it was done, and to whom; `rows` go with the people."""
        grouping = Grouping()
        subjects, numbers, refs = grouping.column(Outcome.DONE, purpose=self.purpose, kind=self.kind, view=self.view)
        subjects.extend(person.ref for person in people)
        numbers.extend(rows)
        refs.extend([self.ref] * len(people))
        self._append(grouping)

    def refused(self, reason: Reason) -> Reason:
        """Log that it was refused."""
        grouping = Grouping()
        grouping.add(Outcome.DENIED, reason, purpose=self.purpose, kind=self.kind, view=self.view)
        self._append(grouping)
        return reason

    def _append(self, grouping: Grouping) -> None:
        groups = grouping.groups(self.keys, self.tenant)
        self.means.append(self.tx, self.caller, self.action, self.at, groups, self.behalf)
