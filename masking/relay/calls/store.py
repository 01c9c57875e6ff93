"""All SQL of the book of calls. `relay_party`, `relay_binding` and `relay_number` are the relay's own tables."""

from database.statement import Insertion, Statement
from masking.relay.calls.tables import (
    RelayBucketRow,
    RelayCallRow,
    RelayCaseRow,
    RelayLegalKeyRow,
    RelayLegalTakingRow,
    RelayRulesRow,
    RelaySealedCallRow,
)

_BUCKET = ("tenant", "scope", "key", "full_at", "span", "over", "brake", "brake_until")
BUCKETS = Statement(
    """
    SELECT b.scope, b.key, b.full_at, b.over, b.brake, b.brake_until,
        (SELECT max(r.version) FROM relay_rules r WHERE r.tenant = :tenant)
    FROM {q} {each relay_bucket b ON b.tenant = :tenant AND b.scope = q.scope AND b.key = q.key} {for_update:b}
    """,
    many={"q": {"scope": "text", "key": "bytea"}},
)
"""Locked in the order in which they are asked for."""
BEGIN_BUCKETS = Insertion(RelayBucketRow, _BUCKET, ignore_conflicts=True)
SET_BUCKETS = Insertion(RelayBucketRow, _BUCKET, replaced=("full_at", "span", "over"))
BRAKE = Statement("""
    INSERT INTO relay_bucket (tenant, scope, key, full_at, span, over, brake, brake_until)
    VALUES (:tenant, :scope, :key, :now, 0, 0, :brake, :until)
    ON CONFLICT (tenant, scope, key) DO UPDATE SET brake = excluded.brake, brake_until = excluded.brake_until
""")
RELEASE = Statement("""
    UPDATE relay_bucket SET brake = '', brake_until = 0, over = 0 WHERE tenant = :tenant AND scope = :scope AND key = :key
""")
DELETE_BUCKET = Statement("DELETE FROM relay_bucket WHERE tenant = :tenant AND scope = :scope AND key = :key")
FORGET_BUCKETS = Statement("DELETE FROM relay_bucket WHERE full_at < :now AND brake_until <= :at")
FREEZE_PARTY = Statement("""
    UPDATE relay_party SET frozen_until = :until WHERE tenant = :tenant AND fingerprint = :fingerprint
""")

INSERT_CALLS = Insertion(
    RelayCallRow,
    (
        "tenant",
        "leg",
        "at",
        "kind",
        "number",
        "binding",
        "side",
        "caller",
        "caller_subject",
        "callee_subject",
        "refused",
        "recording",
        "stands_for",
    ),
)
CALLERS = Statement(
    """
    SELECT p.fingerprint, max(p.subject) FROM {q} {each relay_party p ON p.tenant = :tenant AND p.fingerprint = q.fingerprint}
    GROUP BY p.fingerprint HAVING count(*) = 1
    """,
    many={"q": {"fingerprint": "bytea"}},
)
"""Whose numbers are nobody else's."""
_CALL = """c.leg, c.at, c.kind, n.value, c.binding, c.side, c.caller_subject, c.callee_subject, c.refused, c.recording,
    c.stands_for, c.rang_at, c.answered_at, c.ended_at, c.failure, c.cause, c.released"""
