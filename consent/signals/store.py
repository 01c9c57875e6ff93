"""All SQL of signals."""

from database.statement import Statement

SIGNALLED = Statement(
    """
    SELECT DISTINCT v.subject, v.purpose FROM {q} {each consent_event v ON v.tenant = :tenant AND v.subject = q.subject
    AND v.expressed_by = 'signal'}
    """,
    many={"q": {"subject": "bigint"}},
)
