"""All SQL of the audit log."""

from audit.tables import AuditAct, AuditCheckpoint, AuditEntry, AuditHead, AuditLeaf, AuditOrigin, AuditTallied
from database.statement import Insertion, Statement

INSERT_ACTS = Insertion(AuditAct, ("tenant", "id", "request", "action", "at", "parts"))
INSERT_ENTRIES = Insertion(AuditEntry, ("tenant", "act", "part", "body", "leaf"))

_FOUND = "e.id, e.act, e.part, l.log, l.leaf_index, e.body FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry = e.id"

ENTRIES_PAGE = Statement(f"""
    SELECT {_FOUND} WHERE e.tenant = :tenant AND (e.act, e.part) > (:act, :part) AND e.act < :edge
    ORDER BY e.act, e.part LIMIT :limit
""")

ENTRIES_PAGE_BACK = Statement(f"""
    SELECT {_FOUND} WHERE e.tenant = :tenant AND (e.act, e.part) < (:act, :part) AND e.act >= :edge
    ORDER BY e.act DESC, e.part DESC LIMIT :limit
""")

PLACE_OF_ENTRY = Statement("SELECT act, part FROM audit_entry WHERE tenant = :tenant AND id = :id")

ENTRIES_OF_REQUEST = Statement("""
    SELECT e.body FROM audit_act a JOIN audit_entry e ON e.tenant = a.tenant AND e.act = a.id
    WHERE a.tenant = :tenant AND a.request = :request ORDER BY a.id, e.part
""")

ENTRIES_OF_ACT = Statement("""
    SELECT e.body, l.log, l.leaf_index FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry = e.id
    WHERE e.tenant = :tenant AND e.act = :act ORDER BY e.part
""")

VERIFY_ENTRIES = Statement("""
    SELECT e.id, e.tenant, e.act, e.part, e.body, e.leaf, a.parts, a.action
    FROM audit_entry e LEFT JOIN audit_act a ON a.tenant = e.tenant AND a.id = e.act
    WHERE e.id > :after ORDER BY e.id LIMIT :limit
""")

VERIFY_ACTS = Statement("""
    SELECT a.tenant, a.id, a.action, a.parts, count(e.part), coalesce(sum(e.part), 0)
    FROM audit_act a LEFT JOIN audit_entry e ON e.tenant = a.tenant AND e.act = a.id
    WHERE (a.tenant = :tenant AND a.id > :after) OR a.tenant > :tenant
    GROUP BY a.tenant, a.id, a.action, a.parts ORDER BY a.tenant, a.id LIMIT :limit
""")

INSERT_ORIGINS = Insertion(AuditOrigin, ("log", "origin", "opened_at"), ignore_conflicts=True)
ORIGINS = Statement("SELECT log, origin FROM audit_origin ORDER BY log")

INSERT_HEADS = Insertion(
    AuditHead, ("id", "holder", "fence", "expires_at", "log", "size", "settled"), ignore_conflicts=True
)
HEAD = Statement("""
    SELECT h.log, o.origin, h.size, h.settled, h.fence, h.holder, h.expires_at
    FROM audit_head h JOIN audit_origin o ON o.log = h.log WHERE h.id = 1
""")
TAKE_LEASE = Statement("""
    UPDATE audit_head SET holder = :holder, fence = fence + 1, expires_at = :expires
    WHERE id = 1 AND (holder = :holder OR expires_at <= :now)
""")
KEEP_LEASE = Statement("UPDATE audit_head SET expires_at = :expires WHERE id = 1 AND fence = :fence")
MOVE_HEAD = Statement("""
    UPDATE audit_head SET size = :size, settled = :settled, expires_at = :expires
    WHERE id = 1 AND fence = :fence AND size = :before AND settled <= :settled
""")
BEGIN_LOG = Statement("""
    UPDATE audit_head SET holder = '', fence = fence + 1, expires_at = 0, log = :log, size = 1
    WHERE id = 1 AND log = :before
""")

