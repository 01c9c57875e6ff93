"""The pick-up code of an anonymous order: who says it rightly has the order, and nobody's name is said."""

from typing import NamedTuple

from audit.entry import Action, Outcome, Reason
from database.transaction import Transaction
from vault import policy
from vault.access import Caller
from vault.errors import DeniedError, NotFoundError
from vault.grouping import Grouping
from vault.handover import store
from vault.handover.alias import TRIES_AT_MOST, pickup_code, same_code, spoken
from vault.handover.errors import PickupRefusedError
from vault.handover.moving import Order, picked_up
from vault.handover.order_row import Placed, order_of, put_changed
from vault.handover.stage import Stage, ref_of
from vault.keyring import TenantKeys
from vault.means import Means
from vault.people import opened_by_number

_BY_CODE = frozenset({Stage.ASSIGNED, Stage.PICKED_UP})


class PickedUp(NamedTuple):
    """What whoever hands the order over is told."""

    order: str
    stage: Stage
    alias: str | None


class PickingUp:
    """The use case behind `POST /v1/orders/{order}/pickup`."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def pick_up(self, caller: Caller, order: str, code: str) -> PickedUp:
        """Take the order's code. The right one makes it picked up, and says so again when it is repeated.

        Raises:
            DeniedError: the role may not.
            NotFoundError: there is no such order with a code.
            PickupRefusedError: the code is wrong, or so many were that none is taken any more until another courier comes.
        """
        allowed = self._means.access.may_administer(caller, policy.Action.PICKUP)
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> PickedUp | Reason:
            answer = self._taken(tx, keys, caller, order, code, at) if allowed else Reason.POLICY
            if isinstance(answer, Reason):
                self._log(tx, keys, caller, order, answer, at)
            return answer

        answer = self._means.write(caller.tenant, work)
        if isinstance(answer, PickedUp):
            return answer
        if answer is Reason.NOT_FOUND:
            raise NotFoundError
        if answer in {Reason.INVALID, Reason.LOCKED}:
            raise PickupRefusedError
        raise DeniedError(answer)

    def _taken(
        self, tx: Transaction, keys: TenantKeys, caller: Caller, name: str, code: str, at: int
    ) -> PickedUp | Reason:
        tenant, ref = caller.tenant, ref_of(name)
        order = order_of(tx.one(store.ORDER_TO_CHANGE, tenant=tenant, ref=ref))
        if order is None or order.nonce is None or order.stage not in _BY_CODE:
            return Reason.NOT_FOUND
        if order.tries >= TRIES_AT_MOST:
            return Reason.LOCKED
        if not same_code(pickup_code(keys.refs, tenant=tenant, ref=ref, nonce=order.nonce), code):
            tx.run(store.COUNT_TRY, tenant=tenant, ref=ref)
            return Reason.INVALID
        if order.stage is Stage.ASSIGNED:
            order = picked_up(order, at)
            put_changed(tx, tenant, Placed(ref, order, at))
        self._log(tx, keys, caller, name, order, at)
        return PickedUp(name, order.stage, spoken(order.alias) if order.alias else None)

    def _log(self, tx: Transaction, keys: TenantKeys, caller: Caller, name: str, fate: Order | Reason, at: int) -> None:
        grouping, tenant = Grouping(), caller.tenant
        if isinstance(fate, Reason):
            outcome = Outcome.FAILED if fate is Reason.NOT_FOUND else Outcome.DENIED
            grouping.add(outcome, fate)
        else:
            opened = opened_by_number(tx, self._means, keys, tenant, [fate.courier or 0], at)
            subjects, _, refs = grouping.column(Outcome.DONE)
            for one in opened.values():
                subjects.append(one.ref)
                refs.append(ref_of(name))
        self._means.append(tx, caller, Action.ORDER_PICKUP, at, grouping.groups(keys, tenant))
