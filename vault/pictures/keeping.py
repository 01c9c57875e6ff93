"""Storing pictures of an order, and destroying them, in constant memory.

    1. decide    the caller may store for delivery, the courier has the order, its customer may be stored of
    2. begin     a key under the customer's DEK and a row that nobody sees yet; committed
    3. pass      what is the picture, sealed, a chunk in a transaction of its own, as it comes
    4. end       the row becomes visible, and the log says so, in one transaction

What breaks off in between is destroyed with its key at once, or by the sweep. Whoever is erased meanwhile takes the picture
along.

A picture is judged as the kind `file`, and is the customer's (`vault.pictures.sight`).
"""

from typing import Any, BinaryIO

from audit.entry import Action, Reason
from database.transaction import Transaction
from vault import policy
from vault.access import Caller
from vault.errors import VaultError
from vault.handover.order import parties
from vault.idempotency import keep
from vault.inner_keys.keeping import destroy_key, make_key
from vault.judged_kind import FILE as FILE_KIND
from vault.keyring import TenantKeys
from vault.means import Means
from vault.order_call import OrderCall
from vault.people import opened_by_number
from vault.pictures import store
from vault.pictures.errors import TooManyPicturesError
from vault.pictures.opening import stored_picture
from vault.pictures.picture import FILE, PENDING, STORED, Picture
from vault.pictures.secret_stream import CHUNK_BYTES, SealingStream
from vault.pictures.stripping import in_chunks, strip
from vault.policy import View
from vault.subject import OpenSubject, SubjectState
from vault.usable import PURPOSE, Use, refuse
from work.replay import Replay

PENDING_MS = 3_600_000
AFTER_MS = 3_600_000
"""For so long after its end an order still takes pictures: they are made at the door."""
PICTURES_AT_MOST = 20


