"""All SQL of consent records.

An epoch is the person's lock: whoever adds an event takes its row first, in the order of the numbers, so that the events of a
person stand one behind the other in whichever process they happen.
"""

from typing import Any

from consent.records.standing import Event, ExpressedBy, Standing, State
from consent.tables import ConsentEpochRow, ConsentEventRow
from database.statement import Insertion, Statement
from database.transaction import Transaction

MAKE_EPOCHS = Insertion(ConsentEpochRow, ("tenant", "subject", "epoch", "instant", "child"), ignore_conflicts=True)
EPOCHS_TO_MOVE = Statement(
    """
    SELECT e.subject, e.epoch, e.instant, e.child FROM consent_epoch e
    WHERE e.tenant = :tenant AND e.subject IN (SELECT q.subject FROM {q}) ORDER BY e.subject {for_update:e}
    """,
    many={"q": {"subject": "bigint"}},
)
MOVE_EPOCHS = Statement(
    """
    INSERT INTO consent_epoch (tenant, subject, epoch, instant, child)
    SELECT q.tenant, q.subject, q.epoch, q.instant, q.child = 1 FROM {q} WHERE true
    ON CONFLICT (tenant, subject) DO UPDATE SET epoch = excluded.epoch, instant = excluded.instant, child = excluded.child
    """,
    many={"q": {"tenant": "bigint", "subject": "bigint", "epoch": "bigint", "instant": "bigint", "child": "int"}},
)

_STANDING = """c.subject, c.purpose, c.state, c.event, c.epoch, c.instant, c.stated_at, c.notice_version, c.recipients,
    c.expressed_by, c.valid_until, c.refused_at"""
PEOPLE = Statement(
    f"""
    SELECT e.subject, e.epoch, e.instant, e.child, {_STANDING}
    FROM {{q}} {{each consent_epoch e ON e.tenant = :tenant AND e.subject = q.subject}}
    LEFT JOIN consent_current c ON c.tenant = e.tenant AND c.subject = e.subject
    """,  # noqa: S608 - a constant list of columns
    many={"q": {"subject": "bigint"}},
)
STANDINGS = Statement(
    f"""
    SELECT {_STANDING} FROM {{q}} {{each consent_current c ON c.tenant = :tenant AND c.subject = q.subject}}
    """,  # noqa: S608 - a constant list of columns
    many={"q": {"subject": "bigint"}},
)
STANDINGS_TO = Statement(
    f"""
    SELECT {_STANDING} FROM {{q}} {{each consent_current c ON c.tenant = :tenant AND c.subject = q.subject
    AND c.purpose = q.purpose}}
    """,  # noqa: S608 - a constant list of columns
    many={"q": {"subject": "bigint", "purpose": "text"}},
)
PUT_STANDINGS = Statement(
    """
    INSERT INTO consent_current (tenant, subject, purpose, state, event, epoch, instant, stated_at, notice_version,
        recipients, expressed_by, valid_until, refused_at)
    SELECT q.tenant, q.subject, q.purpose, q.state, q.event, q.epoch, q.instant, q.stated_at, q.notice_version,
        q.recipients, q.expressed_by, q.valid_until, q.refused_at FROM {q} WHERE true
    ON CONFLICT (tenant, subject, purpose) DO UPDATE SET state = excluded.state, event = excluded.event,
        epoch = excluded.epoch, instant = excluded.instant, stated_at = excluded.stated_at,
        notice_version = excluded.notice_version, recipients = excluded.recipients,
        expressed_by = excluded.expressed_by, valid_until = excluded.valid_until, refused_at = excluded.refused_at
    """,
    many={
        "q": {
            "tenant": "bigint",
            "subject": "bigint",
            "purpose": "text",
            "state": "text",
            "event": "bigint",
            "epoch": "bigint",
            "instant": "bigint",
            "stated_at": "bigint",
            "notice_version": "bigint",
            "recipients": "text",
            "expressed_by": "text",
            "valid_until": "bigint",
            "refused_at": "bigint",
        }
    },
)
INSERT_EVENTS = Insertion(
    ConsentEventRow,
    (
        "id",
        "tenant",
        "subject",
        "epoch",
        "purpose",
        "state",
        "instant",
        "stated_at",
        "notice_version",
        "locale",
        "wording",
        "presentation",
        "shown",
        "channel",
        "method",
        "expressed_by",
        "evidence",
        "evidence_digest",
        "recipients",
        "valid_until",
        "child",
        "credential",
        "act",
    ),
)

_EVENT = """v.id, v.epoch, v.purpose, v.state, v.instant, v.stated_at, v.notice_version, v.recipients, v.expressed_by,
    v.valid_until, v.child"""
