"""All SQL of shifts."""

from database.statement import Insertion, Statement
from vault.shifts.tables import ShiftRulesRow

LATEST_RULES = Statement("""
    SELECT version, source, applied_by, applied_at FROM shift_rules WHERE tenant = :tenant ORDER BY version DESC LIMIT 1
""")
INSERT_RULES = Insertion(ShiftRulesRow, ("tenant", "version", "source", "applied_by", "applied_at"))
LEASE_SHIFT = Statement("""
    INSERT INTO shift_budget (tenant, acted, began_at, leased) VALUES (:tenant, :acted, :at, :count)
    ON CONFLICT (tenant, acted) DO UPDATE SET
        leased = CASE WHEN shift_budget.began_at > :over THEN shift_budget.leased + :count ELSE :count END,
        began_at = CASE WHEN shift_budget.began_at > :over THEN shift_budget.began_at ELSE :at END
    RETURNING leased, began_at
""")
