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
OWN_RECORDS = Statement("""
    SELECT r.id, r.kind, r.format, r.token_version, r.serial, r.sealed, r.created_at, r.expires_at FROM record r
    WHERE r.tenant = :tenant AND r.subject = :subject AND (r.expires_at IS NULL OR r.expires_at > :at)
    ORDER BY r.kind, r.id DESC LIMIT :limit
""")
OWN_USES = Statement(  # CROSS JOIN keeps SQLite to this order: it would begin with all uses of the tenant
    """
    SELECT o.record, o.purpose, o.ref, o.since, o.restricted_at, o.earliest, o.uses FROM (
        SELECT u.record, u.purpose, u.ref, u.since, u.restricted_at,
            min(u.since) OVER (PARTITION BY u.record, u.purpose) AS earliest,
            count(*) OVER (PARTITION BY u.record, u.purpose) AS uses,
            row_number() OVER (PARTITION BY u.record, u.purpose ORDER BY u.since DESC, u.ref) AS place
        FROM record r CROSS JOIN record_use u
        WHERE r.tenant = :tenant AND r.subject = :subject AND u.tenant = r.tenant AND u.record = r.id
    ) o WHERE o.place = 1 ORDER BY o.record, o.earliest, o.purpose
"""
)
