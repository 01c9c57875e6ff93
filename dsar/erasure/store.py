"""All SQL of erasures."""

import uuid

from database.statement import Insertion, Statement
from database.transaction import Row
from dsar.erasure.judgement import KeepReason, Kept
from dsar.erasure.plan import Line
from dsar.erasure.state import Erasure, Phase, Waiting
from dsar.erasure.tables import ErasureLineRow, ErasureReceiptRow, ErasureRow
from dsar.right import Right

INSERT_ERASURES = Insertion(
    ErasureRow,
    ("tenant", "request", "claim", "number", "subject", "phase", "round", "laws", "begun_at", "attempts"),
    ignore_conflicts=True,
)
_ERASURE = """e.tenant, e.request, e.claim, e.number, e.subject, e.phase, e.round, e.laws, e.begun_at, e.plan_at, e.plan_digest,
    e.waits_for, e.waits_code, e.waits_since, e.attempts, e.resume_at, e.facts, e.act"""
ERASURE = Statement(f"SELECT {_ERASURE} FROM erasure e WHERE tenant = :tenant AND request = :request")  # noqa: S608 - constant columns
ERASURE_TO_CHANGE = Statement(
    f"SELECT {_ERASURE} FROM erasure e WHERE tenant = :tenant AND request = :request {{for_update:e}}"  # noqa: S608 - constant columns
)
SET_PLAN = Statement("""
    UPDATE erasure SET phase = 'planned', plan_at = :at, plan_digest = :digest, laws = :laws, waits_for = NULL,
        waits_code = NULL, waits_since = NULL, attempts = 0
    WHERE tenant = :tenant AND request = :request AND phase = 'planning'
""")
MOVE = Statement("""
    UPDATE erasure SET phase = :phase, round = :round, waits_for = NULL, waits_code = NULL, waits_since = NULL,
        attempts = 0, resume_at = CASE WHEN round = :round THEN resume_at ELSE NULL END
    WHERE tenant = :tenant AND request = :request AND phase = :was AND round = :was_round
""")
WAIT = Statement("""
    UPDATE erasure SET waits_code = :code, attempts = attempts + 1,
        waits_since = CASE WHEN waits_for = :holder THEN waits_since ELSE :at END, waits_for = :holder
    WHERE tenant = :tenant AND request = :request
""")
END = Statement("""
    UPDATE erasure SET phase = :phase, number = :number, resume_at = :resume_at, facts = :facts, act = :act,
        waits_for = NULL, waits_code = NULL, waits_since = NULL, attempts = 0
    WHERE tenant = :tenant AND request = :request AND phase = 'ending' AND round = :round
""")
DUE = Statement("""
    SELECT tenant, request FROM erasure WHERE phase = 'partial' AND resume_at <= :at ORDER BY resume_at LIMIT :limit
""")
TAKE_DUE = Statement("""
    UPDATE erasure SET resume_at = NULL
    WHERE tenant = :tenant AND request = :request AND phase = 'partial' AND resume_at <= :at
""")
OVER = Statement("""
    SELECT e.tenant, e.request, e.number FROM erasure e JOIN dsar_request r ON r.tenant = e.tenant AND r.id = e.request
    WHERE e.phase <> 'ended' AND r.ended_at IS NOT NULL LIMIT :limit
""")
CLOSE = Statement("""
    UPDATE erasure SET phase = 'ended', number = NULL, resume_at = NULL, waits_for = NULL, waits_code = NULL, waits_since = NULL
    WHERE tenant = :tenant AND request = :request AND phase <> 'ended'
""")
KEPT_BY_HOLD = Statement("""
    SELECT DISTINCT e.request, e.number FROM erasure e JOIN erasure_line l ON l.tenant = e.tenant AND l.request = e.request
        AND l.round = e.round
    WHERE e.tenant = :tenant AND e.phase = 'partial' AND l.reason = 'legal_hold' AND l.kept_by = :code
""")
LOOK_AGAIN = Statement("""
    UPDATE erasure SET resume_at = :at
    WHERE tenant = :tenant AND phase IN ('disposing', 'verifying', 'destroying', 'confirming', 'ending')
        AND EXISTS (SELECT 1 FROM erasure_line l WHERE l.tenant = erasure.tenant AND l.request = erasure.request
            AND l.round = erasure.round AND l.reason = 'legal_hold' AND l.kept_by = :code)
""")

