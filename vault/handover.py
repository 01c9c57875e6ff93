"""Which courier has an order, and how far it is. A courier acted for sees an order's data by its stage, and nothing else."""

from collections.abc import Collection
from enum import StrEnum

from audit.entry import Action, Outcome, Reason
from database.transaction import Transaction
from vault import policy, store
from vault.access import Caller
from vault.errors import DeniedError, NotFoundError, SubjectErasedError
from vault.grouping import Grouping
from vault.keyring import TenantKeys
from vault.means import Means


class Stage(StrEnum):
    """Where an order stands between being given to a courier and its end."""

    ASSIGNED = "assigned"
    PICKED_UP = "picked_up"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


REFS_AT_ONCE = 2_000
UNDER_WAY_MS = 7 * 86_400_000
"""An order of which nobody has said anything for so long is not under way any more, whatever was said last."""


def under_way(tx: Transaction, tenant: int, refs: Collection[str], at: int) -> frozenset[str]:
    """Those of the refs that are orders which a courier has at `at`, in milliseconds since the epoch."""
    asked, found = sorted(refs), set[str]()
    for start in range(0, len(asked), REFS_AT_ONCE):
        rows = [(ref,) for ref in asked[start : start + REFS_AT_ONCE]]
        found |= {row[0] for row in tx.all(store.ORDERS_UNDER_WAY, rows=rows, tenant=tenant, since=at - UNDER_WAY_MS)}
    return frozenset(found)


class Handover:
    """The use case behind `PUT /v1/orders/{order}/assignment`."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def assign(self, caller: Caller, order: str, courier: str, stage: Stage) -> None:
        """Record that `courier` has `order` at `stage`; the last call stands.

        Raises:
            DeniedError: the role may not assign, or the courier is frozen.
            SubjectErasedError: the courier was erased.
        """
        at = self._means.at()
        allowed = self._means.access.may_administer(caller, policy.Action.ASSIGN)

        def work(tx: Transaction, keys: TenantKeys) -> Reason | None:
            grouping = Grouping()
            refusal = None if allowed else Reason.POLICY
            if refusal is None:
                people = self._means.subjects.opened_for_writing(tx, keys, caller.tenant, [courier], at)
                person = people[courier]
                if isinstance(person, Reason):
                    refusal = person
                else:
                    number, ref = person.number, f"order:{order}"
                    tx.run(
                        store.PUT_ASSIGNMENT, tenant=caller.tenant, ref=ref, courier=number, stage=stage.value, at=at
                    )
                    subjects, _, refs = grouping.column(Outcome.DONE)
                    subjects.append(person.ref)
                    refs.append(ref)
            if refusal is not None:
                grouping.add(Outcome.DENIED, refusal)
            self._means.append(tx, caller, Action.ASSIGNMENT_WRITE, at, grouping.groups(keys, caller.tenant))
            return refusal

        refusal = self._means.write(caller.tenant, work)
        if refusal is Reason.INTEGRITY:
            self._means.damaged(1)
            raise NotFoundError
        if refusal is Reason.ERASED:
            raise SubjectErasedError
        if refusal is not None:
            raise DeniedError(refusal)
