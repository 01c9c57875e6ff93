"""All SQL of receipts."""

from typing import Any
from uuid import UUID

from consent.locale import Locale
from consent.receipts.facts import Occurrence, Wording
from consent.records.standing import ExpressedBy, State
from database.statement import Statement

_EVENT = """v.id, v.state, v.instant, v.stated_at, v.valid_until, v.expressed_by, v.method, v.channel, v.recipients,
    v.notice_version, v.locale, v.presentation, v.evidence, v.evidence_digest, v.act"""
EVENT = Statement("""
    SELECT v.purpose, v.epoch FROM consent_event v WHERE v.tenant = :tenant AND v.subject = :subject AND v.id = :event
""")
EVENTS = Statement(f"""
    SELECT {_EVENT} FROM consent_event v
    WHERE v.tenant = :tenant AND v.subject = :subject AND v.purpose = :purpose AND v.epoch <= :epoch ORDER BY v.epoch
""")  # noqa: S608 - a constant list of columns
LATEST_OF_PURPOSES = Statement("""
    SELECT v.purpose, max(v.epoch) FROM consent_event v WHERE v.tenant = :tenant AND v.subject = :subject
    GROUP BY v.purpose ORDER BY v.purpose
""")
WORDING = Statement("""
    SELECT t.version, t.locale, t.title, t.text, t.digest FROM consent_notice_text t
    WHERE t.tenant = :tenant AND t.purpose = :purpose AND t.version = :version AND t.locale = :locale
""")


def occurrence_of(row: tuple[Any, ...]) -> Occurrence:
    """An event of its columns."""
    number, state, instant, stated_at, valid_until, by, method, channel, recipients = row[:9]
    notice_version, locale, presentation, evidence, proof, act = row[9:]
    return Occurrence(
        event=number,
        state=State(state),
        said_at=instant // 1000 if stated_at is None else stated_at,
        recorded_at=instant // 1000,
        valid_until=valid_until,
        expressed_by=ExpressedBy(by),
        method=method,
        channel=channel,
        recipients=frozenset(recipients.split()),
        notice_version=notice_version,
        locale=locale,
        presentation=None if presentation is None else bytes(presentation).hex(),
        evidence=evidence,
        proof=None if proof is None else bytes(proof).hex(),
        act=UUID(bytes=bytes(act)),
    )


def wording_of(row: tuple[Any, ...]) -> Wording:
    """The words of a notice."""
    version, locale, title, text, digest = row
    return Wording(version=version, locale=Locale(locale), title=title, text=text, sha256=digest)