CALL = Statement(f"""
    SELECT {_CALL} FROM relay_call c JOIN relay_number n ON n.tenant = c.tenant AND n.id = c.number
    WHERE c.tenant = :tenant AND c.leg = :leg
""")  # noqa: S608 - constant columns
CALLS = Statement(f"""
    SELECT {_CALL} FROM relay_call c JOIN relay_number n ON n.tenant = c.tenant AND n.id = c.number
    WHERE c.tenant = :tenant AND c.leg >= :first AND c.leg < :before
        AND (CAST(:kind AS TEXT) = '' OR c.kind = :kind)
        AND (CAST(:number AS TEXT) = '' OR n.value = :number)
        AND (CAST(:refused AS TEXT) = '' OR (:refused = '*' AND c.refused <> '') OR c.refused = :refused)
    ORDER BY c.leg DESC LIMIT :limit
""")  # noqa: S608 - constant columns
CALLS_OF_BINDING = Statement(f"""
    SELECT {_CALL} FROM relay_call c JOIN relay_number n ON n.tenant = c.tenant AND n.id = c.number
    WHERE c.tenant = :tenant AND c.binding = :binding AND c.leg >= :first AND c.leg < :before
    ORDER BY c.leg DESC LIMIT :limit
""")  # noqa: S608 - constant columns
CALLS_OF_ORDER = Statement(f"""
    SELECT {_CALL} FROM relay_binding g JOIN relay_call c ON c.tenant = g.tenant AND c.binding = g.id
    JOIN relay_number n ON n.tenant = c.tenant AND n.id = c.number
    WHERE g.tenant = :tenant AND g.order_ref = :order_ref AND c.leg >= :first AND c.leg < :before
    ORDER BY c.leg DESC LIMIT :limit
""")  # noqa: S608 - constant columns
CALLS_OF_PERSON = Statement(f"""
    SELECT {_CALL} FROM relay_call c JOIN relay_number n ON n.tenant = c.tenant AND n.id = c.number
    WHERE c.tenant = :tenant AND (c.caller_subject = :subject OR c.callee_subject = :subject)
        AND c.leg >= :first AND c.leg < :before
    ORDER BY c.leg DESC LIMIT :limit
""")  # noqa: S608 - constant columns
PROGRESS = Statement("""
    SELECT c.at, c.refused, c.kind, c.caller_subject, c.binding,
        c.rang_at, c.answered_at, c.ended_at, c.failure, c.cause, c.released FROM relay_call c
    WHERE c.tenant = :tenant AND c.leg = :leg {for_update:c}
""")
UNDER_WAY = Statement("""
    SELECT c.leg FROM relay_call c
    WHERE c.tenant = :tenant AND c.binding = :binding AND c.leg >= :first AND c.kind = 'voice' AND c.refused = ''
        AND c.ended_at IS NULL
    ORDER BY c.leg DESC LIMIT :limit
""")
_UNDER_WAY = """c.tenant = :tenant AND c.leg >= :first AND c.kind = 'voice' AND c.refused = '' AND c.ended_at IS NULL"""
UNDER_WAY_BETWEEN = Statement(f"""
    SELECT c.leg FROM relay_call c WHERE {_UNDER_WAY}
        AND (:any_caller = 1 OR c.caller = :caller) AND (:number = 0 OR c.number = :number)
        AND (:any_callee = 1 OR c.callee_subject IN (
            SELECT p.subject FROM relay_party p WHERE p.tenant = :tenant AND p.fingerprint = :callee))
    ORDER BY c.leg DESC LIMIT :limit
""")  # noqa: S608 - constant condition
UNDER_WAY_AT = Statement(f"""
    SELECT c.leg FROM relay_call c WHERE {_UNDER_WAY} AND (c.caller = :fingerprint OR c.callee_subject IN (
        SELECT p.subject FROM relay_party p WHERE p.tenant = :tenant AND p.fingerprint = :fingerprint))
    ORDER BY c.leg DESC LIMIT :limit
""")  # noqa: S608 - constant condition
UNDER_WAY_OF = Statement(f"""
    SELECT c.leg FROM relay_call c WHERE {_UNDER_WAY} AND (c.caller_subject = :subject OR c.callee_subject = :subject)
    ORDER BY c.leg DESC LIMIT :limit
""")  # noqa: S608 - constant condition
STILL_OPEN = Statement(
    "SELECT c.leg FROM {q} {each relay_call c ON c.tenant = :tenant AND c.leg = q.leg} WHERE c.ended_at IS NULL",
    many={"q": {"leg": "bytea"}},
)
CONNECTED_LATE = Statement("""
    SELECT c.tenant, c.leg FROM relay_call c JOIN relay_binding g ON g.tenant = c.tenant AND g.id = c.binding
    WHERE c.at >= :since AND c.kind = 'voice' AND c.refused = '' AND c.ended_at IS NULL
        AND g.closed_at IS NOT NULL AND g.close_reason <> 'expired' AND c.at >= g.closed_at - 10000
""")
SET_PROGRESS = Statement("""
    UPDATE relay_call SET rang_at = :rang_at, answered_at = :answered_at, ended_at = :ended_at, failure = :failure,
        cause = :cause, released = :released
    WHERE tenant = :tenant AND leg = :leg
""")
FORGET_CALLERS = Statement("UPDATE relay_call SET caller = NULL WHERE at < :before AND caller IS NOT NULL")
TENANTS_WITH_CALLS = Statement("SELECT DISTINCT tenant FROM relay_call WHERE at >= :since")
COUNT_OF_PERSON = Statement("""
    SELECT count(*), min(c.at) FROM relay_call c
    WHERE c.tenant = :tenant AND (c.caller_subject = :subject OR c.callee_subject = :subject)
""")
NEUTRALIZE_CALLER = Statement("""
    UPDATE relay_call SET caller = NULL, caller_subject = NULL WHERE tenant = :tenant AND caller_subject = :subject
""")
NEUTRALIZE_CALLEE = Statement("""
    UPDATE relay_call SET callee_subject = NULL WHERE tenant = :tenant AND callee_subject = :subject
""")
FINGERPRINTS_OF = Statement("""
    SELECT p.fingerprint FROM relay_party p WHERE p.tenant = :tenant AND p.subject = :subject
    UNION SELECT c.caller FROM relay_call c
    WHERE c.tenant = :tenant AND c.caller_subject = :subject AND c.caller IS NOT NULL
""")

