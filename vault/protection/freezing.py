"""Freezing a person's data, a courier or a credential by one call, and lifting it by somebody else.

A freeze is a row, and every use reads it in its own transaction: from the commit on nothing frozen is used, in whatever process.
Of a person's data the state stands in the person's own row, which every use of the data reads with it; a credential's stands in
the credential's row as well, which each call looks up before anything else. Freezing what is frozen changes nothing, so that a
call can be repeated.
"""

from typing import NamedTuple

from audit.entry import Action, Group, Outcome, Reason, SubjectRef
from database.transaction import Transaction
from vault import policy
from vault import store as vault_store
from vault.access import Caller
from vault.errors import DeniedError, NotFoundError, SubjectErasedError
from vault.fingerprint import subject_fingerprint
from vault.keyring import TenantKeys
from vault.means import Means
from vault.people import opened_by_number
from vault.ports import Credentials, OrderLine, OrderRelay
from vault.protection import store
from vault.protection.errors import FreezeNotFoundError, SamePersonError
from vault.protection.freeze import Freeze, FreezeReason, Frozen, freeze_of
from vault.subject import SubjectRow, SubjectState

BY_ITSELF = 0
"""Who froze where the service did it by itself."""


class Asked(NamedTuple):
    """What is to be frozen: a person by the platform's id, or a credential by its number."""

    kind: Frozen
    subject: str | None
    credential: int | None
    reason: FreezeReason


class Shown(NamedTuple):
    """A freeze with the platform's id of the person; None of a credential, and of whoever was erased."""

    freeze: Freeze
    subject: str | None


