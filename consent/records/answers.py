"""Answers about consents, as JSON has them."""

from typing import Any

from consent.records.asking import Decided
from consent.records.consent_id import consent_id
from consent.records.judgement import DETAILS, Fault
from consent.records.reading import HistoryEvent, Overview
from consent.records.recording import Answer
from database.columns import moment, rfc3339


def recorded_answer(answer: Answer) -> dict[str, Any]:
    """What became of an item."""
    if isinstance(answer, Fault):
        return {"error": {"code": answer.value, "detail": DETAILS[answer]}}
    return {
        "consent": consent_id(answer.event),
        "state": answer.state.value,
        "epoch": answer.epoch,
        "notice_version": answer.notice_version,
        "valid_until": None if answer.valid_until is None else rfc3339(answer.valid_until),
        "changed": answer.changed,
    }


def decided_answer(one: Decided) -> dict[str, Any]:
    """A decision."""
    verdict = one.verdict
    return {
        "decision": "allow" if verdict.allowed else "deny",
        "reason": verdict.reason,
        "consent": None if verdict.event is None else consent_id(verdict.event),
        "notice_version": verdict.notice_version,
        "obligations": verdict.obligations,
        "epoch": one.epoch,
        "ttl_s": one.ttl,
        "at": written(one.instant),
    }


def standings_answer(found: Overview) -> list[dict[str, Any]]:
    """How a person stands to each purpose."""
    items = []
    for purpose, verdict in found.verdicts.items():
        standing = found.held.standings.get(purpose)
        items.append(
            {
                "purpose": purpose,
                "state": None if standing is None else standing.state.value,
                "decision": "allow" if verdict.allowed else "deny",
                "reason": verdict.reason,
                "consent": None if standing is None else consent_id(standing.event),
                "notice_version": None if standing is None else standing.notice_version,
                "since": None if standing is None else written(standing.instant),
                "valid_until": _time(None if standing is None else standing.valid_until),
                "expressed_by": None if standing is None else standing.expressed_by.value,
                "recipients": [] if standing is None else sorted(standing.recipients),
            }
        )
    return items


def event_answer(one: HistoryEvent) -> dict[str, Any]:
    """An event of the history."""
    event = one.event
    return {
        "consent": consent_id(event.id),
        "epoch": event.epoch,
        "purpose": event.purpose,
        "state": event.state.value,
        "at": written(event.instant),
        "stated_at": _time(event.stated_at),
        "notice_version": event.notice_version,
        "locale": one.locale,
        "wording": _hex(one.wording),
        "presentation": _hex(one.presentation),
        "shown": one.shown,
        "channel": one.channel,
        "method": one.method,
        "expressed_by": event.expressed_by.value,
        "evidence": one.evidence,
        "evidence_sha256": _hex(one.evidence_digest),
        "recipients": sorted(event.recipients),
        "valid_until": _time(event.valid_until),
    }


def written(instant: int) -> str:
    """RFC 3339 text of an instant in microseconds."""
    whole = moment(instant // 1_000_000 * 1_000)
    return f"{whole.replace(tzinfo=None).isoformat(timespec='seconds')}.{instant % 1_000_000:06d}Z"


def _time(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


def _hex(octets: bytes | None) -> str | None:
    return None if octets is None else bytes(octets).hex()
