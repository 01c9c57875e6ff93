"""Who may see the pictures of an order, and at which stage: the policies first, then the tenant's handover table, as for values
of the order. In the table `masked` is that there are pictures, and `full` the pictures themselves; `building` there is not.

Couriers and customers see by the service that acts for them, merchants by their own credential. Staff and services are judged by
the policies alone.
"""

from typing import NamedTuple

from audit.entry import Behalf, Reason
from vault import policy
from vault.access import Acting
from vault.handover.gate import Tables
from vault.handover.order import Parties, parties
from vault.handover.stage import RUNNING
from vault.handover.table import COURIER, MERCHANT
from vault.judged_kind import FILE
from vault.means import Means
from vault.order_call import OrderCall
from vault.policy import View
from vault.protection import store as protection_store
from vault.protection.freeze import Frozen
from vault.subject import SubjectRow, SubjectState
from vault.usable import PURPOSE


class Seen(NamedTuple):
    """Why a call sees nothing, None where it may; and whom it acts for, as the log has it."""

    refusal: Reason | None
    behalf: Behalf | None = None


class PictureSight:
    """Judges calls in their own transactions, by what is true there."""

    def __init__(self, means: Means, tables: Tables) -> None:
        self._means = means
        self._tables = tables

    def of(self, run: OrderCall, view: View) -> Seen:
        """Whether the caller may see the order's pictures in a view at the time of the call."""
        acting = run.caller.acting
        if acting is None and run.caller.role != MERCHANT:
            return Seen(self._ruling(run, view, None))
        found = parties(run.tx, run.tenant, run.order)
        if acting is None:
            return Seen(self._at_stage(run, view, MERCHANT, found))
        row = self._means.subjects.find(run.tx, run.keys, run.tenant, acting.subject)
        ref = None if row is None else self._means.subjects.opened(run.keys, run.tenant, row, run.at).ref
        behalf = Behalf(acting.role, ref)
        refusal = self._foreign(run, acting, row, found)
        if refusal is not None:
            helped = any(self._ruling(run, view, stage.value) is None for stage in RUNNING)
            return Seen(refusal if helped else Reason.POLICY, behalf)
        return Seen(self._at_stage(run, view, acting.role, found), behalf)

    def _foreign(self, run: OrderCall, acting: Acting, row: SubjectRow | None, found: Parties | None) -> Reason | None:
        """Why somebody who is acted for has nothing to do with the order."""
        courier = acting.role == COURIER
        party = None if found is None else found.courier if courier else found.customer
        if row is None or party != row.number:
            return Reason.NOT_ASSIGNED if courier else Reason.NOT_PARTY
        frozen = courier and run.tx.one(
            protection_store.IN_FORCE, tenant=run.tenant, kind=Frozen.COURIER.value, target=row.number
        )
        return Reason.FROZEN if frozen or row.state != SubjectState.ACTIVE else None

    def _at_stage(self, run: OrderCall, view: View, role: str, found: Parties | None) -> Reason | None:
        if found is None:
            return self._ruling(run, view, None) or Reason.STAGE
        refusal = self._ruling(run, view, found.stage.value)
        if refusal is not None:
            return refusal
        table = self._tables.present(run.tx, run.tenant)
        shown = table.shows(found.stage.value, found.since, role, FILE.name, view, run.at)
        return None if shown else Reason.STAGE

    def _ruling(self, run: OrderCall, view: View, stage: str | None) -> Reason | None:
        return self._means.access.ruling(
            run.caller, policy.Action.DETOKENIZE, FILE, purpose=PURPOSE, ref=run.ref, view=view, stage=stage
        )
