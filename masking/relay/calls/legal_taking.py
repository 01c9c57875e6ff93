"""Taking the sealed calls of a month out for a case, by two persons; and opening them, elsewhere, with both halves of the key.

What is taken is a text of JSON lines, the first of which says for which case:

    {"v": 1, "tenant": 1, "month": "2026-11", "case": "…", "reason": "court_order", "taking": 3}
    {"leg": "…", "part": 1, "sealed": "…"}      base64 (RFC 4648, section 4) of what masking.relay.calls.legal_record draws

It is readable to nobody until it is opened, which needs no database and no service.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from audit.entry import Act, Action, Actor, Group, Outcome
from audit.log import AuditLog
from database.columns import rfc3339
from database.engine import Database
from database.transaction import Transaction
from masking.relay.bound import By
from masking.relay.calls import store
from masking.relay.calls.errors import LegalError
from masking.relay.calls.legal_record import BEGIN, CallBegun, CallEnded, Place, month_name, read_month, unseal

CASE = re.compile(r"[A-Za-z0-9._:/-]{1,64}")


class LegalReason(StrEnum):
    """Why sealed calls are taken out."""

    COURT_ORDER = "court_order"
    AUTHORITY_REQUEST = "authority_request"
    CRIMINAL_INVESTIGATION = "criminal_investigation"
    INSPECTION = "inspection"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is taken: a month, for a case (the authority's number of it, which must say nothing of a person) and a reason."""

    month: int
    case: str
    reason: LegalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCall:
    """A call as the law wants it. Its text is written to whoever opens it, and nowhere else."""

    leg: str
    at: int
    kind: str
    caller: str = field(repr=False)
    callee: str = field(repr=False)
    dialled: str
    answered_at: int | None
    ended_at: int | None

    def line(self) -> dict[str, Any]:
        """As one object of JSON."""
        moments = {"at": self.at, "answered_at": self.answered_at, "ended_at": self.ended_at}
        read = {name: None if at is None else rfc3339(at) for name, at in moments.items()}
        numbers = {"caller": self.caller, "callee": self.callee, "dialled": self.dialled}
        return {"leg": self.leg, "kind": self.kind, **read, **numbers}


class LegalTaking:
    """Takes sealed calls out of the database."""

    def __init__(self, database: Database, log: AuditLog, reads_as_personal: Callable[[str], bool]) -> None:
        self._database = database
        self._log = log
        self._reads_as_personal = reads_as_personal

    def take(self, by: By, approver: Actor, wanted: Wanted) -> list[bytes]:
        """The lines of what is taken, once the entry is durable that says who did it and why, with a digest over all of them:
        the first names the case.

        Raises:
            LegalError: both persons are one, the case is no case number, or there is nothing of the month.
        """
        if (by.actor.kind, by.actor.id) == (approver.kind, approver.id):
            raise LegalError("it takes two persons, each with a credential of their own")
        if not CASE.fullmatch(wanted.case) or self._reads_as_personal(wanted.case):
            raise LegalError("the case is 1 to 64 letters, digits and ._:/- and must not read as personal data")
        return self._database.write(by.tenant, lambda tx: self._take(tx, by, approver, wanted))

    def _take(self, tx: Transaction, by: By, approver: Actor, wanted: Wanted) -> list[bytes]:
        rows = tx.all(store.SEALED_IN, tenant=by.tenant, month=wanted.month)
        if not rows:
            raise LegalError(f"nothing is sealed of {month_name(wanted.month)}")
        taking = tx.reserve("relay_legal_taking", 1)[0]
        place = (taking, by.tenant, wanted.month, wanted.reason.value, wanted.case)
        tx.insert(store.INSERT_TAKINGS, [(*place, len(rows), by.at, by.actor.id, approver.id)])
        head = {
            "v": 1,
            "tenant": by.tenant,
            "month": month_name(wanted.month),
            "case": wanted.case,
            "reason": wanted.reason.value,
            "taking": taking,
        }
        lines = [orjson.dumps(head), *(_line(bytes(leg), part, bytes(sealed)) for leg, part, sealed in rows)]
        digest = sha256(b"".join(line + b"\n" for line in lines)).hexdigest()
        group = Group(Outcome.DONE, kind=wanted.reason.value, rows=[taking], wording=digest)
        about = (by.actor, by.tenant, by.at, by.request)
        self._log.append(tx, Act(Action.RELAY_LEGAL_TAKE, *about, [group], approver=approver))
        return lines


def month_taken(lines: Sequence[bytes]) -> int:
    """Of which month a text is that was taken. Raises LegalError."""
    return read_month(str(_head(lines)["month"]))


def open_taken(lines: Sequence[bytes], private: X25519PrivateKey, number: str | None = None) -> Iterator[OpenedCall]:
    """The calls of a text that was taken, in order; with `number` (E.164) only those in which somebody has it.

    Raises:
        LegalError: it is no such text, or something in it does not open.
    """
    head = _head(lines)
    tenant, month = int(head["tenant"]), read_month(str(head["month"]))
    begun: dict[bytes, CallBegun] = {}
    ended: dict[bytes, CallEnded] = {}
    for line in lines[1:]:
        leg, part, sealed = _read(line)
        record = unseal(private, Place(tenant, month, leg, part), sealed)
        if isinstance(record, CallBegun):
            begun[leg] = record
        else:
            ended[leg] = record
    for leg, call in begun.items():
        if number is not None and number not in {call.caller, call.callee}:
            continue
        end = ended.get(leg)
        yield OpenedCall(
            leg=str(UUID(bytes=leg)),
            at=call.at,
            kind=call.kind,
            caller=call.caller,
            callee=call.callee,
            dialled=call.dialled,
            answered_at=None if end is None else end.answered_at,
            ended_at=None if end is None else end.ended_at,
        )


def _line(leg: bytes, part: int, sealed: bytes) -> bytes:
    return orjson.dumps({"leg": str(UUID(bytes=leg)), "part": part, "sealed": base64.b64encode(sealed).decode()})


def _head(lines: Sequence[bytes]) -> dict[str, Any]:
    try:
        head: dict[str, Any] = orjson.loads(lines[0])
        if head["v"] != 1 or not isinstance(head["tenant"], int):
            raise ValueError
        if not {"month", "case", "reason"} <= head.keys():
            raise ValueError
    except (IndexError, KeyError, TypeError, ValueError):
        raise LegalError("this is nothing that was taken out of the sealed calls") from None
    return head


def _read(line: bytes) -> tuple[bytes, int, bytes]:
    try:
        read = orjson.loads(line)
        part = int(read["part"])
        return UUID(read["leg"]).bytes, max(BEGIN, min(part, 255)), base64.b64decode(read["sealed"], validate=True)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        raise LegalError("a line is damaged") from None
