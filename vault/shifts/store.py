"""All SQL of shift rules."""

from database.statement import Insertion, Statement
from vault.shifts.tables import ShiftRulesRow

LATEST_RULES = Statement("""
    SELECT version, source, applied_by, applied_at FROM shift_rules WHERE tenant = :tenant ORDER BY version DESC LIMIT 1
""")
INSERT_RULES = Insertion(ShiftRulesRow, ("tenant", "version", "source", "applied_by", "applied_at"))
