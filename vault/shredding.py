"""Freezing a person's data, and destroying it for good.

Shredding begins with an intent, a row that says whose key is to be destroyed; from here on nothing of the person can be used.
What follows, and why a crash leaves nothing half done, is told in `vault/destruction.py`.
"""

from enum import StrEnum
from typing import NamedTuple

from audit.entry import Action, Group, Outcome, Reason, SubjectRef
from database.columns import rfc3339
from database.transaction import Transaction
from vault import policy, store
from vault.access import Caller
from vault.completing import Certifier
from vault.destruction import Destruction, Receipt, begin_destruction
from vault.errors import DeniedError, HeldError, NotFoundError, SubjectErasedError
from vault.fingerprint import subject_fingerprint
from vault.keyring import TenantKeys
from vault.means import Means
from vault.ports import HoldGate
from vault.protection.freeze import Frozen
from vault.protection.store import IN_FORCE
from vault.subject import SubjectState


class ShredReason(StrEnum):
    """Why a person's data is destroyed."""

    ERASURE_REQUEST = "erasure_request"
    ACCOUNT_CLOSED = "account_closed"
    RETENTION_EXPIRED = "retention_expired"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    UNLAWFUL_PROCESSING = "unlawful_processing"
    TEST = "test"


class Shredded(NamedTuple):
    """The receipt: whose key was destroyed and when, the date D from which on no copy can be read, the rule that gave D, and
    a signed certificate of it all (`vault/certificate.py`)."""

    subject: str
    destroyed_at: str
    complete_on: str
    rule: str
    certificate: str