INSERT_LEAVES = Insertion(AuditLeaf, ("entry", "log", "leaf_index"))
UNNUMBERED = Statement("""
    SELECT e.id, e.body, e.leaf FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry = e.id AND l.entry > :after
    WHERE e.id > :after AND l.entry IS NULL ORDER BY e.id LIMIT :limit
""")
REST_OF_ACT = Statement("""
    SELECT id, body, leaf FROM audit_entry WHERE tenant = :tenant AND act = :act AND id > :after ORDER BY id
""")
UNNUMBERED_ACTS = Statement("""
    SELECT e.act FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry = e.id AND l.entry > :after
    WHERE e.id > :after AND l.entry IS NULL ORDER BY e.id LIMIT :limit
""")
COUNT_UNNUMBERED = Statement("""
    SELECT count(*) FROM (
        SELECT 1 AS one FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry = e.id AND l.entry > :after
        WHERE e.id > :after AND l.entry IS NULL LIMIT :limit
    ) AS unnumbered
""")
ALLOCATED = Statement("""
    SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint),
        CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint),
        coalesce(pg_sequence_last_value(CAST('audit_entry_id_seq' AS regclass)), 0),
        set_config('enable_sort', 'off', true)
""")
NUMBERED = Statement("""
    SELECT l.leaf_index, e.body FROM audit_leaf l LEFT JOIN audit_entry e ON e.id = l.entry
    WHERE l.log = :log AND l.leaf_index >= :first ORDER BY l.leaf_index LIMIT :limit
""")
ENTRY_OF_ACT = Statement("SELECT id FROM audit_entry WHERE tenant = :tenant AND act = :act AND part = 1")

INSERT_CHECKPOINTS = Insertion(AuditCheckpoint, ("log", "size", "note", "at"))
CHECKPOINT_AT = Statement("SELECT note FROM audit_checkpoint WHERE log = :log AND size = :size")
LATEST_CHECKPOINT = Statement("""
    SELECT size, note, published FROM audit_checkpoint WHERE log = :log ORDER BY size DESC LIMIT 1
""")
CHECKPOINT_AT_OR_BELOW = Statement("SELECT max(size) FROM audit_checkpoint WHERE log = :log AND size <= :size")
CHECKPOINT_AT_OR_ABOVE = Statement("SELECT min(size) FROM audit_checkpoint WHERE log = :log AND size >= :size")
MARK_PUBLISHED = Statement("UPDATE audit_checkpoint SET published = :published WHERE log = :log AND size = :size")

INSERT_TALLIED = Insertion(AuditTallied, ("id", "log", "leaf_index"), ignore_conflicts=True)
TALLIED = Statement("SELECT log, leaf_index FROM audit_tallied WHERE id = 1")
MOVE_TALLIED = Statement("""
    UPDATE audit_tallied SET log = :log, leaf_index = :leaf WHERE id = 1 AND log = :log_before AND leaf_index = :leaf_before
""")
UNTALLIED = Statement("""
    SELECT e.tenant, e.body FROM audit_leaf l LEFT JOIN audit_entry e ON e.id = l.entry
    WHERE l.log = :log AND l.leaf_index >= :first ORDER BY l.leaf_index LIMIT :limit
""")
ADD_TALLIES = Statement(
    """
    INSERT INTO audit_tally (tenant, measure, day, code, count)
    SELECT q.tenant, q.measure, q.day, q.code, q.count FROM {q} WHERE true
    ON CONFLICT (tenant, measure, day, code) DO UPDATE SET count = audit_tally.count + excluded.count
    """,
    many={"q": {"tenant": "bigint", "measure": "text", "day": "bigint", "code": "text", "count": "bigint"}},
)
TALLIES = Statement(
    """
    SELECT q.place, t.code, sum(t.count)
    FROM {q} {each audit_tally t ON t.tenant = :tenant AND t.measure = :measure AND t.day >= q.first AND t.day < q.before}
    GROUP BY q.place, t.code
    """,
    many={"q": {"place": "bigint", "first": "bigint", "before": "bigint"}},
)
