"""All SQL of what the relay keeps."""

from database.statement import Statement

_CALL = "c.leg, c.at, c.caller_subject, c.callee_subject, g.ref"
CALLS_KEPT = Statement(f"""
    SELECT {_CALL} FROM relay_call c LEFT JOIN relay_binding g ON g.tenant = c.tenant AND g.id = c.binding
    WHERE c.tenant = :tenant AND c.leg >= :first ORDER BY c.leg LIMIT :limit
""")  # noqa: S608 - constant columns
CALLS_PRESENT = Statement(
    f"""
    SELECT {_CALL} FROM {{q}} {{each relay_call c ON c.tenant = :tenant AND c.leg = q.leg}}
    LEFT JOIN relay_binding g ON g.tenant = c.tenant AND g.id = c.binding
    """,  # noqa: S608 - constant columns
    many={"q": {"leg": "bytea"}},
)
NEUTRALIZE_ONE_CALLER = Statement("""
    UPDATE relay_call SET caller = NULL, caller_subject = NULL WHERE tenant = :tenant AND leg = :leg
""")
NEUTRALIZE_ONE_CALLEE = Statement("UPDATE relay_call SET callee_subject = NULL WHERE tenant = :tenant AND leg = :leg")
DELETE_OF_NOBODY = Statement("""
    DELETE FROM relay_call WHERE tenant = :tenant AND leg = :leg AND caller_subject IS NULL AND callee_subject IS NULL
""")

_COOLED = """g.closed_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM relay_route r WHERE r.tenant = g.tenant AND r.binding = g.id)"""
_KEPT = "g.id, g.ref, g.closed_at, a.subject, b.subject, g.crew"
_KEPT_OF = """LEFT JOIN relay_party a ON a.tenant = g.tenant AND a.id = g.a
    LEFT JOIN relay_party b ON b.tenant = g.tenant AND b.id = g.b"""
BINDINGS_KEPT = Statement(f"""
    SELECT {_KEPT} FROM relay_binding g {_KEPT_OF}
    WHERE g.tenant = :tenant AND g.id >= :first AND {_COOLED} ORDER BY g.id LIMIT :limit
""")  # noqa: S608 - constant columns
BINDINGS_PRESENT = Statement(
    f"SELECT {_KEPT} FROM {{q}} {{each relay_binding g ON g.tenant = :tenant AND g.id = q.id}} {_KEPT_OF} WHERE {_COOLED}",  # noqa: S608 - constant columns
    many={"q": {"id": "bigint"}},
)
MEMBERS_OF = Statement(
    """
    SELECT m.crew, m.party, p.subject FROM {q} {each relay_member m ON m.tenant = :tenant AND m.crew = q.crew}
    JOIN relay_party p ON p.tenant = m.tenant AND p.id = m.party
    """,
    many={"q": {"crew": "bigint"}},
)
PARTIES_OF_BINDINGS = Statement(
    """
    SELECT p.id, p.fingerprint FROM {q} {each relay_binding g ON g.tenant = :tenant AND g.id = q.id}
    JOIN relay_party p ON p.tenant = g.tenant AND (p.id IN (g.a, g.b) OR p.id IN (
        SELECT m.party FROM relay_member m WHERE m.tenant = g.tenant AND m.crew = g.id))
    """,
    many={"q": {"id": "bigint"}},
)
LEAVE_A = Statement("UPDATE relay_binding SET a = NULL WHERE tenant = :tenant AND id = :id")
LEAVE_CREW = Statement("DELETE FROM relay_member WHERE tenant = :tenant AND crew = :crew AND party = :party")
LEAVE_B = Statement("UPDATE relay_binding SET b = NULL WHERE tenant = :tenant AND id = :id")
DELETE_BINDING_OF_NOBODY = Statement("""
    DELETE FROM relay_binding WHERE tenant = :tenant AND id = :id AND closed_at IS NOT NULL AND a IS NULL AND b IS NULL
        AND NOT EXISTS (SELECT 1 FROM relay_member m WHERE m.tenant = :tenant AND m.crew = :id)
        AND NOT EXISTS (SELECT 1 FROM relay_route r WHERE r.tenant = :tenant AND r.binding = :id)
""")
DELETE_UNBOUND_PARTY = Statement("""
    DELETE FROM relay_party WHERE tenant = :tenant AND id = :id
        AND NOT EXISTS (SELECT 1 FROM relay_binding g WHERE g.tenant = :tenant AND g.a = :id)
        AND NOT EXISTS (SELECT 1 FROM relay_binding g WHERE g.tenant = :tenant AND g.b = :id)
        AND NOT EXISTS (SELECT 1 FROM relay_member m WHERE m.tenant = :tenant AND m.party = :id)
        AND NOT EXISTS (SELECT 1 FROM relay_route r WHERE r.tenant = :tenant AND r.caller = :key)
        AND NOT EXISTS (SELECT 1 FROM relay_block k WHERE k.tenant = :tenant AND :fingerprint IN (k.caller, k.callee))
""")
