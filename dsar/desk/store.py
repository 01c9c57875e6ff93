"""All SQL of requests."""

from database.statement import Insertion, Statement
from dsar.desk.tables import RequestMoveRow, RequestRow, RequestWordsRow

COLUMNS = (
    "tenant",
    "id",
    "claim",
    "regime",
    "requester",
    "channel",
    "subject",
    "name",
    "state",
    "level",
    "locale",
    "purposes",
    "evidence",
    "category",
    "accountable",
    "received_at",
    "started_at",
    "acknowledge_by",
    "acknowledged_at",
    "verified_at",
    "due_at",
    "certain",
    "extended_at",
    "stood",
    "stands_since",
    "waits_until",
    "look_at",
    "passed",
    "breached",
    "assignee",
    "asked_by",
    "accepted_by",
    "approved_by",
    "reasons",
    "twin",
    "ended_at",
    "keep_until",
)
"""The columns of a request, in the order of every answer here."""

CHANGING = (
    "state",
    "level",
    "started_at",
    "acknowledged_at",
    "verified_at",
    "due_at",
    "certain",
    "extended_at",
    "stood",
    "stands_since",
    "waits_until",
    "look_at",
    "passed",
    "breached",
    "assignee",
    "accepted_by",
    "approved_by",
    "reasons",
    "twin",
    "name",
    "ended_at",
    "keep_until",
)
"""Those that a move may change."""

_REQUEST = ", ".join(f"r.{name}" for name in COLUMNS)
INSERT_REQUESTS = Insertion(RequestRow, COLUMNS)
REQUEST = Statement(f"SELECT {_REQUEST} FROM dsar_request r WHERE r.tenant = :tenant AND r.id = :id")  # noqa: S608
REQUEST_TO_CHANGE = Statement(
    f"SELECT {_REQUEST} FROM dsar_request r WHERE r.tenant = :tenant AND r.id = :id {{for_update:r}}"  # noqa: S608
)
CHANGE = Statement(
    f"UPDATE dsar_request SET {', '.join(f'{name} = :{name}' for name in CHANGING)} "  # noqa: S608
    "WHERE tenant = :tenant AND id = :id"
)
REQUESTS_OF = Statement(f"""
    SELECT {_REQUEST} FROM dsar_request r WHERE r.tenant = :tenant AND r.subject = :subject AND r.id < :before
    ORDER BY r.id DESC LIMIT :limit
""")  # noqa: S608 - constant columns
QUEUE = Statement(f"""
    SELECT {_REQUEST} FROM dsar_request r
    WHERE r.tenant = :tenant AND (r.due_at > :after_due OR (r.due_at = :after_due AND r.id > :after_id))
        AND ((CAST(:state AS TEXT) = '' AND r.ended_at IS NULL) OR r.state = :state)
        AND (CAST(:claim AS TEXT) = '' OR r.claim = :claim) AND (CAST(:regime AS TEXT) = '' OR r.regime = :regime)
        AND r.due_at < :due_before
        AND (CAST(:assignee AS BIGINT) = -1 OR coalesce(r.assignee, 0) = :assignee)
        AND (CAST(:late_at AS BIGINT) = {2**62} OR (r.ended_at IS NULL AND r.stands_since IS NULL AND r.due_at < :late_at))
    ORDER BY r.due_at, r.id LIMIT :limit
""")  # noqa: S608 - constant columns
OF_YEAR = Statement("""
    SELECT regime, claim, category, state, received_at, ended_at FROM dsar_request
    WHERE tenant = :tenant AND received_at >= :since AND received_at < :before
""")
TWIN = Statement("""
    SELECT id FROM dsar_request
    WHERE tenant = :tenant AND name = :name AND claim = :claim AND purposes = :purposes AND ended_at IS NULL
""")

INSERT_MOVES = Insertion(
    RequestMoveRow,
    ("tenant", "request", "number", "at", "move", "state", "reason", "actor_kind", "actor", "role"),
)
LAST_MOVE = Statement(
    "SELECT coalesce(max(number), 0) FROM dsar_request_move WHERE tenant = :tenant AND request = :request"
)
MOVES_OF = Statement("""
    SELECT number, at, move, state, reason, actor_kind, actor, role FROM dsar_request_move
    WHERE tenant = :tenant AND request = :request ORDER BY number
""")

TO_LOOK_AT = Statement("SELECT tenant, id FROM dsar_request WHERE look_at <= :at ORDER BY look_at LIMIT :limit")
UNCERTAIN = Statement("SELECT tenant, id FROM dsar_request WHERE NOT certain AND ended_at IS NULL LIMIT :limit")
FORGET = Statement("DELETE FROM dsar_request WHERE keep_until <= :at")

DELETE_WORDS_OF = Statement("""
    DELETE FROM dsar_request_words WHERE tenant = :tenant AND request IN (
        SELECT id FROM dsar_request WHERE tenant = :tenant AND subject = :subject)
""")
FORGET_PERSON = Statement("""
    UPDATE dsar_request SET subject = NULL, name = NULL, purposes = ''
    WHERE tenant = :tenant AND subject = :subject
""")

INSERT_WORDS = Insertion(RequestWordsRow, ("tenant", "request", "seal_version", "sealed"))
WORDS_OF = Statement(
    "SELECT seal_version, sealed FROM dsar_request_words WHERE tenant = :tenant AND request = :request"
)
DELETE_WORDS = Statement("DELETE FROM dsar_request_words WHERE tenant = :tenant AND request = :request")