_WINDOW = "c.tenant = :tenant AND c.leg >= :first AND c.caller IS NOT NULL"
PROBING = Statement(f"""
    SELECT c.caller, max(c.caller_subject), count(DISTINCT c.number), NULL FROM relay_call c
    WHERE {_WINDOW} AND c.refused IN ('no_binding', 'unknown_extension')
    GROUP BY c.caller HAVING count(DISTINCT c.number) >= :count LIMIT :limit
""")  # noqa: S608 - constant condition
FAN_OUT = Statement(f"""
    SELECT c.caller, max(c.caller_subject), count(DISTINCT c.callee_subject), NULL FROM relay_call c
    WHERE {_WINDOW} AND c.refused = ''
    GROUP BY c.caller HAVING count(DISTINCT c.callee_subject) >= :count LIMIT :limit
""")  # noqa: S608 - constant condition
REFUSED = Statement(f"""
    SELECT c.caller, max(c.caller_subject), sum(c.stands_for), max(c.binding) FROM relay_call c
    WHERE {_WINDOW} AND c.refused <> ''
    GROUP BY c.caller HAVING sum(c.stands_for) >= :count LIMIT :limit
""")  # noqa: S608 - constant condition
SHORT_CALLS = Statement(f"""
    SELECT c.caller, max(c.caller_subject), sum(CASE WHEN c.ended_at - c.answered_at < :under THEN 1 ELSE 0 END),
        max(c.binding) FROM relay_call c
    WHERE {_WINDOW} AND c.refused = '' AND c.kind = 'voice' AND c.answered_at IS NOT NULL AND c.ended_at IS NOT NULL
    GROUP BY c.caller
    HAVING sum(CASE WHEN c.ended_at - c.answered_at < :under THEN 1 ELSE 0 END) >= :count
        AND sum(CASE WHEN c.ended_at - c.answered_at < :under THEN 100 ELSE 0 END) >= :share * count(*) LIMIT :limit
""")  # noqa: S608 - constant condition
BINDINGS_CALLED = Statement(f"""
    SELECT DISTINCT c.binding FROM relay_call c WHERE {_WINDOW} AND c.caller = :caller AND c.binding IS NOT NULL LIMIT :limit
""")  # noqa: S608 - constant condition

