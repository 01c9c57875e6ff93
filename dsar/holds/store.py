"""All SQL of holds and restrictions."""

from database.statement import Insertion, Statement
from database.transaction import Row, Transaction
from dsar.holds.hold import Hold, HoldReason, Scope
from dsar.holds.tables import LegalHoldRow, RestrictionRow

INSERT_HOLDS = Insertion(
    LegalHoldRow,
    (
        "id",
        "tenant",
        "subject",
        "kind",
        "ref",
        "reason",
        "case_id",
        "placed_by",
        "placed_at",
        "review_at",
        "reported_at",
    ),
)
_HOLD = "h.id, h.subject, h.kind, h.ref, h.reason, h.case_id, h.placed_by, h.placed_at, h.review_at, h.released_at"
HOLD = Statement(f"SELECT {_HOLD}, h.release_job FROM legal_hold h WHERE tenant = :tenant AND id = :id")  # noqa: S608 - constant columns
HOLD_TO_CHANGE = Statement(
    f"SELECT {_HOLD}, h.release_job FROM legal_hold h WHERE tenant = :tenant AND id = :id {{for_update:h}}"  # noqa: S608 - constant columns
)
HOLDS = Statement(f"""
    SELECT {_HOLD} FROM legal_hold h
    WHERE tenant = :tenant AND id > :after AND (CAST(:released AS INTEGER) = 1) = (released_at IS NOT NULL)
    ORDER BY id LIMIT :limit
""")  # noqa: S608 - constant columns
HOLDING = Statement(
    f"""
    SELECT q.place, {_HOLD}
    FROM {{q}} {{each legal_hold h ON h.tenant = :tenant AND h.subject IN (0, q.subject) AND h.ref IN ('', q.ref)
    AND h.kind IN ('', q.kind) AND h.released_at IS NULL}}
    """,  # noqa: S608 - a constant list of columns
    many={"q": {"place": "bigint", "subject": "bigint", "kind": "text", "ref": "text"}},
)
SET_REVIEW = Statement("""
    UPDATE legal_hold SET review_at = :review_at, reported_at = 0 WHERE tenant = :tenant AND id = :id
""")
SET_REPORTED = Statement("UPDATE legal_hold SET reported_at = :at WHERE tenant = :tenant AND id = :id")
SET_RELEASE_JOB = Statement("UPDATE legal_hold SET release_job = :job WHERE tenant = :tenant AND id = :id")
RELEASE = Statement("""
    UPDATE legal_hold SET released_at = :at WHERE tenant = :tenant AND id = :id AND released_at IS NULL
""")
OVERDUE = Statement("""
    SELECT tenant, id, review_at FROM legal_hold
    WHERE released_at IS NULL AND review_at <= :at AND reported_at <= :before ORDER BY review_at LIMIT :limit
""")
ANY_OVERDUE = Statement("SELECT 1 FROM legal_hold WHERE released_at IS NULL AND review_at <= :at LIMIT 1")
FORGET_HELD = Statement("""
    UPDATE legal_hold SET subject = -1, released_at = coalesce(released_at, :at)
    WHERE tenant = :tenant AND subject = :subject
""")

INSERT_RESTRICTIONS = Insertion(
    RestrictionRow, ("tenant", "subject", "purpose", "cause", "origin", "since"), ignore_conflicts=True
)
DELETE_RESTRICTION = Statement("""
    DELETE FROM restriction
    WHERE tenant = :tenant AND subject = :subject AND purpose = :purpose AND cause = :cause AND origin = :origin
""")
DELETE_RESTRICTIONS_OF = Statement("DELETE FROM restriction WHERE tenant = :tenant AND subject = :subject")
RESTRICTIONS = Statement("""
    SELECT purpose, cause, origin, since FROM restriction WHERE tenant = :tenant AND subject = :subject
    ORDER BY purpose, cause, origin
""")
RESTRICTED_PURPOSES = Statement(
    """
    SELECT DISTINCT r.subject, r.purpose FROM {q} {each restriction r ON r.tenant = :tenant AND r.subject = q.subject}
    """,
    many={"q": {"subject": "bigint"}},
)

_SHARE = Statement("SELECT pg_advisory_xact_lock_shared(:fence)")
_CLOSE = Statement("SELECT pg_advisory_xact_lock(:fence)")
_FENCE = 0x686F6C64 << 32


def pass_fence(tx: Transaction) -> None:
    """Keep holds from being placed until this transaction ends, so that what it reads of them stays true. A write on SQLite
    excludes others anyway."""
    if tx.dialect == "postgresql":
        tx.later(_SHARE, fence=_fence(tx))


def close_fence(tx: Transaction) -> None:
    """Wait for whoever is destroying something now, and keep others from beginning until this transaction ends."""
    if tx.dialect == "postgresql":
        tx.one(_CLOSE, fence=_fence(tx))


def _fence(tx: Transaction) -> int:
    if tx.tenant is None:
        raise ValueError("holds are asked for within a tenant")
    return _FENCE | tx.tenant & 0xFFFFFFFF


def hold_of(row: Row) -> Hold:
    """The hold of a row."""
    number, subject, kind, ref, reason, case, placed_by, placed_at, review_at, released_at = row
    return Hold(
        id=number,
        scope=Scope(subject, kind, ref),
        reason=HoldReason(reason),
        case=case,
        placed_by=placed_by,
        placed_at=placed_at,
        review_at=review_at,
        released_at=released_at,
    )
