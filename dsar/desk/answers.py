"""Requests as answers have them."""

from typing import Any

from database.columns import rfc3339
from dsar.desk.clocks import Clocks
from dsar.desk.reading import Happened, Place
from dsar.desk.record import Record


def short(record: Record, clocks: Clocks) -> dict[str, Any]:
    """What whoever handed it in sees."""
    return {
        "request": str(record.id),
        "right": record.right.value,
        "regime": record.regime,
        "requester": record.requester.value,
        "state": record.state.value,
        "received_at": rfc3339(record.received_at),
        "acknowledge_by": _time(record.acknowledge_by),
        "due_at": rfc3339(record.due_at),
        "due_on": clocks.of(record).clock.day_of(record.due_at).isoformat(),
        "provisional": not record.certain,
        "extended": record.extended_at is not None,
        "ended_at": _time(record.ended_at),
        "reasons": list(record.reasons),
        "duplicate_of": None if record.twin is None else str(record.twin),
    }


def whole(record: Record, clocks: Clocks, at: int) -> dict[str, Any]:
    """What the desk sees at a moment."""
    return short(record, clocks) | {
        "level": int(record.level),
        "channel": record.channel,
        "locale": record.locale,
        "purposes": list(record.purposes),
        "acknowledged_at": _time(record.acknowledged_at),
        "verified_at": _time(record.verified_at),
        "clock": "running" if record.stands_since is None else "standing",
        "waits_until": _time(record.waits_until),
        "overdue": clocks.overdue(record, at),
        "passed": record.passed,
        "breached": list(record.breached),
        "assignee": record.assignee,
        "accepted_by": record.accepted_by,
        "approved_by": record.approved_by,
        "category": record.category,
        "accountable": record.accountable,
        "evidence": record.evidence,
    }


def line(happened: Happened) -> dict[str, Any]:
    """One line of a history."""
    actor = happened.actor
    return {
        "at": rfc3339(happened.at),
        "move": happened.move,
        "state": happened.state.value,
        "reason": happened.reason,
        "by": {"kind": actor.kind.value, "id": actor.id, "role": actor.role},
    }


def cursor_of(record: Record) -> str:
    """Where the page after this request begins."""
    return f"{record.due_at}.{record.id.hex}"


def place_of(cursor: str) -> Place:
    """The place that a cursor names."""
    due, _, last = cursor.partition(".")
    return int(due), bytes.fromhex(last)


def _time(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)