INSERT_CASES = Insertion(
    RelayCaseRow,
    (
        "id",
        "tenant",
        "signal",
        "measure",
        "caller",
        "subject",
        "binding",
        "count",
        "opened_at",
        "last_at",
        "held_until",
    ),
)
SET_CASE_BINDING = Statement("UPDATE relay_case SET binding = :binding WHERE tenant = :tenant AND id = :id")
LAST_CASE = Statement("""
    SELECT k.id, k.closed_at FROM relay_case k
    WHERE k.tenant = :tenant AND k.signal = :signal AND k.caller = :caller ORDER BY k.id DESC LIMIT 1
""")
NOTE_CASE = Statement("""
    UPDATE relay_case SET count = :count, last_at = :at WHERE tenant = :tenant AND id = :id AND count < :count
""")
_CASE = """k.id, k.signal, k.measure, k.subject, k.binding, k.count, k.opened_at, k.last_at, k.held_until, k.closed_at,
    k.closed_by, k.reason"""
CASES = Statement(f"""
    SELECT {_CASE} FROM relay_case k
    WHERE k.tenant = :tenant AND k.id > :after AND (CAST(:closed AS INTEGER) = 1) = (k.closed_at IS NOT NULL)
    ORDER BY k.id LIMIT :limit
""")  # noqa: S608 - constant columns
CASE = Statement(f"SELECT {_CASE} FROM relay_case k WHERE k.tenant = :tenant AND k.id = :id")  # noqa: S608 - constant columns
CASE_TO_CLOSE = Statement(f"""
    SELECT {_CASE}, k.caller FROM relay_case k WHERE k.tenant = :tenant AND k.id = :id {{for_update:k}}
""")  # noqa: S608 - constant columns
CLOSE_CASE = Statement("""
    UPDATE relay_case SET closed_at = :at, closed_by = :by, reason = :reason, held_until = :held_until
    WHERE tenant = :tenant AND id = :id AND closed_at IS NULL
""")
FORGET_CASE_CALLERS = Statement("UPDATE relay_case SET caller = NULL WHERE caller IS NOT NULL AND closed_at < :before")
FORGET_CASES = Statement("DELETE FROM relay_case WHERE closed_at < :before")
NEUTRALIZE_CASES = Statement("""
    UPDATE relay_case SET caller = NULL, subject = NULL, closed_at = coalesce(closed_at, :at),
        reason = coalesce(reason, 'erased')
    WHERE tenant = :tenant AND subject = :subject
""")

INSERT_RULES = Insertion(RelayRulesRow, ("tenant", "version", "digest", "source", "applied_at", "applied_by"))
RULES_IN_FORCE = Statement("""
    SELECT r.version, r.digest, r.source, r.applied_at, r.applied_by FROM relay_rules r
    WHERE r.tenant = :tenant ORDER BY r.version DESC LIMIT 1
""")
TENANTS_WITH_RULES = Statement("SELECT DISTINCT r.tenant FROM relay_rules r")

