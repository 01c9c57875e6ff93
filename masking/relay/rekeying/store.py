"""All SQL of rekeying. `relay_bucket` and `relay_case` are the book of calls' own tables."""

from database.statement import Statement

_WHERE = "WHERE tenant = :tenant AND"
MOVE_PARTIES = Statement(f"""
    UPDATE relay_party SET fingerprint = :new, key_version = :version {_WHERE} fingerprint = :old AND NOT EXISTS (
        SELECT 1 FROM relay_party o WHERE o.tenant = :tenant AND o.fingerprint = :new AND o.subject = relay_party.subject)
""")  # noqa: S608 - constant condition
MOVE_ROUTES = Statement(f"""
    UPDATE relay_route SET caller = :new_route {_WHERE} caller = :old_route AND NOT EXISTS (
        SELECT 1 FROM relay_route o WHERE o.tenant = :tenant AND o.number = relay_route.number AND o.caller = :new_route)
""")  # noqa: S608 - constant condition
MOVE_BLOCKED_CALLERS = Statement(f"UPDATE relay_block SET caller = :new {_WHERE} caller = :old")  # noqa: S608 - constant condition
MOVE_BLOCKED_CALLEES = Statement(f"UPDATE relay_block SET callee = :new {_WHERE} callee = :old")  # noqa: S608 - constant condition
MOVE_BUCKET = Statement(f"""
    UPDATE relay_bucket SET key = :new {_WHERE} scope = 'caller' AND key = :old AND NOT EXISTS (
        SELECT 1 FROM relay_bucket o WHERE o.tenant = :tenant AND o.scope = 'caller' AND o.key = :new)
""")  # noqa: S608 - constant condition
MOVE_CASES = Statement(f"UPDATE relay_case SET caller = :new {_WHERE} caller = :old AND closed_at IS NULL")  # noqa: S608 - constant condition

BEHIND = Statement("""
    SELECT p.id, p.subject, p.record, p.fingerprint FROM relay_party p
    WHERE p.tenant = :tenant AND p.key_version < :version AND p.id > :after ORDER BY p.id LIMIT :limit
""")
LEFT_BEHIND = Statement("SELECT count(*) FROM relay_party WHERE tenant = :tenant AND key_version < :version")
LOSE = Statement("""
    UPDATE relay_party SET fingerprint = :lost, key_version = :version
    WHERE tenant = :tenant AND id = :id AND key_version < :version AND NOT EXISTS (
        SELECT 1 FROM relay_route r WHERE r.tenant = :tenant AND r.caller = :route)
""")
