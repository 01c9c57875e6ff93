"""Carrying messages from one device to another.

    1. order     both are parties of the order, which runs; for fetching, it has not ended too long ago
    2. people    neither is frozen, erased or restricted
    3. devices   the sender's and the recipient's, registered to these very people
    4. store     the envelope, the hour and the devices; no word of it is readable here
    5. log       that somebody sent or fetched a message of an order, by pseudonyms

What was acknowledged is deleted at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from audit.entry import Action, Reason
from database.transaction import Row, Transaction
from vault.access import Caller
from vault.devices.device import Device
from vault.devices.store import DEVICE
from vault.errors import VaultError
from vault.handover.order import Parties, parties
from vault.idempotency import keep
from vault.keyring import TenantKeys
from vault.letters import store
from vault.letters.envelope import commitment_of
from vault.letters.errors import TooManyLettersError
from vault.letters.franking import Franked, frank, hour_of, order_fingerprint
from vault.letters.parties import HOUR_MS, Party, number_of, readable
from vault.means import Means
from vault.order_call import OrderCall
from vault.subject import OpenSubject
from vault.usable import Use, refuse
from work.replay import Replay

WAITING_AT_MOST = 100
LIFE_MS = 24 * HOUR_MS
"""A message that nobody fetches ends after so long, whatever becomes of its order."""


@dataclass(frozen=True, slots=True)
class Route:
    """From which device of which party to which of which other one."""

    sender: Party
    sender_device: int
    recipient: Party
    recipient_device: int


class Sent(NamedTuple):
    """A message that was taken, and when it ends at the latest."""

    id: int
    expires_at: int


class Fetched(NamedTuple):
    """A message as its recipient gets it. `frank` is to be kept with it."""

    id: int
    envelope: bytes
    hour: int
    expires_at: int
    sender_device: int
    sender_key: bytes
    recipient_key: bytes
    frank: bytes


class LiveKey(NamedTuple):
    """A device that messages may be sealed for."""

    id: int
    public_key: bytes
    expires_at: int


class LetterDesk:
    """The use cases behind `/v1/orders/{order}/messages`. Messages can be fetched for `after_ms` after the end of an order."""

    def __init__(self, means: Means, *, after_ms: int) -> None:
        self._means = means
        self._after_ms = after_ms
        self._use = Use(means, kind="note", sensitive=False, view="plain")

    def send(self, caller: Caller, order: str, route: Route, envelope: bytes, replay: Replay | None = None) -> Sent:
        """Take a message.

        Raises:
            EnvelopeError: it is no envelope.
            DeniedError: one of them is no party of the order, or the order does not run; or a person may not be written to now,
                or a device is not theirs.
            SubjectErasedError: one of them was erased.
            TooManyLettersError: too many wait already.
        """
        commitment_of(envelope)
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> Sent | Reason | VaultError:
            if replay is not None and (earlier := replay.earlier(tx, keys.idempotency, at)) is not None:
                row = tx.one(store.LETTER_EXPIRY, tenant=caller.tenant, id=earlier[0])
                return Sent(int(earlier[0]), at if row is None else row[0])
            found = parties(tx, caller.tenant, order, lock=True)
            run = OrderCall(self._means, tx, keys, caller, order, at, Action.MESSAGE_SEND)
            people = self._people(run, found, route)
            if isinstance(people, Reason):
                return run.refused(people)
            sender, recipient = people
            fingerprint = _fingerprint(run)
            waiting = tx.one(
                store.COUNT_WAITING, tenant=caller.tenant, order=fingerprint, recipient=recipient.number, at=at
            )
            if waiting is not None and waiting[0] >= WAITING_AT_MOST:
                run.refused(Reason.RATE)
                return TooManyLettersError()
            (number,) = tx.reserve("letter", 1)
            hour = hour_of(at)
            sent = Sent(number, hour + LIFE_MS)
            devices = sender.number, route.sender_device, recipient.number, route.recipient_device
            tx.insert(
                store.INSERT_LETTERS, [(number, caller.tenant, fingerprint, *devices, envelope, hour, sent.expires_at)]
            )
            run.done([sender, recipient])
            if replay is not None:
                keep(tx, keys, replay, [number], [sender.number, recipient.number], at)
            return sent

        answer = self._means.write(caller.tenant, work)
        if isinstance(answer, VaultError):
            raise answer
        if isinstance(answer, Reason):
            refuse(answer)
        assert isinstance(answer, Sent)
        return answer

    def fetch(
        self, caller: Caller, order: str, recipient: Party, device: int, *, after: int = 0, limit: int = 50
    ) -> Sequence[Fetched]:
        """The messages that wait for a device.

        Raises:
            DeniedError: nobody has that role in the order, or it ended too long ago; or the person's data may not be used.
            SubjectErasedError: the person was erased.
        """
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> list[Fetched] | Reason:
            run = OrderCall(self._means, tx, keys, caller, order, at, Action.MESSAGE_FETCH)
            person = self._reader(run, recipient)
            if isinstance(person, Reason):
                return run.refused(person)
            rows = tx.all(
                store.LETTERS,
                tenant=caller.tenant,
                order=_fingerprint(run),
                recipient=person.number,
                device=device,
                at=at,
                after=after,
                limit=limit,
            )
            if rows:  # Devices ask again and again, mostly for nothing.
                run.done([person])
            return [_fetched(keys, caller.tenant, _fingerprint(run), row) for row in rows]

        answer = self._means.write(caller.tenant, work)
        if isinstance(answer, Reason):
            refuse(answer)
        assert not isinstance(answer, Reason)
        return answer

    def acknowledge(self, caller: Caller, order: str, recipient: Party, message: int) -> None:
        """Delete a message that its recipient has.

        Raises:
            NotFoundError: there is none, or not any more.
            DeniedError: nobody has that role in the order.
        """
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> Reason | None:
            run = OrderCall(self._means, tx, keys, caller, order, at, Action.MESSAGE_ACKNOWLEDGE)
            person = self._reader(run, recipient)
            if isinstance(person, Reason):
                return run.refused(person)
            gone = tx.run(
                store.DELETE_LETTER, tenant=caller.tenant, id=message, order=_fingerprint(run), recipient=person.number
            )
            if not gone:
                return run.refused(Reason.NOT_FOUND)
            run.done([person])
            return None

        if (refusal := self._means.write(caller.tenant, work)) is not None:
            refuse(refusal)

    def devices(self, caller: Caller, order: str, party: Party) -> Sequence[LiveKey]:
        """The live keys of a party, for the other parties to seal for.

        Raises:
            DeniedError: nobody has that role in the order, or it ended too long ago; or the person's data may not be used.
        """
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> list[LiveKey] | Reason:
            run = OrderCall(self._means, tx, keys, caller, order, at, Action.DEVICE_READ)
            person = self._reader(run, party)
            if isinstance(person, Reason):
                return run.refused(person)
            run.done([person])
            rows = tx.all(store.LIVE_DEVICES, tenant=caller.tenant, subject=person.number, at=at)
            return [LiveKey(*row) for row in rows]

        answer = self._means.write(caller.tenant, work)
        if isinstance(answer, Reason):
            refuse(answer)
        assert not isinstance(answer, Reason)
        return answer

    def _people(self, run: OrderCall, found: Parties | None, route: Route) -> tuple[OpenSubject, OpenSubject] | Reason:
        """Steps 1 to 3 of sending."""
        numbers = number_of(found, route.sender), number_of(found, route.recipient)
        if found is None or None in numbers or numbers[0] == numbers[1]:
            return Reason.NOT_PARTY
        if not found.running:
            return Reason.ORDER_ENDED
        people = []
        for number, device in zip(numbers, (route.sender_device, route.recipient_device), strict=True):
            assert number is not None
            person = self._use.of(run.tx, run.keys, run.tenant, number, run.at)
            if isinstance(person, Reason):
                return person
            row = run.tx.one(DEVICE, tenant=run.tenant, id=device)
            if row is None or Device(*row).subject != number or not Device(*row).live(run.at):
                return Reason.UNKNOWN_DEVICE
            people.append(person)
        return people[0], people[1]

    def _reader(self, run: OrderCall, party: Party) -> OpenSubject | Reason:
        found = parties(run.tx, run.tenant, run.order)
        number = number_of(found, party)
        if number is None:
            return Reason.NOT_PARTY
        if not readable(found, run.at, self._after_ms):
            return Reason.ORDER_ENDED
        return self._use.of(run.tx, run.keys, run.tenant, number, run.at)


def _fingerprint(run: OrderCall) -> bytes:
    return order_fingerprint(run.keys.refs, tenant=run.tenant, ref=run.ref)


def _fetched(keys: TenantKeys, tenant: int, order: bytes, row: Row) -> Fetched:
    number, envelope, hour, expires_at, device, sender, recipient = row
    franked = Franked(order, bytes(sender), bytes(recipient), hour, commitment_of(bytes(envelope)))
    made = frank(keys.refs, tenant, franked)
    return Fetched(number, bytes(envelope), hour, expires_at, device, bytes(sender), bytes(recipient), made)