OUTCOMES = Statement(
    """
    SELECT q.day, n.pool, c.kind, c.refused,
        CASE WHEN c.refused <> '' THEN 'refused' WHEN c.answered_at IS NULL AND c.ended_at IS NULL THEN 'open'
            WHEN c.answered_at IS NULL THEN coalesce(c.failure, 'no_answer')
            WHEN c.ended_at IS NULL THEN 'talking'
            WHEN c.ended_at - c.answered_at < :short AND c.kind = 'voice' THEN 'answered_short' ELSE 'answered' END,
        sum(c.stands_for), sum(CASE WHEN c.ended_at > c.answered_at THEN c.ended_at - c.answered_at ELSE 0 END)
    FROM {q} {each relay_call c ON c.tenant = :tenant AND c.leg >= q.first AND c.leg < q.before}
    JOIN relay_number n ON n.tenant = c.tenant AND n.id = c.number
    GROUP BY 1, 2, 3, 4, 5
    """,
    many={"q": {"day": "bigint", "first": "bytea", "before": "bytea"}},
)
POOLS_OWNED = Statement("""
    SELECT p.id, p.name, count(n.id) FROM relay_pool p
    LEFT JOIN relay_number n ON n.tenant = p.tenant AND n.pool = p.id AND n.state IN ('available', 'frozen')
    WHERE p.tenant = :tenant GROUP BY p.id, p.name ORDER BY p.id
""")
SPANS_OF_BINDINGS = Statement("""
    SELECT g.pool, g.created_at,
        CASE WHEN g.closed_at IS NULL OR g.closed_at > g.expires_at THEN g.expires_at ELSE g.closed_at END
    FROM relay_binding g
    WHERE g.tenant = :tenant AND g.created_at < :before AND g.expires_at > :since
        AND (g.closed_at IS NULL OR g.closed_at > :since)
""")

INSERT_LEGAL_KEYS = Insertion(
    RelayLegalKeyRow, ("tenant", "month", "public", "first_digest", "second_digest", "made_at"), ignore_conflicts=True
)
_KEY = "k.month, k.public, k.first_digest, k.second_digest, k.made_at, k.first_gone_at, k.second_gone_at"
LEGAL_KEY = Statement(f"SELECT {_KEY} FROM relay_legal_key k WHERE k.tenant = :tenant AND k.month = :month")  # noqa: S608 - constant columns
LEGAL_KEYS = Statement(f"SELECT {_KEY} FROM relay_legal_key k WHERE k.tenant = :tenant ORDER BY k.month")  # noqa: S608 - constant columns
LEGAL_KEYS_LEFT = Statement("""
    SELECT k.tenant, k.month FROM relay_legal_key k
    WHERE k.month < :before AND (k.first_gone_at IS NULL AND k.second_gone_at IS NULL)
""")
FIRST_GONE = Statement("""
    UPDATE relay_legal_key SET first_gone_at = :at WHERE tenant = :tenant AND month = :month AND first_gone_at IS NULL
""")
SECOND_GONE = Statement("""
    UPDATE relay_legal_key SET second_gone_at = :at WHERE tenant = :tenant AND month = :month AND second_gone_at IS NULL
""")
INSERT_SEALED = Insertion(RelaySealedCallRow, ("tenant", "month", "leg", "part", "sealed"), ignore_conflicts=True)
SEALED_IN = Statement("""
    SELECT s.leg, s.part, s.sealed FROM relay_sealed_call s WHERE s.tenant = :tenant AND s.month = :month ORDER BY s.leg, s.part
""")
SEALED_MONTHS = Statement("SELECT DISTINCT s.tenant, s.month FROM relay_sealed_call s WHERE s.month < :before")
SEALED_LEG = Statement("""
    SELECT 1 FROM relay_sealed_call s WHERE s.tenant = :tenant AND s.month = :month AND s.leg = :leg AND s.part = 1
""")
COUNT_SEALED = Statement("SELECT count(*) FROM relay_sealed_call WHERE tenant = :tenant AND month = :month")
DELETE_SEALED_PART = Statement("""
    DELETE FROM relay_sealed_call WHERE tenant = :tenant AND month = :month AND leg = :leg AND part = :part
""")
DELETE_SEALED = Statement("DELETE FROM relay_sealed_call WHERE tenant = :tenant AND month = :month")
INSERT_TAKINGS = Insertion(
    RelayLegalTakingRow,
    ("id", "tenant", "month", "reason", "case_id", "count", "taken_at", "taken_by", "approved_by"),
)
