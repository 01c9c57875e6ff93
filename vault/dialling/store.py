"""All SQL of dialling."""

from database.statement import Statement
from vault.store import RECORD_AND_SUBJECT

RECORDS_TO_DIAL = Statement(
    f"""
    SELECT {RECORD_AND_SUBJECT} FROM {{q}} {{each record r ON r.tenant = :tenant AND r.id = q.id}}
    JOIN subject s ON s.tenant = r.tenant AND s.id = r.subject
    JOIN dek d ON d.tenant = s.tenant AND d.subject = s.id ORDER BY s.id {{for_key_share:s}}
    """,  # noqa: S608 - a constant list of columns
    many={"q": {"id": "bigint"}},
)
PROFILE_RECORDS = Statement(
    """
    SELECT s.fingerprint, f.record
    FROM {q} {each subject s ON s.tenant = :tenant AND s.fingerprint = q.fingerprint}
    JOIN subject_field f ON f.tenant = s.tenant AND f.subject = s.id AND f.field = :field
    """,
    many={"q": {"fingerprint": "bytea"}},
)
