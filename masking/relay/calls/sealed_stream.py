"""The stream that some laws ask for: real numbers and times of each call, sealed as the call goes out to the key of its month.

Where a tenant's rules have it on and there is no key for the month, nothing is connected: a call that the law wants recorded
and that is not would be worse than one that is not made. Keys are made for months ahead, and readiness warns in time."""

from uuid import UUID

from database.transaction import Transaction
from masking.relay.calls import store
from masking.relay.calls.errors import NoLegalKeyError
from masking.relay.calls.legal_record import BEGIN, END, CallBegun, CallEnded, Place, month_of, seal
from masking.relay.calls.progress import Progress
from masking.relay.ports import Attempt


class SealedStream:
    """Writes it. Public keys that were read stay in memory: the key of a month never changes."""

    def __init__(self) -> None:
        self._publics: dict[tuple[int, int], bytes] = {}

    def begin(self, tx: Transaction, attempt: Attempt) -> None:
        """Seal who calls whom.

        Raises:
            NoLegalKeyError: there is no key for the month, or its private half is gone already.
        """
        if attempt.numbers is None:
            return
        public = self._public(tx, attempt.tenant, month_of(attempt.at))
        if public is None:
            raise NoLegalKeyError("there is no key for this month")
        record = CallBegun(
            at=attempt.at,
            kind=attempt.kind.value,
            caller=attempt.numbers.caller,
            callee=attempt.numbers.callee,
            dialled=attempt.numbers.dialled,
        )
        place = Place(attempt.tenant, month_of(attempt.at), UUID(attempt.leg).bytes, BEGIN)
        tx.put(store.INSERT_SEALED, [_row(place, seal(public, place, record))])

    def end(self, tx: Transaction, tenant: int, leg: UUID, begun_at: int, progress: Progress) -> None:
        """Seal how long it took, beside what was sealed of its beginning; nothing where nothing was."""
        month = month_of(begun_at)
        if progress.ended_at is None or tx.one(store.SEALED_LEG, tenant=tenant, month=month, leg=leg.bytes) is None:
            return
        public = self._public(tx, tenant, month)
        if public is None:
            return
        place = Place(tenant, month, leg.bytes, END)
        record = CallEnded(answered_at=progress.answered_at, ended_at=progress.ended_at, cause=progress.cause)
        tx.run(store.DELETE_SEALED_PART, tenant=tenant, month=month, leg=leg.bytes, part=END)
        tx.insert(store.INSERT_SEALED, [_row(place, seal(public, place, record))])

    def _public(self, tx: Transaction, tenant: int, month: int) -> bytes | None:
        known = self._publics.get((tenant, month))
        if known is None:
            row = tx.one(store.LEGAL_KEY, tenant=tenant, month=month)
            if row is None or row[5] is not None or row[6] is not None:
                return None
            known = self._publics[tenant, month] = bytes(row[1])
        return known


def _row(place: Place, sealed: bytes) -> tuple[int, int, bytes, int, bytes]:
    return place.tenant, place.month, place.leg, place.part, sealed