_LINE = ("holder", "category", "purpose", "ref", "count", "since", "reason", "kept_by", "kept_until")
INSERT_LINES = Insertion(ErasureLineRow, ("tenant", "request", "round", *_LINE), ignore_conflicts=True)
LINES = Statement("""
    SELECT holder, category, purpose, ref, count, since, reason, kept_by, kept_until FROM erasure_line
    WHERE tenant = :tenant AND request = :request AND round = :round ORDER BY holder, category, purpose, ref
""")
LINES_PAGE = Statement("""
    SELECT holder, category, purpose, ref, count, since, reason, kept_by, kept_until FROM erasure_line
    WHERE tenant = :tenant AND request = :request AND round = :round ORDER BY holder, category, purpose, ref
    LIMIT :limit OFFSET :after
""")
TOTALS = Statement("""
    SELECT coalesce(sum(CASE WHEN reason IS NULL THEN count ELSE 0 END), 0),
        coalesce(sum(CASE WHEN reason IS NULL THEN 0 ELSE count END), 0)
    FROM erasure_line WHERE tenant = :tenant AND request = :request AND round = :round
""")
RUNNING = Statement("""
    SELECT DISTINCT ref FROM erasure_line
    WHERE tenant = :tenant AND request = :request AND round = :round AND reason = 'order_running' AND ref <> ''
""")
DISPOSED_LINES = Statement("""
    SELECT holder, category, purpose, sum(count) FROM erasure_line
    WHERE tenant = :tenant AND request = :request AND round > 0 AND reason IS NULL
    GROUP BY holder, category, purpose ORDER BY holder, category, purpose
""")
DELETE_LINES = Statement(
    """
    DELETE FROM erasure_line WHERE tenant = :tenant AND request = :request AND round = :round AND holder = :holder
        AND EXISTS (SELECT 1 FROM {q} WHERE q.category = erasure_line.category AND q.purpose = erasure_line.purpose
            AND q.ref = erasure_line.ref)
    """,
    many={"q": {"category": "text", "purpose": "text", "ref": "text"}},
)

DELETE_GONE = Statement("""
    DELETE FROM erasure_line
    WHERE tenant = :tenant AND request = :request AND round = :round AND holder = :holder AND reason IS NULL
""")

INSERT_RECEIPTS = Insertion(
    ErasureReceiptRow,
    ("tenant", "request", "round", "holder", "act", "method", "count", "at", "evidence"),
    ignore_conflicts=True,
)
RECEIPTS = Statement("""
    SELECT holder, act, method, count, at, evidence FROM erasure_receipt
    WHERE tenant = :tenant AND request = :request AND act <> 'told' ORDER BY round, at, holder, act
""")
TOLD = Statement("""
    SELECT method, at FROM erasure_receipt WHERE tenant = :tenant AND request = :request AND act = 'told' LIMIT 1
""")
DONE_IN_ROUND = Statement("""
    SELECT holder FROM erasure_receipt
    WHERE tenant = :tenant AND request = :request AND round = :round AND act = :act
""")


def erasure_of(row: Row) -> Erasure:
    """The erasure of a row."""
    tenant, request, claim, number, subject, phase, rounds, laws, begun_at, plan_at, digest = row[:11]
    waits_for, code, since, attempts, resume_at, facts, act = row[11:]
    return Erasure(
        tenant=tenant,
        request=uuid.UUID(bytes=bytes(request)),
        right=Right(claim),
        number=number,
        subject=subject,
        phase=Phase(phase),
        round=rounds,
        laws=laws,
        begun_at=begun_at,
        plan_at=plan_at,
        plan_digest=None if digest is None else bytes(digest),
        waiting=None if waits_for is None else Waiting(holder=waits_for, code=code, since=since, attempts=attempts),
        resume_at=resume_at,
        facts=facts,
        act=None if act is None else uuid.UUID(bytes=bytes(act)),
    )


def line_of(row: Row) -> Line:
    """The line of a row."""
    holder, category, purpose, ref, count, since, reason, by, until = row
    return Line(
        holder=holder,
        category=category,
        purpose=purpose,
        ref=ref,
        count=count,
        since=since,
        kept=None if reason is None else Kept(KeepReason(reason), by, until),
    )


def row_of(line: Line) -> tuple[object, ...]:
    """The columns of a line, as `INSERT_LINES` has them after the first three."""
    kept = line.kept
    fate = (None, None, None) if kept is None else (kept.reason.value, kept.by, kept.until)
    return line.holder, line.category, line.purpose, line.ref, line.count, line.since, *fate
