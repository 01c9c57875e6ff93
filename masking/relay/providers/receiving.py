"""What providers tell, as the book of calls takes it: each receipt once, and only of bindings that they hold for us."""

import re
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Final, Protocol
from uuid import UUID

from database.engine import Database
from database.transaction import Transaction
from masking.relay.accounts.desk import Opened
from masking.relay.accounts.seen import first_time
from masking.relay.asking import CallEvents
from masking.relay.decision import CallKind, RefusalReason
from masking.relay.mode import Side
from masking.relay.ports import Attempt, Recording
from masking.relay.providers import store
from masking.relay.providers.carrying import PREFIX
from masking.relay.providers.errors import OutwardNotFoundError
from masking.relay.providers.outward import Outward
from masking.relay.providers.ports import Receipt

_REFERENCE: Final = re.compile(re.escape(PREFIX) + r"([1-9]\d{0,18})", re.ASCII)


class Attempts(Protocol):
    """Whoever writes attempts down."""

    def attempted(self, tx: Transaction, tenant: int, attempts: Sequence[Attempt]) -> None:
        """Take note of attempts."""


class Receiving:
    """Takes receipts. A provider seals its own record of numbers where a law asks for one: nothing is sealed here."""

    def __init__(self, database: Database, records: Attempts, events: CallEvents) -> None:
        self._database = database
        self._records = records
        self._events = events

    def take(self, opened: Opened, receipt: Receipt, at: int) -> bool:
        """Take one; whether it was new and of a binding that the account holds."""
        tenant, account = opened.account.tenant, opened.account.id
        leg = leg_of(account, receipt)

        def work(tx: Transaction) -> bool:
            try:
                binding = self._binding(tx, tenant, account, receipt)
            except OutwardNotFoundError:
                return False
            if not first_time(tx, tenant=tenant, account=account, what=f"receipt {receipt.id}", at=at):
                return False
            if receipt.ended and first_time(tx, tenant=tenant, account=account, what=f"call {receipt.call}", at=at):
                self._records.attempted(tx, tenant, [_attempt(tx, tenant, leg, binding, receipt)])
            return True

        taken = self._database.write(tenant, work)
        if taken and receipt.ended and receipt.events:
            self._events.tell(tenant, [replace(event, leg=leg) for event in receipt.events], at)
        return taken

    def _binding(self, tx: Transaction, tenant: int, account: int, receipt: Receipt) -> int:
        match = _REFERENCE.fullmatch(receipt.reference)
        if match is not None:
            row = Outward.of(tx.one(store.OUTWARD_TO_CHANGE, tenant=tenant, binding=int(match[1])))
            if row.account == account:
                return row.binding
        for held in (receipt.held, f"axb {receipt.held}", f"ax {receipt.held}"):
            found = tx.one(store.OUTWARD_HELD, tenant=tenant, account=account, held=held) if receipt.held else None
            if found is not None:
                return int(found[0])
        raise OutwardNotFoundError


def leg_of(account: int, receipt: Receipt) -> str:
    """Our name of a provider's call: a UUIDv7 (RFC 9562, section 5.7) of when it began, whose other bits are of
    SHA-256(account, the provider's name of the call), so that all receipts of one call name one leg."""
    bits = int.from_bytes(sha256(f"{account} {receipt.call}".encode()).digest()[:10], "big") >> 6
    high, low = bits >> 62, bits & (1 << 62) - 1
    at = receipt.began & (1 << 48) - 1
    return str(UUID(int=at << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low))


def _attempt(tx: Transaction, tenant: int, leg: str, binding: int, receipt: Receipt) -> Attempt:
    row = tx.one(store.ENDS, tenant=tenant, binding=binding)
    number, *ends = (0, None, None, None, None) if row is None else row
    a, b = (ends[0], ends[1]), (ends[2], ends[3])
    caller, callee = (a, b) if receipt.side is Side.A else (b, a) if receipt.side is Side.B else ((None, None),) * 2
    return Attempt(
        tenant=tenant,
        leg=leg,
        number=number,
        kind=receipt.kind if receipt.kind is CallKind.TEXT else CallKind.VOICE,
        caller=bytes(caller[0] or b""),
        callee=bytes(callee[0] or b""),
        binding=binding,
        side=receipt.side,
        refused=RefusalReason.UNAVAILABLE if receipt.refused else None,
        recording=Recording.NOT_WANTED,
        at=receipt.began,
        caller_subject=caller[1],
        callee_subject=callee[1],
    )
