"""All SQL of the relay."""

from database.statement import Insertion, Statement
from masking.relay.tables import (
    RelayBindingRow,
    RelayBlockRow,
    RelayMemberRow,
    RelayNumberRow,
    RelayPartyRow,
    RelayPoolRow,
    RelayRouteRow,
)

TERMS = (
    "modes",
    "matching",
    "sticky",
    "cool",
    "open_cool",
    "capacity",
    "digits",
    "lasts",
    "lasts_at_most",
)
POOL_COLUMNS = ("name", *TERMS, "epoch")
_POOL = ", ".join(("id", *POOL_COLUMNS))
INSERT_POOLS = Insertion(RelayPoolRow, ("id", "tenant", *POOL_COLUMNS, "created_at"))
POOL = Statement(f"SELECT {_POOL} FROM relay_pool WHERE tenant = :tenant AND id = :id")  # noqa: S608 - constant columns
POOL_BY_NAME = Statement(f"SELECT {_POOL} FROM relay_pool WHERE tenant = :tenant AND name = :name")  # noqa: S608 - constant columns
ANY_POOL = Statement("SELECT 1 FROM relay_pool WHERE tenant = :tenant LIMIT 1")
POOLS = Statement(
    f"SELECT {_POOL} FROM relay_pool WHERE tenant = :tenant AND id > :after ORDER BY id LIMIT :limit"  # noqa: S608 - constant columns
)
CHANGE_POOL = Statement(f"""
    UPDATE relay_pool SET {", ".join(f"{term} = :{term}" for term in TERMS)}, epoch = epoch + 1
    WHERE tenant = :tenant AND id = :id
""")  # noqa: S608 - constant columns
MOVE_EPOCH = Statement("UPDATE relay_pool SET epoch = epoch + 1 WHERE tenant = :tenant AND id = :pool")

INSERT_NUMBERS = Insertion(
    RelayNumberRow,
    (
        "tenant",
        "pool",
        "kind",
        "value",
        "area",
        "province",
        "carrier",
        "voice",
        "texts",
        "state",
        "since",
        "not_before",
        "load",
        "exclusive",
    ),
)
KNOWN_VALUES = Statement(
    "SELECT n.value FROM {q} {each relay_number n ON n.tenant = :tenant AND n.value = q.value}",
    many={"q": {"value": "text"}},
)
NUMBERS_OF_POOL = Statement("""
    SELECT id, area, province, voice, texts FROM relay_number
    WHERE tenant = :tenant AND pool = :pool AND state <> 'retired' ORDER BY id
""")
NUMBER_COLUMNS = "id, pool, kind, value, area, province, carrier, voice, texts, state, since, not_before, load"
NUMBERS = Statement(f"""
    SELECT {NUMBER_COLUMNS} FROM relay_number
    WHERE tenant = :tenant AND (:pool = 0 OR pool = :pool) AND id > :after ORDER BY id LIMIT :limit
""")  # noqa: S608 - constant columns
NUMBER = Statement(f"SELECT {NUMBER_COLUMNS} FROM relay_number WHERE tenant = :tenant AND value = :value")  # noqa: S608 - constant columns
NUMBER_ID = Statement("SELECT id, pool FROM relay_number WHERE tenant = :tenant AND value = :value")
NUMBER_TO_CHANGE = Statement("""
    SELECT n.id, n.pool, n.state, n.not_before, n.load FROM relay_number n
    WHERE n.tenant = :tenant AND n.value = :value {for_update:n}
""")
COUNT_AVAILABLE = Statement(
    "SELECT count(*) FROM relay_number WHERE tenant = :tenant AND pool = :pool AND state = 'available'"
)
COUNT_STATES = Statement("""
    SELECT pool, CASE WHEN state = 'available' AND not_before > :at THEN 'resting' ELSE state END, count(*), sum(load)
    FROM relay_number WHERE tenant = :tenant GROUP BY 1, 2 ORDER BY 1, 2
""")
VALUES = Statement(
    "SELECT n.id, n.value FROM {q} {each relay_number n ON n.tenant = :tenant AND n.id = q.id}",
    many={"q": {"id": "bigint"}},
)
SET_NUMBER_STATE = Statement("""
    UPDATE relay_number SET state = :state, since = :at, not_before = :not_before WHERE tenant = :tenant AND id = :id
""")
REST = Statement("""
    UPDATE relay_number SET not_before = CASE WHEN not_before > :until THEN not_before ELSE :until END
    WHERE tenant = :tenant AND id = :id
""")
FIT = Statement(
    """
    SELECT n.id FROM {q} {each relay_number n ON n.tenant = :tenant AND n.id = q.id}
    WHERE n.state = 'available' AND n.not_before <= :at AND n.exclusive IS NULL AND n.load < :capacity
    """,
    many={"q": {"id": "bigint"}},
)
LOAD = Statement("""
    UPDATE relay_number SET load = load + 1, exclusive = :exclusive
    WHERE tenant = :tenant AND id = :id AND state = 'available' AND not_before <= :at AND exclusive IS NULL AND load < :capacity
""")
UNLOAD = Statement("""
    UPDATE relay_number SET load = load - 1, exclusive = NULL,
        not_before = CASE WHEN exclusive IS NULL OR not_before > :not_before THEN not_before ELSE :not_before END
    WHERE tenant = :tenant AND id = :id
""")
NEXT_ENDING = Statement("""
    SELECT min(expires_at) FROM relay_binding WHERE tenant = :tenant AND pool = :pool AND closed_at IS NULL
""")
NEXT_RESTED = Statement("""
    SELECT min(not_before) FROM relay_number
    WHERE tenant = :tenant AND pool = :pool AND state = 'available' AND not_before > :at
""")

