"""All SQL of retention."""

from database.statement import Insertion, Statement
from database.transaction import Transaction
from dsar.retention import tables

INSERT_POLICIES = Insertion(
    tables.RetentionPolicy, ("tenant", "version", "digest", "source", "builtin", "applied_at"), ignore_conflicts=True
)
_LOCK = Statement("SELECT pg_advisory_xact_lock(CAST(:lock AS integer), CAST(:tenant AS integer))")
_POLICY_LOCK = 0x6D6F7270


def lock_policy(tx: Transaction, tenant: int) -> None:
    """Keep others from applying a policy for the tenant until this transaction ends. A write on SQLite excludes them anyway."""
    if tx.dialect == "postgresql":
        tx.one(_LOCK, lock=_POLICY_LOCK, tenant=tenant)


HEAD = Statement("""
    SELECT version, digest, builtin, applied_at FROM retention_policy WHERE tenant = :tenant ORDER BY version DESC LIMIT 1
""")
POLICY = Statement("""
    SELECT version, digest, builtin, applied_at FROM retention_policy WHERE tenant = :tenant AND version = :version
""")
SOURCE = Statement("SELECT source FROM retention_policy WHERE tenant = :tenant AND version = :version")
VERSIONS = Statement("""
    SELECT version, digest, builtin, applied_at FROM retention_policy WHERE tenant = :tenant ORDER BY version
""")

TELL_EVENT = Statement("""
    INSERT INTO retention_event (tenant, event, subject, purpose, ref, at)
    VALUES (:tenant, :event, :subject, :purpose, :ref, :at)
    ON CONFLICT (tenant, event, subject, purpose, ref) DO UPDATE SET at = :at WHERE retention_event.at < :at
""")
UNTELL_EVENT = Statement("""
    DELETE FROM retention_event
    WHERE tenant = :tenant AND event = :event AND subject = :subject AND purpose = :purpose AND ref = :ref
""")
FORGET_EVENTS_OF = Statement("DELETE FROM retention_event WHERE tenant = :tenant AND subject = :subject")
EVENTS = Statement(
    """
    SELECT e.event, e.subject, e.purpose, e.ref, e.at FROM {q}
    {each retention_event e ON e.tenant = :tenant AND e.event = q.event AND e.subject = q.subject
    AND e.purpose = q.purpose AND e.ref = q.ref}
    """,
    many={"q": {"event": "text", "subject": "bigint", "purpose": "text", "ref": "text"}},
)

INSERT_PLANS = Insertion(
    tables.RetentionPlan,
    (
        "tenant",
        "id",
        "state",
        "policy",
        "policy_digest",
        "as_of",
        "made_at",
        "record",
        "purpose",
        "ref",
        "seen",
        "items",
        "chunks",
        "reviewed",
        "people",
        "residue",
    ),
    ignore_conflicts=True,
)
_PLAN = (
    "p.id, p.state, p.policy, p.policy_digest, p.as_of, p.made_at, p.record, p.purpose, p.ref, p.seen, p.items, p.chunks, "
    "p.root, p.run, p.reviewed, p.people, p.residue, p.ended_at"
)
PLAN = Statement(f"SELECT {_PLAN} FROM retention_plan p WHERE tenant = :tenant AND id = :id")  # noqa: S608 - constant columns
PLAN_TO_CHANGE = Statement(
    f"SELECT {_PLAN} FROM retention_plan p WHERE tenant = :tenant AND id = :id {{for_update:p}}"  # noqa: S608 - constant columns
)
PLAN_OF_RUN = Statement(f"SELECT {_PLAN} FROM retention_plan p WHERE tenant = :tenant AND run = :run")  # noqa: S608 - constant columns
PLANS = Statement(f"""
    SELECT {_PLAN} FROM retention_plan p WHERE tenant = :tenant AND id < :before ORDER BY id DESC LIMIT :limit
""")  # noqa: S608 - constant columns
RUNS = Statement(f"""
    SELECT {_PLAN} FROM retention_plan p WHERE tenant = :tenant AND id < :before AND run IS NOT NULL
    ORDER BY id DESC LIMIT :limit
""")  # noqa: S608 - constant columns
LATEST_PLAN = Statement(f"""
    SELECT {_PLAN} FROM retention_plan p WHERE tenant = :tenant AND root IS NOT NULL ORDER BY id DESC LIMIT 1
""")  # noqa: S608 - constant columns
MOVE_PLAN = Statement("""
    UPDATE retention_plan SET record = :record, purpose = :purpose, ref = :ref, seen = seen + :seen, items = items + :items
    WHERE tenant = :tenant AND id = :id AND state = 'looking'
    AND record = :was_record AND purpose = :was_purpose AND ref = :was_ref
""")
SET_STATE = Statement("UPDATE retention_plan SET state = :state WHERE tenant = :tenant AND id = :id AND state = :was")
COUNT_CHUNKS = Statement("""
    UPDATE retention_plan SET chunks = :chunks WHERE tenant = :tenant AND id = :id AND chunks = :was
""")
SET_ROOT = Statement("UPDATE retention_plan SET root = :root, state = 'ready' WHERE tenant = :tenant AND id = :id")
ASK_RUN = Statement("""
    UPDATE retention_plan SET run = :run, state = 'asked', reviewed = :reviewed WHERE tenant = :tenant AND id = :id
""")
COUNT_PEOPLE = Statement("UPDATE retention_plan SET people = people + :people WHERE tenant = :tenant AND id = :id")
COUNT_RESIDUE = Statement("UPDATE retention_plan SET residue = residue + :residue WHERE tenant = :tenant AND id = :id")
END_PLAN = Statement("""
    UPDATE retention_plan SET state = 'done', ended_at = :at WHERE tenant = :tenant AND id = :id AND state <> 'done'
""")

