"""Disposing of what the vault holds of a person: of all of it by destroying the key, or of all but some uses, row by row.

A person of whom something stays keeps the key and the account, which alone make what stays readable. The rest goes in one
transaction with its entry in the log: each use that is not kept, each record that has none left, each label of the profile that
stood for such a use, the orders that a courier had, and what repeated calls would be answered from.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason, SubjectRef
from database.transaction import Transaction
from vault import store as vault_store
from vault.destruction import ERASED, Destruction, begin_destruction
from vault.errors import HeldError
from vault.identifier import KIND_BY_CODE
from vault.keyring import TenantKeys
from vault.means import Means
from vault.people import opened_by_number
from vault.ports import HoldGate
from vault.rights import store
from vault.rights.inventory import ACCOUNT, ASSIGNMENT, held, under_destruction
from vault.rights.ports import Beside, Use, UseHolds
from vault.shredding import ShredReason

CRYPTOGRAPHIC_ERASE = "cryptographic_erase"
DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Disposed:
    """How it was done, of how many values, counted by their uses, and when, in milliseconds since the epoch. What had been done
    before counts none."""

    method: str
    count: int
    at: int


@dataclass(frozen=True, slots=True)
class _Intended:
    """A destruction that has begun."""

    ref: SubjectRef | None
    count: int


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be disposed of, for which request, and when."""

    tenant: int
    subject: int
    keep: frozenset[Use]
    reason: ShredReason
    request: UUID
    at: int


class Disposing:
    """The use case of the right to erasure."""

    def __init__(
        self,
        means: Means,
        hold: HoldGate,
        holds: UseHolds,
        destruction: Destruction,
        beside: Sequence[Beside] = (),
    ) -> None:
        self._means = means
        self._hold = hold
        self._holds = holds
        self._destruction = destruction
        self._beside = beside

    def dispose(
        self, tenant: int, subject: int, *, keep: Collection[Use], reason: ShredReason, request: UUID
    ) -> Disposed:
        """Dispose of everything but what `keep` names. Said twice, it does nothing the second time; said again with less to keep,
        it disposes of what is left.

        Raises:
            HeldError: a legal hold keeps something that would go; nothing was changed.
            LedgerError: the shred ledger cannot be relied on. The person is frozen, and destroyed by the next start that can.
        """
        order = _Order(tenant, subject, frozenset(keep), reason, request, self._means.at())
        done = self._means.write(tenant, lambda tx, keys: self._begin(tx, keys, order))
        if isinstance(done, Reason):
            raise HeldError
        if isinstance(done, Disposed):
            return done

        def note(tx: Transaction, destroyed_at: int) -> None:
            self._note(tx, Action.SUBJECT_SHRED, order, destroyed_at, [_group(done.ref)])

        receipt = self._destruction.run(tenant, subject, reason.value, note)
        self._means.subjects.forget(tenant, subject)
        return Disposed(CRYPTOGRAPHIC_ERASE, done.count, receipt.destroyed_at)

    def _begin(self, tx: Transaction, keys: TenantKeys, order: _Order) -> Disposed | _Intended | Reason:
        """What goes row by row is gone after this; of what goes by its key this is the intent."""
        tenant, subject = order.tenant, order.subject
        row = tx.one(vault_store.SUBJECT_TO_DESTROY, tenant=tenant, subject=subject)
        if row is None or row[0] == ERASED:
            receipt = tx.one(vault_store.RECEIPT, tenant=tenant, subject=subject)
            at = order.at if receipt is None or receipt[0] is None else receipt[0]
            return Disposed(CRYPTOGRAPHIC_ERASE, 0, at)
        found = {one.use: one.count for one in held(tx, tenant, subject, self._beside)}
        person = opened_by_number(tx, self._means, keys, tenant, [subject], order.at).get(subject)
        ref = None if person is None else person.ref
        begun = under_destruction(tx, tenant, subject)
        whole = begun or not order.keep & found.keys()
        going = found.keys() if whole else found.keys() - order.keep - _ACCOUNT
        if not begun and self._kept(tx, order, going, whole=whole):
            action = Action.SUBJECT_SHRED if whole else Action.SUBJECT_DISPOSE
            self._note(tx, action, order, order.at, [_group(ref, Outcome.DENIED, Reason.HELD)])
            return Reason.HELD
        if whole:
            begin_destruction(tx, tenant, subject, order.reason.value, order.at)
            return _Intended(ref, sum(found.values()))
        gone = _delete(tx, tenant, subject, going)
        for holder in self._beside:
            holder.delete(tx, tenant, subject, going)
        groups = [Group(Outcome.DONE, subjects=[ref] * len(gone), rows=gone)] if gone and ref else [_group(ref)]
        self._note(tx, Action.SUBJECT_DISPOSE, order, order.at, groups)
        return Disposed(DELETE, sum(found[use] for use in going), order.at)

    def _kept(self, tx: Transaction, order: _Order, going: Collection[Use], *, whole: bool) -> bool:
        """Whether a hold keeps some of what would go."""
        if whole and self._hold.held(tx, order.subject):
            return True
        return bool(self._holds.held(tx, order.tenant, order.subject, going))

    def _note(self, tx: Transaction, action: Action, order: _Order, at: int, groups: Sequence[Group]) -> None:
        act = Act(action, Actor(ActorKind.SYSTEM), order.tenant, at, str(order.request), groups)
        self._means.log.append(tx, act)


_ACCOUNT = frozenset({(ACCOUNT, "", "")})
"""Stays as long as anything does, and where it is named: somebody else keeps something, to whom it alone can name the person."""


def _group(ref: SubjectRef | None, outcome: Outcome = Outcome.DONE, reason: Reason | None = None) -> Group:
    return Group(outcome, reason, subjects=() if ref is None else (ref,))


def _delete(tx: Transaction, tenant: int, subject: int, going: Collection[Use]) -> list[int]:
    """End these uses, and delete the records that have none left; gives the numbers of the records that lost a use."""
    uses = [
        (record, purpose, ref)
        for record, kind, purpose, ref in tx.all(store.USES_OF, tenant=tenant, subject=subject)
        if (KIND_BY_CODE[kind].name, purpose, ref) in going
    ]
    named = [{"tenant": tenant, "record": record, "purpose": purpose, "ref": ref} for record, purpose, ref in uses]
    tx.run_each(vault_store.DELETE_USE, named)
    for record, purpose, ref in uses:
        if not ref:
            tx.run(store.DELETE_FIELDS_FOR, tenant=tenant, subject=subject, record=record, purpose=purpose)
    tx.run(store.DELETE_RECORDS_WITHOUT_USE, tenant=tenant, subject=subject)
    for kind, _, ref in going:
        if kind == ASSIGNMENT:
            tx.run(store.DELETE_ASSIGNMENT, tenant=tenant, subject=subject, ref=ref)
    tx.run(vault_store.DELETE_REPLAYS_OF, tenant=tenant, subject=subject)
    return sorted({record for record, _, _ in uses})