class PictureDesk:
    """The use cases that change `/v1/orders/{order}/pictures`. Pictures have at most `octets` octets as they come, and are kept
    for `life_ms`."""

    def __init__(self, means: Means, *, octets: int, life_ms: int) -> None:
        self._means = means
        self._octets = octets
        self._life_ms = life_ms
        self._use = Use(means, kind=FILE, sensitive=False, view=View.PLAIN.value)

    def put(self, caller: Caller, order: str, courier: str, source: BinaryIO, replay: Replay | None = None) -> Picture:
        """Store a picture that the courier of an order has made. A repeated `replay` gives the picture of the first call,
        whatever octets come with it.

        Raises:
            PictureError: the octets are no picture that is taken, or too many; nothing was kept.
            DeniedError: an authority refused, or the courier has not the order.
            SubjectErasedError: the order's customer was erased, perhaps while the picture came.
            TooManyPicturesError: the order has as many as may be.
        """
        if replay is not None:
            at = self._means.at()
            earlier = self._means.write(caller.tenant, lambda tx, keys: _earlier(tx, keys, replay, at))
            if earlier is not None:
                return _picture(earlier)
        stripped = strip(source, at_most=self._octets)
        begun = self._begin(caller, order, courier, stripped.format.value)
        picture, stream = begun
        try:
            size = chunks = 0
            for octets, last in in_chunks(stripped.pieces, CHUNK_BYTES):
                self._store(caller.tenant, picture.id, chunks, stream.seal(octets, last=last))
                size, chunks = size + len(octets), chunks + 1
            return self._end(caller, order, picture._replace(size=size, chunks=chunks), replay)
        except BaseException:
            self._means.database.write(caller.tenant, lambda tx: destroy_key(tx, caller.tenant, picture.key))
            raise

    def delete(self, caller: Caller, order: str, picture: int) -> None:
        """Destroy a picture.

        Raises:
            NotFoundError: the order has no such picture.
            DeniedError: the policy does not let the caller.
        """
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> Reason | None:
            run = OrderCall(
                self._means, tx, keys, caller, order, at, Action.PICTURE_DELETE, PURPOSE, FILE, View.MASKED.value
            )
            refusal = self._may_store(run)
            found = stored_picture(run, picture) if refusal is None else refusal
            if isinstance(found, Reason):
                return run.refused(found)
            people = opened_by_number(tx, self._means, keys, caller.tenant, [found.subject], at)
            destroy_key(tx, caller.tenant, found.key)
            run.done(list(people.values()), [found.id] * len(people))
            return None

        if (refusal := self._means.write(caller.tenant, work)) is not None:
            refuse(refusal)

    def _begin(self, caller: Caller, order: str, courier: str, form: str) -> tuple[Picture, SealingStream]:
        """Steps 1 and 2."""
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> tuple[Picture, SealingStream] | Reason | VaultError:
            run = OrderCall(
                self._means, tx, keys, caller, order, at, Action.PICTURE_STORE, PURPOSE, FILE, View.PLAIN.value
            )
            person = self._may_store(run) or self._customer(run, courier)
            if isinstance(person, Reason):
                return run.refused(person)
            count = tx.one(store.COUNT_OF_ORDER, tenant=caller.tenant, ref=run.ref)
            if count is not None and count[0] >= PICTURES_AT_MOST:
                run.refused(Reason.RATE)
                return TooManyPicturesError()
            number_of_key, key = make_key(tx, caller.tenant, person, at)
            (number,) = tx.reserve("picture", 1)
            stream = SealingStream(key, tenant=caller.tenant, picture=number)
            made = Picture(
                number, person.number, run.ref, number_of_key, stream.header, form, PENDING, 0, 0, at, at + PENDING_MS
            )
            tx.insert(store.INSERT_PICTURES, [(number, caller.tenant, *made[1:])])
            return made, stream

        begun = self._means.write(caller.tenant, work)
        if isinstance(begun, VaultError):
            raise begun
        if isinstance(begun, Reason):
            refuse(begun)
        assert isinstance(begun, tuple)
        return begun

    def _store(self, tenant: int, picture: int, number: int, sealed: bytes) -> None:
        """Step 3 for one chunk."""

        def work(tx: Transaction) -> bool:
            if tx.one(store.HOLD_PENDING, tenant=tenant, id=picture) is None:
                return False
            tx.insert(store.INSERT_CHUNKS, [(tenant, picture, number, sealed)])
            return True

        if not self._means.database.write(tenant, work):
            refuse(Reason.ERASED)

    def _end(self, caller: Caller, order: str, picture: Picture, replay: Replay | None) -> Picture:
        """Step 4. Where another call of the same key was faster, its picture stays and this one goes."""
        at = self._means.at()
        stored = picture._replace(state=STORED, expires_at=at + self._life_ms)

        def work(tx: Transaction, keys: TenantKeys) -> Picture | Reason:
            run = OrderCall(
                self._means, tx, keys, caller, order, at, Action.PICTURE_STORE, PURPOSE, FILE, View.PLAIN.value
            )
            if replay is not None and (earlier := _earlier(tx, keys, replay, at)) is not None:
                destroy_key(tx, caller.tenant, picture.key)
                return earlier
            person = self._use.of(tx, keys, caller.tenant, picture.subject, at)
            if isinstance(person, Reason):
                return run.refused(person)
            written: dict[str, Any] = {"size": stored.size, "chunks": stored.chunks, "expires_at": stored.expires_at}
            if not tx.run(store.FINISH, tenant=caller.tenant, id=picture.id, **written):
                return run.refused(Reason.ERASED)
            run.done([person], [picture.id])
            if replay is not None:
                keep(tx, keys, replay, [picture.id], [person.number], at)
            return stored

        return _picture(self._means.write(caller.tenant, work))

    def _customer(self, run: OrderCall, courier: str) -> OpenSubject | Reason:
        """The customer of the order, whose row is held, if this courier has the order or had it until just now."""
        found = parties(run.tx, run.tenant, run.order, lock=True)
        row = self._means.subjects.find(run.tx, run.keys, run.tenant, courier)
        if found is None or row is None or found.courier != row.number:
            return Reason.NOT_ASSIGNED
        if row.state != SubjectState.ACTIVE:
            return Reason.FROZEN
        if not found.running and found.since + AFTER_MS <= run.at:
            return Reason.ORDER_ENDED
        if found.customer is None:
            return Reason.NOT_PARTY
        person = self._use.of(run.tx, run.keys, run.tenant, found.customer, run.at)
        if isinstance(person, Reason):
            return person
        held = self._means.subjects.opened_for_writing(run.tx, run.keys, run.tenant, [person.platform_id], run.at)
        return held[person.platform_id]

    def _may_store(self, run: OrderCall) -> Reason | None:
        return self._means.access.ruling(
            run.caller, policy.Action.TOKENIZE, FILE_KIND, purpose=PURPOSE, ref=run.ref, view=View.PLAIN
        )


def _earlier(tx: Transaction, keys: TenantKeys, replay: Replay, at: int) -> Picture | Reason | None:
    """The picture of an earlier call with this key; a reason where it is there no more."""
    outcome = replay.earlier(tx, keys.idempotency, at)
    if outcome is None:
        return None
    row = tx.one(store.PICTURE, tenant=replay.tenant, id=outcome[0])
    return Reason.NOT_FOUND if row is None else Picture(*row)


def _picture(found: Picture | Reason) -> Picture:
    if isinstance(found, Reason):
        refuse(found)
    assert isinstance(found, Picture)
    return found