PARTIES = Statement(
    """
    SELECT p.fingerprint, p.subject, p.id, p.record, p.frozen_until FROM {q}
    {each relay_party p ON p.tenant = :tenant AND p.fingerprint = q.fingerprint} ORDER BY p.id {for_update:p}
    """,
    many={"q": {"fingerprint": "bytea"}},
)
CALLER = Statement("""
    SELECT p.subject FROM relay_party p WHERE p.tenant = :tenant AND p.fingerprint = :caller AND (p.id IN (:a, :b) OR p.id IN (
        SELECT m.party FROM relay_member m WHERE m.tenant = :tenant AND m.crew = :binding))
""")
PARTIES_BY_ID = Statement(
    "SELECT p.id, p.fingerprint, p.subject FROM {q} {each relay_party p ON p.tenant = :tenant AND p.id = q.id}",
    many={"q": {"id": "bigint"}},
)
PARTIES_OF_PERSON = Statement("""
    SELECT p.id, p.fingerprint FROM relay_party p WHERE p.tenant = :tenant AND p.subject = :subject ORDER BY p.id {for_update:p}
""")
INSERT_PARTIES = Insertion(
    RelayPartyRow, ("id", "tenant", "fingerprint", "subject", "record", "frozen_until", "created_at", "key_version")
)
MOVE_PARTY = Statement("UPDATE relay_party SET record = :record WHERE tenant = :tenant AND id = :id")
FREEZE_PARTY = Statement("UPDATE relay_party SET frozen_until = :until WHERE tenant = :tenant AND id = :id")
FINGERPRINT_THERE = Statement("SELECT 1 FROM relay_party WHERE tenant = :tenant AND fingerprint = :fingerprint LIMIT 1")
DELETE_PARTY = Statement("DELETE FROM relay_party WHERE tenant = :tenant AND id = :id")