class Freezing:
    """The use cases behind `/v1/freezes`."""

    def __init__(self, means: Means, credentials: Credentials, relay: OrderRelay) -> None:
        self._means = means
        self._credentials = credentials
        self._relay = relay

    def freeze(self, caller: Caller, asked: Asked) -> Shown:
        """Freeze at once. A courier's running orders lose their relay numbers with it.

        Raises:
            DeniedError: the role may not.
            NotFoundError: there is no such person or credential.
            SubjectErasedError: the person is being erased.
        """
        self._require(caller, policy.Action.FREEZE, Action.FREEZE)
        at = self._means.at()

        def attempt(line: OrderLine) -> Shown | Reason:
            def work(tx: Transaction, keys: TenantKeys) -> Shown | Reason:
                target = self._target(tx, keys, caller.tenant, asked, at)
                ref = None if isinstance(target, Reason) else target[1]
                if isinstance(target, Reason):
                    self._note(tx, caller, Action.FREEZE, Group(Outcome.FAILED, target), at)
                    return target
                freeze = self._frozen(tx, caller, asked, target[0], at)
                if asked.kind is Frozen.COURIER:
                    self._hang_up(tx, caller.tenant, target[0], line, at)
                group = Group(Outcome.DONE, subjects=(ref,) if ref else (), rows=(freeze.id,))
                self._note(tx, caller, Action.FREEZE, group, at)
                return Shown(freeze, asked.subject)

            return self._means.write(caller.tenant, work)

        answer = self._relay.using(caller.tenant, caller.actor, caller.request, attempt)
        if answer is Reason.ERASED:
            raise SubjectErasedError
        if isinstance(answer, Reason):
            raise NotFoundError
        return answer

    def lift(self, caller: Caller, number: int) -> Shown:
        """Lift a freeze. What is being destroyed stays closed. A courier's running orders have relay numbers again, as far as
        there are any.

        Raises:
            DeniedError: the role may not.
            FreezeNotFoundError: no such freeze is in force.
            SamePersonError: the caller froze it.
        """
        self._require(caller, policy.Action.UNFREEZE, Action.UNFREEZE)
        at = self._means.at()

        def attempt(line: OrderLine) -> Shown | Reason:
            return self._means.write(caller.tenant, lambda tx, keys: self._lifted(tx, keys, caller, number, line, at))

        answer = self._relay.using(caller.tenant, caller.actor, caller.request, attempt)
        if answer is Reason.SAME_PERSON:
            raise SamePersonError
        if isinstance(answer, Reason):
            raise FreezeNotFoundError
        return answer

    def page(self, caller: Caller, *, after: int, limit: int) -> list[Shown]:
        """The freezes in force, in the order in which they began.

        Raises:
            DeniedError: the role may not ask.
        """
        self._require(caller, policy.Action.FREEZE, Action.FREEZE_READ)
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> list[Shown]:
            rows = tx.all(store.FREEZES, tenant=caller.tenant, after=after, limit=limit)
            named = [self._named(tx, keys, caller.tenant, freeze_of(row), at) for row in rows]
            self._note(tx, caller, Action.FREEZE_READ, Group(Outcome.DONE, count=len(named)), at)
            return [shown for shown, _ in named]

        return self._means.write(caller.tenant, work)

    def _lifted(
        self, tx: Transaction, keys: TenantKeys, caller: Caller, number: int, line: OrderLine, at: int
    ) -> Shown | Reason:
        row = tx.one(store.FREEZE_TO_LIFT, tenant=caller.tenant, id=number)
        freeze = None if row is None else freeze_of(row)
        if freeze is None or freeze.lifted_at is not None:
            self._note(tx, caller, Action.UNFREEZE, Group(Outcome.FAILED, Reason.NOT_FOUND), at)
            return Reason.NOT_FOUND
        if freeze.frozen_by == caller.credential:
            self._note(tx, caller, Action.UNFREEZE, Group(Outcome.DENIED, Reason.SAME_PERSON, rows=(number,)), at)
            return Reason.SAME_PERSON
        self._thaw(tx, caller.tenant, freeze)
        tx.run(store.LIFT, tenant=caller.tenant, id=number, by=caller.credential, at=at)
        if freeze.kind is Frozen.COURIER:
            self._rejoin(tx, keys, caller.tenant, freeze.target, line, at)
        shown, ref = self._named(tx, keys, caller.tenant, freeze, at)
        group = Group(Outcome.DONE, subjects=(ref,) if ref else (), rows=(number,))
        self._note(tx, caller, Action.UNFREEZE, group, at)
        return shown._replace(freeze=freeze._replace(lifted_by=caller.credential, lifted_at=at))

    def _target(
        self, tx: Transaction, keys: TenantKeys, tenant: int, asked: Asked, at: int
    ) -> tuple[int, SubjectRef | None] | Reason:
        """What is frozen, its row held against whoever uses it now; or why it cannot be."""
        if asked.kind is Frozen.CREDENTIAL:
            number = asked.credential or 0
            return (number, None) if self._credentials.freeze(tx, tenant, number, at) else Reason.NOT_FOUND
        name = asked.subject or ""
        fingerprint = subject_fingerprint(keys.subject_index, tenant=tenant, subject=name)
        held = tx.one(vault_store.SUBJECT_TO_CHANGE, tenant=tenant, fingerprint=fingerprint)
        row = self._means.subjects.find(tx, keys, tenant, name) if held else None
        if row is None:
            return Reason.NOT_FOUND
        if tx.one(vault_store.SHREDDING, tenant=tenant, subject=row.number):
            return Reason.ERASED
        if asked.kind is Frozen.SUBJECT:
            frozen = SubjectState.FROZEN.value
            tx.run(vault_store.SET_SUBJECT_STATE, tenant=tenant, subject=row.number, state=frozen)
        return row.number, self._means.subjects.opened(keys, tenant, row, at).ref

    def _frozen(self, tx: Transaction, caller: Caller, asked: Asked, target: int, at: int) -> Freeze:
        return put_freeze(tx, caller.tenant, asked.kind, target, reason=asked.reason, by=caller.credential, at=at)

    def _hang_up(self, tx: Transaction, tenant: int, courier: int, line: OrderLine, at: int) -> None:
        for (ref,) in tx.all(vault_store.RUNNING_ORDERS_OF, tenant=tenant, courier=courier):
            line.close(tx, order=ref.partition(":")[2], at=at)

    def _rejoin(self, tx: Transaction, keys: TenantKeys, tenant: int, courier: int, line: OrderLine, at: int) -> None:
        """Courier and customer of each running order reach each other again, unless the data of one of them may not be used."""
        orders = tx.all(store.ORDERS_TO_REJOIN, tenant=tenant, courier=courier)
        asked = [(number,) for number in sorted({courier, *(customer for _, customer in orders)})] if orders else []
        rows = [SubjectRow(*row) for row in tx.all(vault_store.SUBJECTS_BY_NUMBER, rows=asked, tenant=tenant)]
        active = [row.number for row in rows if row.state == SubjectState.ACTIVE]
        people = opened_by_number(tx, self._means, keys, tenant, active, at)
        for ref, customer in orders:
            if courier in people and customer in people:
                names = {"courier": people[courier].platform_id, "customer": people[customer].platform_id}
                line.open(tx, order=ref.partition(":")[2], at=at, **names)

    def _thaw(self, tx: Transaction, tenant: int, freeze: Freeze) -> None:
        if freeze.kind is Frozen.CREDENTIAL:
            self._credentials.thaw(tx, tenant, freeze.target)
        elif freeze.kind is Frozen.SUBJECT and not tx.one(vault_store.SHREDDING, tenant=tenant, subject=freeze.target):
            active = SubjectState.ACTIVE.value
            tx.run(vault_store.SET_SUBJECT_STATE, tenant=tenant, subject=freeze.target, state=active)

    def _named(
        self, tx: Transaction, keys: TenantKeys, tenant: int, freeze: Freeze, at: int
    ) -> tuple[Shown, SubjectRef | None]:
        if freeze.kind is Frozen.CREDENTIAL:
            return Shown(freeze, None), None
        opened = opened_by_number(tx, self._means, keys, tenant, [freeze.target], at).get(freeze.target)
        return (Shown(freeze, None), None) if opened is None else (Shown(freeze, opened.platform_id), opened.ref)

    def _require(self, caller: Caller, asked: policy.Action, action: Action) -> None:
        if self._means.access.may_administer(caller, asked):
            return
        at = self._means.at()
        refused = Group(Outcome.DENIED, Reason.POLICY)
        self._means.write(caller.tenant, lambda tx, _: self._note(tx, caller, action, refused, at))
        raise DeniedError(Reason.POLICY)

    def _note(self, tx: Transaction, caller: Caller, action: Action, group: Group, at: int) -> None:
        self._means.append(tx, caller, action, at, [group])


def put_freeze(
    tx: Transaction, tenant: int, kind: Frozen, target: int, *, reason: FreezeReason, by: int, at: int
) -> Freeze:
    """The freeze in force of a target, made where there was none."""
    row = tx.one(store.IN_FORCE, tenant=tenant, kind=kind.value, target=target)
    if row is not None:
        return freeze_of(row)
    number = tx.reserve("access_freeze", 1)[0]
    tx.insert(store.INSERT_FREEZES, [(number, tenant, kind.value, target, reason.value, by, at)])
    return Freeze(number, kind, target, reason, by, at, None, None)
