"""All SQL of the handover."""

from database.statement import Insertion, Statement
from vault.handover.tables import Assignment, HandoverTableRow

_PARTIES = "SELECT courier, customer, merchant, stage, stage_at FROM assignment a WHERE tenant = :tenant AND ref = :ref"
PARTIES = Statement(_PARTIES)
PARTIES_TO_HOLD = Statement(_PARTIES + " {for_key_share:a}")
ORDERS_UNDER_WAY = Statement(
    """
    SELECT a.ref FROM {q} {each assignment a ON a.tenant = :tenant AND a.ref = q.ref}
    WHERE a.stage IN ('assigned', 'picked_up') AND a.updated_at > :since
    """,
    many={"q": {"ref": "text"}},
)

_ORDER = "a.courier, a.stage, a.version, a.stage_at, a.customer, a.merchant, a.alias, a.nonce, a.tries"
ORDER_TO_CHANGE = Statement(
    f"SELECT {_ORDER} FROM assignment a WHERE tenant = :tenant AND ref = :ref {{for_update:a}}"  # noqa: S608 - constant columns
)
ORDERS_TO_CHANGE = Statement(
    f"""
    SELECT a.ref, {_ORDER} FROM {{q}} {{each assignment a ON a.tenant = :tenant AND a.ref = q.ref}} {{for_update:a}}
    """,  # noqa: S608 - constant columns
    many={"q": {"ref": "text"}},
)
_STANDS = ("updated_at", "courier", "stage", "version", "stage_at", "customer", "merchant", "alias", "nonce", "tries")
INSERT_ORDERS = Insertion(Assignment, ("tenant", "ref", *_STANDS))
CHANGE_ORDER = Statement(
    f"UPDATE assignment SET {', '.join(f'{name} = :{name}' for name in _STANDS)} WHERE tenant = :tenant AND ref = :ref"  # noqa: S608 - constant columns
)
TOUCH_ORDER = Statement("UPDATE assignment SET updated_at = :at WHERE tenant = :tenant AND ref = :ref")
COUNT_TRY = Statement("UPDATE assignment SET tries = tries + 1 WHERE tenant = :tenant AND ref = :ref")
ALIASES_OF_COURIER = Statement("""
    SELECT alias FROM assignment
    WHERE tenant = :tenant AND courier = :courier AND stage IN ('assigned', 'picked_up') AND alias <> ''
""")
TABLE = Statement("""
    SELECT version, source, applied_by, applied_at FROM handover_table
    WHERE tenant = :tenant AND version = :version
""")
LATEST_TABLE = Statement("""
    SELECT version, source, applied_by, applied_at FROM handover_table
    WHERE tenant = :tenant ORDER BY version DESC LIMIT 1
""")
INSERT_TABLES = Insertion(HandoverTableRow, ("tenant", "version", "source", "applied_by", "applied_at"))

_SUBJECT = "s.fingerprint, s.id, s.state, s.type, s.sealed_identity, d.version, d.kek, d.wrapped, s.restricted"
_VERSION = "coalesce((SELECT max(t.version) FROM handover_table t WHERE t.tenant = :tenant), 0)"
COURIER_AT_ORDER = Statement(f"""
    SELECT {_SUBJECT}, f.id, {_VERSION}, EXISTS (
        SELECT 1 FROM record_use u WHERE u.tenant = s.tenant AND u.record = :record AND u.ref = :ref
    ), a.ref, a.stage, a.stage_at, a.alias, a.customer
    FROM subject s JOIN dek d ON d.tenant = s.tenant AND d.subject = s.id
    LEFT JOIN access_freeze f ON f.tenant = s.tenant AND f.kind = 'courier' AND f.target = s.id AND f.lifted_at IS NULL
    LEFT JOIN assignment a ON a.tenant = s.tenant AND a.ref = :ref AND a.courier = s.id
    WHERE s.tenant = :tenant AND s.fingerprint = :fingerprint
""")  # noqa: S608 - constant lists of columns
ORDERS_OF = Statement(
    """
    SELECT a.ref, a.stage, a.stage_at, a.alias, a.customer, a.courier
    FROM {q} {each assignment a ON a.tenant = :tenant AND a.ref = q.ref}
    """,
    many={"q": {"ref": "text"}},
)
TABLE_VERSION = Statement("SELECT max(version) FROM handover_table WHERE tenant = :tenant")

GUARDS = Statement(
    """
    SELECT q.person,
        (SELECT count(*) FROM access_freeze f
         WHERE f.tenant = :tenant AND f.kind = 'courier' AND f.target = q.person AND f.lifted_at IS NULL),
        (SELECT coalesce(max(p.chosen), 0) FROM preference p
         WHERE p.tenant = :tenant AND p.subject = q.person AND p.name = 'anonymous_orders')
    FROM {q}
    """,
    many={"q": {"person": "bigint"}},
)
PREFERENCES = Statement("SELECT name, chosen FROM preference WHERE tenant = :tenant AND subject = :subject")
PUT_PREFERENCE = Statement("""
    INSERT INTO preference (tenant, subject, name, chosen, updated_at) VALUES (:tenant, :subject, :name, :chosen, :at)
    ON CONFLICT (tenant, subject, name) DO UPDATE SET chosen = :chosen, updated_at = :at
""")

FORGET_PREFERENCES = Statement("DELETE FROM preference WHERE tenant = :tenant AND subject = :subject")
