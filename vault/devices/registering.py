"""Which devices a person has: registered, renewed and revoked by the platform, which knows whose phone it speaks to.

A key is registered once the device has shown that it has the secret half (`vault.devices.proving`), when it is renewed as well.

Whoever may register a key for a person can have that person's values sealed for it, so every change is in the log, under the
person's pseudonym, where the person finds it in the access log.
"""

from collections.abc import Sequence
from typing import NamedTuple

from audit.entry import Action, Group, Outcome, Reason, SubjectRef
from database.transaction import Transaction
from vault.access import Caller
from vault.devices import store
from vault.devices.device import LIFE_MS, LIVE_AT_MOST, Device
from vault.devices.errors import DeviceKeyTakenError, TooManyDevicesError, UnprovenKeyError
from vault.devices.proving import Proof, Question, is_proven, question
from vault.devices.public_key import PublicKey
from vault.errors import DeniedError, NotFoundError, SubjectErasedError, VaultError
from vault.idempotency import keep
from vault.keyring import TenantKeys
from vault.means import Means
from vault.subject import OpenSubject
from work.replay import Replay


class Offer(NamedTuple):
    """A key with the proof that the device has its secret half, and the device whose key it renews."""

    key: PublicKey
    proof: Proof
    replaces: int | None = None


class DeviceDesk:
    """The use cases behind `/v1/subjects/{subject}/devices`."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def challenge(self, caller: Caller, subject: str, key: PublicKey) -> Question:
        """What the device must answer before the key is registered. It is the same for a person who is not there, and no entry:
        nothing is looked up, disclosed or changed."""
        keys = self._means.keyring.of(caller.tenant)
        return question(keys.refs, tenant=caller.tenant, subject=subject, offered=key, at=self._means.at())

    def register(self, caller: Caller, subject: str, offer: Offer, replay: Replay | None = None) -> Device:
        """Register a key; the device that it replaces is revoked in the same moment.

        Raises:
            UnprovenKeyError: the answer is not the device's to this question, or too late.
            DeviceKeyTakenError: somebody has registered this very key.
            TooManyDevicesError: the person has as many live keys as may be.
            NotFoundError: `replaces` is no live device of this person.
            DeniedError: the person's data is frozen.
            SubjectErasedError: the person was erased.
        """
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> Device | Reason | VaultError:
            person = self._means.subjects.opened_for_writing(tx, keys, caller.tenant, [subject], at)[subject]
            if isinstance(person, Reason):
                self._note(tx, caller, Action.DEVICE_REGISTER, None, person, at)
                return person
            if replay is not None and (earlier := replay.earlier(tx, keys.idempotency, at)) is not None:
                row = tx.one(store.DEVICE, tenant=caller.tenant, id=earlier[0])
                return NotFoundError() if row is None else Device(*row)
            proven = is_proven(keys.refs, offer.proof, tenant=caller.tenant, subject=subject, offered=offer.key, at=at)
            unproven = None if proven else UnprovenKeyError()
            refusal = unproven or self._refusal(tx, caller.tenant, person.number, offer, at)
            if refusal is not None:
                self._note(tx, caller, Action.DEVICE_REGISTER, person.ref, Reason.INVALID, at)
                return refusal
            (number,) = tx.reserve("device_key", 1)
            made = Device(number, person.number, offer.key.octets, at, at + LIFE_MS, None)
            tx.insert(store.INSERT_DEVICES, [(number, caller.tenant, *made[1:5])])
            self._note(tx, caller, Action.DEVICE_REGISTER, person.ref, None, at)
            if replay is not None:
                keep(tx, keys, replay, [number], [person.number], at)
            return made

        return _raised(self._means.write(caller.tenant, work))

    def devices(self, caller: Caller, subject: str, *, after: int = 0, limit: int = 50) -> Sequence[Device]:
        """A person's devices, revoked ones too as long as they are remembered.

        Raises:
            NotFoundError: there is no such person.
        """
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> list[Device]:
            person = self._found(tx, keys, caller.tenant, subject, at)
            self._note(tx, caller, Action.DEVICE_READ, None if person is None else person.ref, _absent(person), at)
            if person is None:
                return []
            rows = tx.all(store.DEVICES_OF, tenant=caller.tenant, subject=person.number, after=after, limit=limit)
            return [Device(*row) for row in rows]

        return self._means.write(caller.tenant, work)

    def revoke(self, caller: Caller, subject: str, device: int) -> None:
        """Seal nothing more for a device. What it has, it can still open.

        Raises:
            NotFoundError: it is no live device of this person.
        """
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> bool:
            person = self._found(tx, keys, caller.tenant, subject, at)
            changed = person is not None and tx.run(
                store.REVOKE, tenant=caller.tenant, id=device, subject=person.number, at=at
            )
            ref = None if person is None else person.ref
            self._note(tx, caller, Action.DEVICE_REVOKE, ref, None if changed else Reason.NOT_FOUND, at)
            return bool(changed)

        if not self._means.write(caller.tenant, work):
            raise NotFoundError

    def _refusal(self, tx: Transaction, tenant: int, subject: int, offer: Offer, at: int) -> VaultError | None:
        replaces = offer.replaces
        if tx.one(store.DEVICE_OF_KEY, tenant=tenant, key=offer.key.octets) is not None:
            return DeviceKeyTakenError()
        if replaces is not None and not tx.run(store.REVOKE, tenant=tenant, id=replaces, subject=subject, at=at):
            return NotFoundError()
        live = tx.one(store.COUNT_LIVE, tenant=tenant, subject=subject, at=at)
        return TooManyDevicesError() if live is not None and live[0] >= LIVE_AT_MOST else None

    def _found(self, tx: Transaction, keys: TenantKeys, tenant: int, subject: str, at: int) -> OpenSubject | None:
        row = self._means.subjects.find(tx, keys, tenant, subject)
        return None if row is None else self._means.subjects.opened(keys, tenant, row, at)

    def _note(
        self, tx: Transaction, caller: Caller, action: Action, ref: SubjectRef | None, refusal: Reason | None, at: int
    ) -> None:
        outcome = Outcome.DONE if refusal is None else Outcome.FAILED
        group = Group(outcome, refusal, subjects=() if ref is None else (ref,))
        self._means.append(tx, caller, action, at, [group])


def _absent(person: OpenSubject | None) -> Reason | None:
    return Reason.NOT_FOUND if person is None else None


def _raised(answer: Device | Reason | VaultError) -> Device:
    """What was made, or the refusal raised now that its entry is durable."""
    if isinstance(answer, Device):
        return answer
    if isinstance(answer, VaultError):
        raise answer
    if answer is Reason.ERASED:
        raise SubjectErasedError
    if answer is Reason.INTEGRITY:
        raise NotFoundError
    raise DeniedError(answer)