class Shredding:
    """The use cases behind `POST /v1/subjects/{subject}/freeze`, `/unfreeze` and `/shred`."""

    def __init__(self, means: Means, hold: HoldGate, destruction: Destruction, certifier: Certifier) -> None:
        self._means = means
        self._hold = hold
        self._destruction = destruction
        self._certifier = certifier

    def freeze(self, caller: Caller, subject: str) -> SubjectState:
        """Keep the person's data, and let nobody use or change it."""
        return self._set_state(caller, subject, policy.Action.FREEZE, Action.SUBJECT_FREEZE, SubjectState.FROZEN)

    def unfreeze(self, caller: Caller, subject: str) -> SubjectState:
        """Lift a freeze. What is being destroyed stays closed.

        Raises:
            DeniedError: the role may not, or the freeze is one of `vault.protection`, which another person lifts.
        """
        return self._set_state(caller, subject, policy.Action.UNFREEZE, Action.SUBJECT_UNFREEZE, SubjectState.ACTIVE)

    def shred(self, caller: Caller, subject: str, reason: ShredReason) -> Shredded:
        """Destroy the person's key and every row that it sealed. It cannot be undone.

        Raises:
            DeniedError: the role may not.
            NotFoundError: the vault knows no such person, or not any more.
            HeldError: a legal hold keeps the data; nothing was changed.
            LedgerError: the shred ledger cannot be relied on. The person is frozen, and destroyed by the next start that can.
        """
        self._require(caller, policy.Action.SHRED, Action.SUBJECT_SHRED)
        self._certifier.prepare()
        at = self._means.at()

        def intend(tx: Transaction, keys: TenantKeys) -> tuple[int, SubjectRef] | Reason:
            number, ref = self._locked(tx, keys, caller.tenant, subject, at)
            if number is None or ref is None:
                self._note(tx, caller, Action.SUBJECT_SHRED, (Outcome.FAILED, Reason.NOT_FOUND), None, at)
                return Reason.NOT_FOUND
            if self._hold.held(tx, number):
                self._note(tx, caller, Action.SUBJECT_SHRED, (Outcome.DENIED, Reason.HELD), ref, at)
                return Reason.HELD
            begin_destruction(tx, caller.tenant, number, reason.value, at)
            return number, ref

        intended = self._means.write(caller.tenant, intend)
        if intended is Reason.HELD:
            raise HeldError
        if isinstance(intended, Reason):
            raise NotFoundError
        number, ref = intended

        def note(tx: Transaction, destroyed_at: int) -> None:
            self._note(tx, caller, Action.SUBJECT_SHRED, (Outcome.DONE, None), ref, destroyed_at)

        receipt = self._destruction.run(caller.tenant, number, reason.value, note)
        self._means.subjects.forget(caller.tenant, number)
        return self._certified(caller, subject, receipt)

    def receipt(self, caller: Caller, subject: str) -> Shredded:
        """The receipt of an earlier shredding, with D as it is known now and a new certificate of it.

        Raises:
            DeniedError: the role may not.
            NotFoundError: the vault has not destroyed anything of such a person.
        """
        self._require(caller, policy.Action.SHRED, Action.SUBJECT_SHRED_READ)
        at = self._means.at()

        def look(tx: Transaction, keys: TenantKeys) -> Receipt | None:
            fingerprint = subject_fingerprint(keys.subject_index, tenant=caller.tenant, subject=subject)
            row = tx.one(store.SUBJECT_TO_CHANGE, tenant=caller.tenant, fingerprint=fingerprint)
            kept = tx.one(store.RECEIPT, tenant=caller.tenant, subject=row[0]) if row else None
            found = None if kept is None or kept[0] is None else Receipt(kept[0], kept[1] or 0, kept[2] or 0)
            fate = (Outcome.DONE, None) if found else (Outcome.FAILED, Reason.NOT_FOUND)
            self._note(tx, caller, Action.SUBJECT_SHRED_READ, fate, None, at)
            return found

        found = self._means.write(caller.tenant, look)
        if found is None:
            raise NotFoundError
        return self._certified(caller, subject, found)

    def _certified(self, caller: Caller, subject: str, receipt: Receipt) -> Shredded:
        completed = self._means.database.read(
            caller.tenant, lambda tx: self._certifier.completing.of(tx, caller.tenant, receipt)
        )
        certificate = self._certifier.certify(caller.tenant, subject, receipt, completed, self._means.at())
        return Shredded(
            subject, rfc3339(receipt.destroyed_at), rfc3339(completed.at), completed.rule.value, certificate
        )

    def _set_state(
        self, caller: Caller, subject: str, asked: policy.Action, action: Action, state: SubjectState
    ) -> SubjectState:
        self._require(caller, asked, action)
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> Reason | None:
            number, ref = self._locked(tx, keys, caller.tenant, subject, at)
            refusal = None
            if number is None:
                refusal = Reason.NOT_FOUND
            elif tx.one(store.SHREDDING, tenant=caller.tenant, subject=number):
                refusal = Reason.ERASED
            elif state is SubjectState.ACTIVE and tx.one(
                IN_FORCE, tenant=caller.tenant, kind=Frozen.SUBJECT.value, target=number
            ):
                refusal = Reason.FROZEN  # lifted by `vault.protection.freezing`, by another person
            else:
                tx.run(store.SET_SUBJECT_STATE, tenant=caller.tenant, subject=number, state=state.value)
            outcome = Outcome.DONE if refusal is None else Outcome.FAILED
            if refusal is Reason.FROZEN:
                outcome = Outcome.DENIED
            self._note(tx, caller, action, (outcome, refusal), ref, at)
            return refusal

        refusal = self._means.write(caller.tenant, work)
        if refusal is Reason.ERASED:
            raise SubjectErasedError
        if refusal is Reason.FROZEN:
            raise DeniedError(refusal)
        if refusal is not None:
            raise NotFoundError
        return state

    def _locked(
        self, tx: Transaction, keys: TenantKeys, tenant: int, subject: str, at: int
    ) -> tuple[int | None, SubjectRef | None]:
        """The live subject's number and pseudonym, its row held against every writer."""
        fingerprint = subject_fingerprint(keys.subject_index, tenant=tenant, subject=subject)
        held = tx.one(store.SUBJECT_TO_CHANGE, tenant=tenant, fingerprint=fingerprint)
        row = self._means.subjects.find(tx, keys, tenant, subject) if held else None
        if row is None:
            return None, None
        return row.number, self._means.subjects.opened(keys, tenant, row, at).ref

    def _require(self, caller: Caller, asked: policy.Action, action: Action) -> None:
        if self._means.access.may_administer(caller, asked):
            return
        at = self._means.at()
        self._means.write(
            caller.tenant, lambda tx, _: self._note(tx, caller, action, (Outcome.DENIED, Reason.POLICY), None, at)
        )
        raise DeniedError(Reason.POLICY)

    def _note(
        self,
        tx: Transaction,
        caller: Caller,
        action: Action,
        fate: tuple[Outcome, Reason | None],
        ref: SubjectRef | None,
        at: int,
    ) -> None:
        group = Group(*fate, subjects=() if ref is None else (ref,))
        self._means.append(tx, caller, action, at, [group])