HELD = Statement(
    """
    SELECT r.caller, r.number, r.cool_until, r.binding, b.a, b.b, b.expires_at FROM {q}
    {each relay_route r ON r.tenant = :tenant AND r.caller = q.caller}
    JOIN relay_binding b ON b.tenant = r.tenant AND b.id = r.binding
    """,
    many={"q": {"caller": "bytea"}},
)
EXTENSIONS = Statement("""
    SELECT caller FROM relay_route WHERE tenant = :tenant AND number = :number AND caller >= :first AND caller < :beyond
        AND (cool_until IS NULL OR cool_until > :at)
""")
INSERT_ROUTES = Insertion(
    RelayRouteRow, ("tenant", "number", "caller", "binding", "party", "side", "target", "shown", "cool_until")
)
DELETE_COOLED = Statement("""
    DELETE FROM relay_route WHERE tenant = :tenant AND number = :number AND caller = :caller
        AND (cool_until <= :at OR (binding = :again AND cool_until IS NOT NULL))
""")
DIALLED_BY = Statement(
    """
    SELECT q.place, n.id, n.state, p.digits, r.caller, r.side, r.target, r.shown, r.cool_until,
        b.id, b.direction, b.texts, b.record, b.max_seconds, b.expires_at, b.closed_at, b.order_ref, b.a, b.b,
        c.subject, t.fingerprint, t.subject, t.record, t.frozen_until, t.id IS NOT NULL AND EXISTS (
            SELECT 1 FROM relay_block k WHERE k.tenant = :tenant AND k.caller IN (q.caller, :anybody)
            AND k.callee IN (t.fingerprint, :anybody) AND k.number IN (n.id, 0) AND (k.until IS NULL OR k.until > :at))
    FROM {q} {each relay_number n ON n.tenant = :tenant AND n.value = q.value}
    {each relay_pool p ON p.tenant = n.tenant AND p.id = n.pool}
    {any relay_route r ON r.tenant = n.tenant AND r.number = n.id AND r.caller = q.route}
    {any relay_binding b ON b.tenant = r.tenant AND b.id = r.binding}
    {any relay_party c ON c.tenant = r.tenant AND c.id = r.party}
    {any relay_party t ON t.tenant = r.tenant AND t.id = r.target}
    """,
    many={"q": {"place": "bigint", "value": "text", "caller": "bytea", "route": "bytea"}},
)
ROUTES_OF_BINDING = Statement("""
    SELECT number, caller, side, target, shown, cool_until FROM relay_route WHERE tenant = :tenant AND binding = :binding
    ORDER BY number, caller
""")
ROUTES_OF_CALLER = Statement("""
    SELECT r.number, r.binding, r.cool_until, p.cool FROM relay_route r
    JOIN relay_binding b ON b.tenant = r.tenant AND b.id = r.binding
    JOIN relay_pool p ON p.tenant = b.tenant AND p.id = b.pool
    WHERE r.tenant = :tenant AND r.caller = :caller AND r.party = :party ORDER BY r.number
""")
COOL = Statement("""
    UPDATE relay_route SET target = NULL, cool_until = :until WHERE tenant = :tenant AND binding = :binding AND cool_until IS NULL
""")
COOL_ONE = Statement("""
    UPDATE relay_route SET target = NULL, cool_until = :until
    WHERE tenant = :tenant AND number = :number AND caller = :caller AND binding = :binding
""")
REDIRECT = Statement("""
    UPDATE relay_route SET target = :target
    WHERE tenant = :tenant AND binding = :binding AND side = :side AND cool_until IS NULL
""")
DELETE_ROUTE = Statement(
    "DELETE FROM relay_route WHERE tenant = :tenant AND number = :number AND caller = :caller AND binding = :binding"
)
LENGTHEN_ANYBODY = Statement("""
    UPDATE relay_route SET cool_until = CASE WHEN cool_until > :until THEN cool_until ELSE :until END
    WHERE tenant = :tenant AND number = :number AND caller = :caller AND cool_until IS NOT NULL
""")
ROUTE_THERE = Statement(
    "SELECT cool_until FROM relay_route WHERE tenant = :tenant AND number = :number AND caller = :caller"
)
FORGET_COOLED = Statement("DELETE FROM relay_route WHERE cool_until <= :before")

