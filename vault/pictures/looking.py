"""Looking at the pictures of an order, in constant memory: who may is decided first (`vault.pictures.sight`), then the
disclosure is in the log, and only then octets go out."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from audit.entry import Action, Reason
from database.transaction import Transaction
from vault.access import Caller
from vault.handover.table import COURIER
from vault.inner_keys.keeping import open_key
from vault.keyring import TenantKeys
from vault.keys import DataKey
from vault.means import Means
from vault.order_call import OrderCall
from vault.people import opened_by_number
from vault.pictures import store
from vault.pictures.opening import octets_of_picture, stored_picture
from vault.pictures.picture import FILE, Picture
from vault.pictures.sight import PictureSight
from vault.policy import View
from vault.shift_budget import ShiftBudget
from vault.usable import PURPOSE, Use, refuse


class PictureLook:
    """The use cases that read `/v1/orders/{order}/pictures`."""

    def __init__(self, means: Means, sight: PictureSight) -> None:
        self._means = means
        self._sight = sight
        self._shifts = ShiftBudget(means.database)
        self._use = Use(means, kind=FILE, sensitive=False, view=View.PLAIN.value)

    def pictures(self, caller: Caller, order: str, *, after: int, limit: int) -> Sequence[Picture]:
        """The pictures of an order, without their octets.

        Raises:
            DeniedError: the policy does not let the caller see such.
        """
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> list[Picture] | Reason:
            run = OrderCall(
                self._means, tx, keys, caller, order, at, Action.PICTURE_READ, PURPOSE, FILE, View.MASKED.value
            )
            refusal, behalf = self._sight.of(run, View.MASKED)
            run = replace(run, behalf=behalf)
            if refusal is not None:
                return run.refused(refusal)
            rows = tx.all(store.PICTURES_OF_ORDER, tenant=caller.tenant, ref=run.ref, at=at, after=after, limit=limit)
            found = [Picture(*row) for row in rows]
            people = opened_by_number(tx, self._means, keys, caller.tenant, {one.subject for one in found}, at)
            run.done(list(people.values()))
            return found

        found = self._means.write(caller.tenant, work)
        if isinstance(found, Reason):
            refuse(found)
        assert not isinstance(found, Reason)
        return found

    def get(self, caller: Caller, order: str, picture: int) -> tuple[Picture, Iterator[bytes]]:
        """A picture and its octets, a chunk at a time; the disclosure is in the log before any. To a courier it is a plain value
        of their shift.

        Raises:
            NotFoundError: the order has no such picture, or not any more.
            DeniedError: an authority refused.
            SubjectErasedError: the customer was erased.
        """
        at = self._means.at()
        courier = caller.acting is not None and caller.acting.role == COURIER
        acted = self._means.acted(caller) if courier else ""
        affordable = not acted or self._shifts.spend(caller.tenant, acted, 1, at)

        def work(tx: Transaction, keys: TenantKeys) -> tuple[Picture, DataKey] | Reason:
            run = OrderCall(
                self._means, tx, keys, caller, order, at, Action.PICTURE_READ, PURPOSE, FILE, View.PLAIN.value
            )
            refusal, behalf = self._sight.of(run, View.PLAIN)
            run = replace(run, behalf=behalf)
            found = stored_picture(run, picture) if refusal is None else refusal
            if isinstance(found, Reason) or not affordable:
                return run.refused(found if isinstance(found, Reason) else Reason.BUDGET)
            person = self._use.of(tx, keys, caller.tenant, found.subject, at)
            if isinstance(person, Reason):
                return run.refused(person)
            key = open_key(tx, caller.tenant, person, found.key)
            if key is None:
                return run.refused(Reason.NOT_FOUND)
            run.done([person], [found.id])
            return found, key

        answer = self._means.write(caller.tenant, work)
        if isinstance(answer, Reason):
            if acted and affordable:
                self._shifts.give_back(caller.tenant, acted, 1, at)
            refuse(answer)
        assert not isinstance(answer, Reason)
        return answer[0], octets_of_picture(self._means, caller.tenant, *answer)