EVENTS_UNTIL = Statement(
    f"""
    SELECT v.subject, {_EVENT} FROM {{q}} {{each consent_event v ON v.tenant = :tenant AND v.subject = q.subject
    AND v.instant <= q.instant}} ORDER BY v.subject, v.epoch
    """,  # noqa: S608 - a constant list of columns
    many={"q": {"subject": "bigint", "instant": "bigint"}},
)
EVENTS_BY_ID = Statement(
    f"SELECT {_EVENT} FROM {{q}} {{each consent_event v ON v.tenant = :tenant AND v.id = q.id}}",  # noqa: S608
    many={"q": {"id": "bigint"}},
)
HISTORY = Statement(f"""
    SELECT {_EVENT}, v.locale, v.wording, v.presentation, v.shown, v.channel, v.method, v.evidence, v.evidence_digest
    FROM consent_event v WHERE v.tenant = :tenant AND v.subject = :subject AND v.epoch > :after
    ORDER BY v.epoch LIMIT :limit
""")  # noqa: S608 - a constant list of columns
OWN_HISTORY = Statement(f"""
    SELECT {_EVENT} FROM consent_event v WHERE v.tenant = :tenant AND v.subject = :subject AND v.epoch < :before
    ORDER BY v.epoch DESC LIMIT :limit
""")  # noqa: S608 - a constant list of columns
LANGUAGES = Statement(
    """
    SELECT v.subject, v.locale FROM {q} {each consent_event v ON v.tenant = :tenant AND v.subject = q.id
    AND v.locale IS NOT NULL} ORDER BY v.subject, v.epoch
    """,
    many={"q": {"id": "bigint"}},
)
LATEST_WORDINGS = Statement(
    """
    SELECT v.id, v.locale, v.wording, v.channel FROM {q} {each consent_event v ON v.tenant = :tenant AND v.id = q.id}
    """,
    many={"q": {"id": "bigint"}},
)
NOTICE_TEXTS = Statement(
    """
    SELECT t.purpose, t.version, t.locale, t.digest FROM {q} {each consent_notice_text t ON t.tenant = :tenant
    AND t.purpose = q.purpose AND t.version = q.version}
    """,
    many={"q": {"purpose": "text", "version": "bigint"}},
)

RUN_OUT = Statement("""
    SELECT tenant, subject, purpose FROM consent_current
    WHERE valid_until <= :at AND state IN ('given', 'renewed') ORDER BY valid_until LIMIT :limit
""")

DELETE_STANDINGS_OF = Statement("DELETE FROM consent_current WHERE tenant = :tenant AND subject = :subject")
DELETE_EPOCH_OF = Statement("DELETE FROM consent_epoch WHERE tenant = :tenant AND subject = :subject")
NEUTRALIZE_EVENTS_OF = Statement("""
    UPDATE consent_event SET presentation = NULL, channel = NULL, evidence = NULL, evidence_digest = NULL, shown = ''
    WHERE tenant = :tenant AND subject = :subject
""")
COUNTED_STANDINGS = Statement("""
    SELECT c.purpose, count(*), min(v.instant) FROM consent_current c
    JOIN consent_event v ON v.tenant = c.tenant AND v.subject = c.subject AND v.purpose = c.purpose
    WHERE c.tenant = :tenant AND c.subject = :subject GROUP BY c.purpose ORDER BY c.purpose
""")
DELETE_STANDING = Statement("""
    DELETE FROM consent_current WHERE tenant = :tenant AND subject = :subject AND purpose = :purpose
""")
NEUTRALIZE_EVENTS_OF_PURPOSE = Statement("""
    UPDATE consent_event SET presentation = NULL, channel = NULL, evidence = NULL, evidence_digest = NULL, shown = ''
    WHERE tenant = :tenant AND subject = :subject AND purpose = :purpose
""")

_NOTIFY = Statement("SELECT pg_notify(:channel, :payload)")
CHANNEL, EVENTS = "moat_consent", "consent_event"


def tell(tx: Transaction, tenant: int, subject: int) -> None:
    """Let other processes know, at the commit, that this person's standings have changed. On SQLite every process sees it."""
    if tx.dialect == "postgresql":
        tx.one(_NOTIFY, channel=CHANNEL, payload=f"{tenant}:{subject}")


def event_of(row: tuple[Any, ...]) -> Event:
    """An event from its columns."""
    number, epoch, purpose, state, instant, stated_at, notice, recipients, by, valid_until, child = row
    return Event(
        number,
        epoch,
        purpose,
        State(state),
        instant,
        stated_at,
        notice,
        frozenset(recipients.split()),
        ExpressedBy(by),
        valid_until,
        bool(child),
    )


def standing_of(row: tuple[Any, ...]) -> Standing:
    """A standing from its columns, without subject and purpose."""
    state, event, epoch, instant, stated_at, notice, recipients, by, valid_until, refused_at = row
    return Standing(
        State(state),
        event,
        epoch,
        instant,
        stated_at,
        notice,
        frozenset(recipients.split()),
        ExpressedBy(by),
        valid_until,
        refused_at,
    )


def standing_columns(standing: Standing) -> tuple[Any, ...]:
    """The columns of a standing, without subject and purpose."""
    return (
        standing.state.value,
        standing.event,
        standing.epoch,
        standing.instant,
        standing.stated_at,
        standing.notice_version,
        " ".join(sorted(standing.recipients)),
        standing.expressed_by.value,
        standing.valid_until,
        standing.refused_at,
    )
