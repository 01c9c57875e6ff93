"""All SQL of uses, beside what stores them."""

from database.statement import Statement

_USE = "u.record, r.subject, r.kind, u.purpose, u.ref, u.since, u.restricted_at"
PAGE = Statement(f"""
    SELECT {_USE} FROM (
        SELECT record, purpose, ref, since, restricted_at FROM record_use
        WHERE tenant = :tenant AND (record, purpose, ref) > (:record, :purpose, :ref)
        ORDER BY record, purpose, ref LIMIT :limit
    ) u {{each record r ON r.tenant = :tenant AND r.id = u.record}}
    ORDER BY u.record, u.purpose, u.ref
""")  # noqa: S608 - constant columns
PRESENT = Statement(
    f"""
    SELECT {_USE} FROM {{q}}
    {{each record_use u ON u.tenant = :tenant AND u.record = q.record AND u.purpose = q.purpose AND u.ref = q.ref}}
    {{each record r ON r.tenant = :tenant AND r.id = q.record}}
    """,  # noqa: S608 - constant columns
    many={"q": {"record": "bigint", "purpose": "text", "ref": "text"}},
)
USES_OF = Statement(
    "SELECT u.record, u.purpose, u.ref, u.restricted_at FROM {q} "
    "{each record_use u ON u.tenant = :tenant AND u.record = q.record}",
    many={"q": {"record": "bigint"}},
)
LAST_RECORD = Statement("SELECT record FROM record_use WHERE tenant = :tenant ORDER BY record DESC LIMIT 1")
LAST_ACTIVITY = Statement(
    """
    SELECT r.subject, max(u.since) FROM {q} {each record r ON r.tenant = :tenant AND r.subject = q.subject}
    JOIN record_use u ON u.tenant = r.tenant AND u.record = r.id GROUP BY r.subject
    """,
    many={"q": {"subject": "bigint"}},
)
HOLD_PEOPLE = Statement(
    """
    SELECT s.id FROM {q} {each subject s ON s.tenant = :tenant AND s.id = q.subject} ORDER BY s.id {for_update:s}
    """,
    many={"q": {"subject": "bigint"}},
)
END_USE = Statement("""
    DELETE FROM record_use WHERE tenant = :tenant AND record = :record AND purpose = :purpose AND ref = :ref
""")
END_FIELD = Statement("DELETE FROM subject_field WHERE tenant = :tenant AND record = :record AND purpose = :purpose")
DELETE_UNUSED = Statement("""
    DELETE FROM record WHERE tenant = :tenant AND id = :record
    AND NOT EXISTS (SELECT 1 FROM record_use u WHERE u.tenant = record.tenant AND u.record = record.id)
""")
RESTRICT_USE = Statement("""
    UPDATE record_use SET restricted_at = :at
    WHERE tenant = :tenant AND record = :record AND purpose = :purpose AND ref = :ref AND restricted_at IS NULL
""")
MARK_RESTRICTED = Statement(
    "UPDATE record SET restricted = 1 WHERE tenant = :tenant AND id = :record AND restricted = 0"
)
LEFT_WITHOUT = Statement(
    """
    SELECT s.id FROM {q} {each subject s ON s.tenant = :tenant AND s.id = q.subject}
    WHERE s.state = 'active' AND NOT EXISTS (SELECT 1 FROM record r WHERE r.tenant = s.tenant AND r.subject = s.id)
    """,
    many={"q": {"subject": "bigint"}},
)
TENANTS = Statement("SELECT tenant, min(created_at) FROM kek GROUP BY tenant ORDER BY tenant")
UNFINISHED_SHREDDINGS_OF = Statement("""
    SELECT subject FROM shredding WHERE tenant = :tenant AND reason = :reason AND destroyed_at IS NULL ORDER BY id LIMIT :limit
""")