BINDING_COLUMNS = (
    "id",
    "pool",
    "mode",
    "order_ref",
    "a",
    "b",
    "crew",
    "x",
    "y",
    "extension",
    "direction",
    "texts",
    "record",
    "max_seconds",
    "version",
    "created_at",
    "expires_at",
    "closed_at",
    "close_reason",
    "ref",
)
_BINDING = ", ".join(f"g.{column}" for column in BINDING_COLUMNS)
INSERT_BINDINGS = Insertion(RelayBindingRow, ("tenant", *BINDING_COLUMNS))
BINDING = Statement(f"SELECT {_BINDING} FROM relay_binding g WHERE g.tenant = :tenant AND g.id = :id")  # noqa: S608 - constant columns
BINDING_TO_CHANGE = Statement(
    f"SELECT {_BINDING} FROM relay_binding g WHERE g.tenant = :tenant AND g.id = :id {{for_update:g}}"  # noqa: S608 - constant columns
)
BINDINGS = Statement(
    f"SELECT {_BINDING} FROM relay_binding g WHERE g.tenant = :tenant AND g.id > :after ORDER BY g.id LIMIT :limit"  # noqa: S608 - constant columns
)
BINDINGS_OF_ORDERS = Statement(
    f"""
    SELECT {_BINDING} FROM {{q}} {{each relay_binding g ON g.tenant = :tenant AND g.order_ref = q.order_ref}} ORDER BY g.id
    """,  # noqa: S608 - constant columns
    many={"q": {"order_ref": "text"}},
)
BINDINGS_OF_PARTY = Statement(f"""
    SELECT {_BINDING} FROM relay_binding g WHERE g.tenant = :tenant AND (g.a = :party OR g.b = :party) ORDER BY g.id
""")  # noqa: S608 - constant columns
BINDINGS_OF_MEMBER = Statement(f"""
    SELECT {_BINDING} FROM relay_member m JOIN relay_binding g ON g.tenant = m.tenant AND g.id = m.crew
    WHERE m.tenant = :tenant AND m.party = :party ORDER BY g.id
""")  # noqa: S608 - constant columns
_OF_PERSON = """
    SELECT {0} FROM relay_party p JOIN relay_binding g ON g.tenant = p.tenant AND g.a = p.id {1}
    WHERE p.tenant = :tenant AND p.subject = :subject
    UNION SELECT {0} FROM relay_party p JOIN relay_binding g ON g.tenant = p.tenant AND g.b = p.id {1}
    WHERE p.tenant = :tenant AND p.subject = :subject
    UNION SELECT {0} FROM relay_party p JOIN relay_member m ON m.tenant = p.tenant AND m.party = p.id
    JOIN relay_binding g ON g.tenant = m.tenant AND g.id = m.crew {1}
    WHERE p.tenant = :tenant AND p.subject = :subject
"""
COUNT_OF_PERSON = Statement(
    f"SELECT count(*), min(held.created_at) FROM ({_OF_PERSON.format('g.id, g.created_at', '')}) AS held"  # noqa: S608 - constant columns
)
BINDINGS_OF_PERSON = Statement(
    _OF_PERSON.format(
        "g.mode, n.value, g.created_at, g.expires_at, g.closed_at, g.close_reason, g.id",
        "JOIN relay_number n ON n.tenant = g.tenant AND n.id = g.x",
    )
    + " ORDER BY 3, 7"
)
CHANGE_BINDING = Statement("""
    UPDATE relay_binding SET a = :a, b = :b, direction = :direction, texts = :texts, record = :record,
        max_seconds = :max_seconds, expires_at = :expires_at, version = version + 1
    WHERE tenant = :tenant AND id = :id
""")
SET_A = Statement("UPDATE relay_binding SET a = :a, version = version + 1 WHERE tenant = :tenant AND id = :id")
CLOSE_BINDING = Statement("""
    UPDATE relay_binding SET closed_at = :at, close_reason = :reason, version = version + 1
    WHERE tenant = :tenant AND id = :id AND closed_at IS NULL
""")
LEAVE_BINDINGS = Statement("""
    UPDATE relay_binding SET a = CASE WHEN a = :party THEN NULL ELSE a END, b = CASE WHEN b = :party THEN NULL ELSE b END
    WHERE tenant = :tenant AND (a = :party OR b = :party)
""")
EXPIRED = Statement("""
    SELECT tenant, id FROM relay_binding WHERE closed_at IS NULL AND expires_at <= :at ORDER BY expires_at LIMIT :limit
""")
SPANS = Statement("""
    SELECT id, a, b, created_at, expires_at, closed_at FROM relay_binding
    WHERE tenant = :tenant AND pool = :pool AND created_at >= :since ORDER BY created_at
""")
EXPIRED_OF_POOL = Statement("""
    SELECT id FROM relay_binding
    WHERE tenant = :tenant AND pool = :pool AND closed_at IS NULL AND expires_at <= :at ORDER BY id LIMIT :limit
""")

INSERT_MEMBERS = Insertion(RelayMemberRow, ("tenant", "crew", "party"))
MEMBERS = Statement("""
    SELECT p.id, p.fingerprint FROM relay_member m JOIN relay_party p ON p.tenant = m.tenant AND p.id = m.party
    WHERE m.tenant = :tenant AND m.crew = :crew ORDER BY p.id
""")
DELETE_MEMBERS_OF = Statement("DELETE FROM relay_member WHERE tenant = :tenant AND party = :party")
DELETE_MEMBER = Statement("DELETE FROM relay_member WHERE tenant = :tenant AND crew = :crew AND party = :party")

INSERT_BLOCKS = Insertion(
    RelayBlockRow, ("id", "tenant", "caller", "callee", "number", "reason", "until", "created_at")
)
BLOCKS = Statement("""
    SELECT k.id, length(k.caller), length(k.callee), n.value, k.reason, k.until, k.created_at FROM relay_block k
    LEFT JOIN relay_number n ON n.tenant = k.tenant AND n.id = k.number
    WHERE k.tenant = :tenant AND k.id > :after ORDER BY k.id LIMIT :limit
""")
DELETE_BLOCK = Statement("DELETE FROM relay_block WHERE tenant = :tenant AND id = :id")
DELETE_BLOCKS_OF = Statement(
    "DELETE FROM relay_block WHERE tenant = :tenant AND (caller = :fingerprint OR callee = :fingerprint)"
)
FORGET_BLOCKS = Statement("DELETE FROM relay_block WHERE until <= :before")
