"""All SQL of the rights of people."""

from database.statement import Statement

SUBJECT = Statement("SELECT type, state, created_at FROM subject WHERE tenant = :tenant AND id = :subject")
COUNTED_USES = Statement("""
    SELECT r.kind, COALESCE(u.purpose, ''), COALESCE(u.ref, ''), count(*), min(COALESCE(u.since, r.created_at))
    FROM record r LEFT JOIN record_use u ON u.tenant = r.tenant AND u.record = r.id
    WHERE r.tenant = :tenant AND r.subject = :subject
    GROUP BY r.kind, COALESCE(u.purpose, ''), COALESCE(u.ref, '') ORDER BY 1, 2, 3
""")
USES_OF = Statement("""
    SELECT r.id, r.kind, COALESCE(u.purpose, ''), COALESCE(u.ref, '')
    FROM record r LEFT JOIN record_use u ON u.tenant = r.tenant AND u.record = r.id
    WHERE r.tenant = :tenant AND r.subject = :subject ORDER BY r.id
""")
RECORDS_OF = Statement("SELECT id, kind FROM record WHERE tenant = :tenant AND subject = :subject ORDER BY kind, id")
SEALED = Statement(
    """
    SELECT r.id, r.kind, r.sealed, r.created_at, r.expires_at
    FROM {q} {each record r ON r.tenant = :tenant AND r.id = q.id AND r.subject = :subject} ORDER BY r.kind, r.id
    """,
    many={"q": {"id": "bigint"}},
)
USES_OF_RECORDS = Statement(
    """
    SELECT u.record, u.purpose, u.ref, u.since
    FROM {q} {each record_use u ON u.tenant = :tenant AND u.record = q.id} ORDER BY u.record, u.since, u.purpose, u.ref
    """,
    many={"q": {"id": "bigint"}},
)
UNREFERRED_USES = Statement("""
    SELECT u.record, u.purpose, r.format FROM record r JOIN record_use u ON u.tenant = r.tenant AND u.record = r.id
    WHERE r.tenant = :tenant AND r.subject = :subject AND r.kind = :kind AND u.ref = '' ORDER BY u.record, u.purpose
""")
ASSIGNMENTS_OF = Statement("""
    SELECT ref, stage, updated_at FROM assignment WHERE tenant = :tenant AND courier = :subject ORDER BY ref
""")
DELETE_ASSIGNMENT = Statement("DELETE FROM assignment WHERE tenant = :tenant AND courier = :subject AND ref = :ref")
DELETE_FIELDS_FOR = Statement("""
    DELETE FROM subject_field WHERE tenant = :tenant AND subject = :subject AND record = :record AND purpose = :purpose
""")
DELETE_RECORDS_WITHOUT_USE = Statement("""
    DELETE FROM record WHERE tenant = :tenant AND subject = :subject AND NOT EXISTS (
        SELECT 1 FROM record_use u WHERE u.tenant = record.tenant AND u.record = record.id)
""")
