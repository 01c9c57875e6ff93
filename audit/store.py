"""All SQL of the audit log."""

from audit.tables import AuditAct, AuditEntry
from database.statement import Insertion, Statement

INSERT_ACTS = Insertion(AuditAct, ("tenant", "id", "request", "action", "at", "parts"))
INSERT_ENTRIES = Insertion(AuditEntry, ("tenant", "act", "part", "body", "leaf"))

ENTRIES_PAGE = Statement("""
    SELECT id, body FROM audit_entry WHERE tenant = :tenant AND id > :after ORDER BY id LIMIT :limit
""")

ENTRIES_PAGE_BACK = Statement("""
    SELECT id, body FROM audit_entry WHERE tenant = :tenant AND id < :before ORDER BY id DESC LIMIT :limit
""")

ENTRIES_OF_REQUEST = Statement("""
    SELECT e.body FROM audit_act a JOIN audit_entry e ON e.tenant = a.tenant AND e.act = a.id
    WHERE a.tenant = :tenant AND a.request = :request ORDER BY a.id, e.part
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
