"""All SQL of what providers hold."""

from database.statement import Insertion, Statement
from masking.relay.providers.tables import RelayOutwardRow

POOLS = Statement("SELECT pool FROM relay_account WHERE tenant = :tenant AND pool > 0")
DUE_OF = Statement(
    """
    SELECT b.id, a.id, n.value FROM {q} {each relay_binding b ON b.tenant = :tenant AND b.id = q.id}
    JOIN relay_account a ON a.tenant = b.tenant AND a.pool = b.pool
    JOIN relay_number n ON n.tenant = b.tenant AND n.id = b.x
    WHERE a.pool > 0
    """,
    many={"q": {"id": "bigint"}},
)
BEHIND = Statement("""
    SELECT b.tenant, b.id FROM relay_account a
    JOIN relay_binding b ON b.tenant = a.tenant AND b.pool = a.pool
    LEFT JOIN relay_outward o ON o.tenant = b.tenant AND o.binding = b.id
    WHERE a.pool > 0 AND (
        (o.binding IS NULL AND b.closed_at IS NULL AND b.expires_at > :at)
        OR (o.state = 'held' AND (o.version < b.version OR b.closed_at IS NOT NULL OR b.expires_at <= :at)))
    ORDER BY b.id LIMIT :limit
""")
LEFT_BEHIND = Statement("""
    SELECT o.tenant, o.binding FROM relay_outward o
    LEFT JOIN relay_binding b ON b.tenant = o.tenant AND b.id = o.binding
    WHERE (o.state = 'waiting' AND o.next_at <= :before) OR (o.state = 'held' AND b.id IS NULL)
    ORDER BY o.next_at LIMIT :limit
""")

INSERT_OUTWARD = Insertion(
    RelayOutwardRow,
    (
        "tenant",
        "binding",
        "account",
        "number",
        "held",
        "state",
        "version",
        "attempts",
        "next_at",
        "fault",
        "changed_at",
    ),
    ignore_conflicts=True,
)
AWAKE = Statement("""
    UPDATE relay_outward SET state = 'waiting', attempts = 0, next_at = :at, fault = NULL, changed_at = :at
    WHERE tenant = :tenant AND binding = :binding AND state <> 'gone'
""")
_OUTWARD = "binding, account, number, held, state, version, attempts, next_at, fault, changed_at"
OUTWARD_TO_CHANGE = Statement(f"""
    SELECT {_OUTWARD} FROM relay_outward o WHERE tenant = :tenant AND binding = :binding {{for_update:o}}
""")  # noqa: S608 - constant columns
OUTWARDS = Statement(f"""
    SELECT {_OUTWARD} FROM relay_outward WHERE tenant = :tenant AND state = :state AND binding > :after
    ORDER BY binding LIMIT :limit
""")  # noqa: S608 - constant columns
OUTWARD_HELD = Statement("""
    SELECT binding FROM relay_outward WHERE tenant = :tenant AND account = :account AND held = :held
""")
LEASE = Statement("UPDATE relay_outward SET next_at = :until WHERE tenant = :tenant AND binding = :binding")
NOTE = Statement("""
    UPDATE relay_outward SET held = :held, state = :state, version = :version, attempts = :attempts, next_at = :next_at,
        fault = :fault, changed_at = :at
    WHERE tenant = :tenant AND binding = :binding
""")
LINE = Statement("""
    SELECT b.mode, b.extension, b.direction, b.record, b.max_seconds, b.expires_at, b.closed_at, b.version, x.value, y.value,
        a.subject, a.record, c.subject, c.record, b.b
    FROM relay_binding b
    JOIN relay_number x ON x.tenant = b.tenant AND x.id = b.x
    LEFT JOIN relay_number y ON y.tenant = b.tenant AND y.id = b.y
    LEFT JOIN relay_party a ON a.tenant = b.tenant AND a.id = b.a
    LEFT JOIN relay_party c ON c.tenant = b.tenant AND c.id = b.b
    WHERE b.tenant = :tenant AND b.id = :binding
""")
ENDS = Statement("""
    SELECT b.x, a.fingerprint, a.subject, c.fingerprint, c.subject FROM relay_binding b
    LEFT JOIN relay_party a ON a.tenant = b.tenant AND a.id = b.a
    LEFT JOIN relay_party c ON c.tenant = b.tenant AND c.id = b.b
    WHERE b.tenant = :tenant AND b.id = :binding
""")
FORGET_GONE = Statement("DELETE FROM relay_outward WHERE state = 'gone' AND changed_at < :before")