ADD_TALLY = Statement("""
    INSERT INTO retention_tally (tenant, plan, rule, kind, purpose, fate, action, count, first, last)
    VALUES (:tenant, :plan, :rule, :kind, :purpose, :fate, :action, :count, :first, :last)
    ON CONFLICT (tenant, plan, rule, kind, purpose, fate, action) DO UPDATE SET
        count = retention_tally.count + :count,
        first = CASE WHEN retention_tally.first < :first THEN retention_tally.first ELSE :first END,
        last = CASE WHEN retention_tally.last > :last THEN retention_tally.last ELSE :last END
""")
TALLIES = Statement("""
    SELECT rule, kind, purpose, fate, action, count, first, last FROM retention_tally
    WHERE tenant = :tenant AND plan = :plan ORDER BY fate, rule, kind, purpose, action
""")

INSERT_ITEMS = Insertion(
    tables.RetentionItem, ("tenant", "plan", "place", "record", "purpose", "ref", "rule", "kind", "action")
)
ITEMS = Statement("""
    SELECT place, record, purpose, ref, rule, kind, action, outcome FROM retention_item
    WHERE tenant = :tenant AND plan = :plan AND place >= :first AND place < :end ORDER BY place
""")
SET_OUTCOME = Statement("""
    UPDATE retention_item SET outcome = :outcome WHERE tenant = :tenant AND plan = :plan AND place = :place
""")
DELETE_ITEMS = Statement("""
    DELETE FROM retention_item WHERE tenant = :tenant AND plan = :plan AND place < :end
""")
FIRST_ITEM = Statement("SELECT min(place) FROM retention_item WHERE tenant = :tenant AND plan = :plan")
OLD_PLANS = Statement("""
    SELECT tenant, id FROM retention_plan p WHERE made_at < :before AND state <> 'asked' AND EXISTS (
        SELECT 1 FROM retention_item i WHERE i.tenant = p.tenant AND i.plan = p.id)
    ORDER BY made_at LIMIT :limit
""")

INSERT_CHUNKS = Insertion(
    tables.RetentionChunk,
    (
        "tenant",
        "plan",
        "number",
        "items",
        "digest",
        "disposed",
        "restricted",
        "held",
        "not_due",
        "gone",
        "to_review",
        "records",
    ),
)
DIGESTS = Statement("""
    SELECT digest FROM retention_chunk WHERE tenant = :tenant AND plan = :plan ORDER BY number
""")
NEXT_CHUNK = Statement("""
    SELECT number FROM retention_chunk WHERE tenant = :tenant AND plan = :plan AND done_at IS NULL ORDER BY number LIMIT 1
""")
CHUNK_TO_DO = Statement("""
    SELECT number FROM retention_chunk c WHERE tenant = :tenant AND plan = :plan AND number = :number AND done_at IS NULL
    {for_update:c}
""")
NEXT_UNVERIFIED = Statement("""
    SELECT number, done_at FROM retention_chunk
    WHERE tenant = :tenant AND plan = :plan AND done_at IS NOT NULL AND verified_at IS NULL ORDER BY number LIMIT 1
""")
END_CHUNK = Statement("""
    UPDATE retention_chunk SET done_at = :at, disposed = :disposed, restricted = :restricted, held = :held, not_due = :not_due,
        gone = :gone, to_review = :to_review, records = :records
    WHERE tenant = :tenant AND plan = :plan AND number = :number AND done_at IS NULL
""")
VERIFY_CHUNK = Statement("""
    UPDATE retention_chunk SET verified_at = :at
    WHERE tenant = :tenant AND plan = :plan AND number = :number AND verified_at IS NULL
""")
SUMS = Statement("""
    SELECT count(*), count(done_at), count(verified_at), coalesce(sum(items), 0), coalesce(sum(disposed), 0),
        coalesce(sum(restricted), 0), coalesce(sum(held), 0), coalesce(sum(not_due), 0), coalesce(sum(gone), 0),
        coalesce(sum(to_review), 0), coalesce(sum(records), 0),
        coalesce(sum(CASE WHEN done_at IS NULL THEN items ELSE 0 END), 0)
    FROM retention_chunk WHERE tenant = :tenant AND plan = :plan
""")

ADD_COUNT = Statement("""
    INSERT INTO retention_count (tenant, kind, purpose, month, count) VALUES (:tenant, :kind, :purpose, :month, :count)
    ON CONFLICT (tenant, kind, purpose, month) DO UPDATE SET count = retention_count.count + :count
""")
COUNTS = Statement("""
    SELECT kind, purpose, month, count FROM retention_count WHERE tenant = :tenant ORDER BY kind, purpose, month
""")
