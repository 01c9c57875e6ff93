"""All SQL of durable work."""

from database.statement import Insertion, Statement
from database.transaction import Transaction
from work.job import Job
from work.tables import Idempotency, JobApprovalRow, JobDueRow, JobRow, JobStepRow

INSERT_JOBS = Insertion(
    JobRow,
    (
        "tenant",
        "id",
        "kind",
        "state",
        "params",
        "done",
        "total",
        "created_at",
        "updated_at",
        "asked_kind",
        "asked_id",
        "asked_role",
        "approvals",
    ),
)
_JOB = (
    "tenant, id, kind, state, params, done, total, error, created_at, updated_at, "
    "step, run, wait_until, asked_kind, asked_id, asked_role, approvals"
)
JOB = Statement(f"SELECT {_JOB} FROM job WHERE tenant = :tenant AND id = :id")  # noqa: S608 - constant columns
JOB_TO_CHANGE = Statement(
    f"SELECT {_JOB} FROM job j WHERE tenant = :tenant AND id = :id {{for_update:j}}"  # noqa: S608 - constant columns
)
JOBS_IN_STATE = Statement(
    f"SELECT {_JOB} FROM job WHERE state = :state ORDER BY created_at LIMIT :limit"  # noqa: S608 - constant columns
)
JOBS_PAGE = Statement(f"""
    SELECT {_JOB} FROM job
    WHERE tenant = :tenant AND id < :before
        AND (CAST(:kind AS TEXT) = '' OR kind = :kind) AND (CAST(:state AS TEXT) = '' OR state = :state)
    ORDER BY id DESC LIMIT :limit
""")  # noqa: S608 - constant columns
JOBS_DONE = Statement(f"""
    SELECT {_JOB} FROM job WHERE tenant = :tenant AND kind = :kind AND state = 'done' ORDER BY created_at DESC LIMIT :limit
""")  # noqa: S608 - constant columns
JOBS_UNDER_WAY = Statement("""
    SELECT count(*) FROM job
    WHERE tenant = :tenant AND kind = :kind AND state NOT IN ('cancelled', 'done', 'failed')
""")
JOBS_NEVER_APPROVED = Statement(f"""
    SELECT {_JOB} FROM job WHERE state = 'awaiting_approval' AND created_at <= :before ORDER BY created_at LIMIT :limit
""")  # noqa: S608 - constant columns
SET_STATE = Statement("""
    UPDATE job SET state = :state, error = :error, updated_at = :at WHERE tenant = :tenant AND id = :id AND state = :was
""")
CONTINUE = Statement("""
    UPDATE job SET state = 'queued', error = NULL, run = :run, wait_until = 0, updated_at = :at
    WHERE tenant = :tenant AND id = :id
""")
SET_PROGRESS = Statement("""
    UPDATE job SET state = :state, done = :done, total = :total, step = :step, run = :run, wait_until = :wait_until,
        updated_at = :at
    WHERE tenant = :tenant AND id = :id
""")
LEAVE = Statement("""
    UPDATE job SET run = run + 1 WHERE tenant = :tenant AND id = :id AND state = 'paused' AND run = :run
""")
INSERT_APPROVAL = Insertion(JobApprovalRow, ("tenant", "job", "credential", "role", "at"))
APPROVALS = Statement("SELECT credential, role, at FROM job_approval WHERE tenant = :tenant AND job = :job ORDER BY at")
INSERT_DUE = Insertion(JobDueRow, ("tenant", "kind", "occurrence", "job"))
DUE_JOB = Statement("SELECT job FROM job_due WHERE tenant = :tenant AND kind = :kind AND occurrence = :occurrence")
TAKE_ROUND = Statement("""
    INSERT INTO work_round (name, begun_at) VALUES (:name, :at)
    ON CONFLICT (name) DO UPDATE SET begun_at = :at WHERE work_round.begun_at <= :before
""")
FORGET_ENDED = Statement("""
    DELETE FROM job WHERE kind = :kind AND state IN ('done', 'failed', 'cancelled') AND updated_at < :before
""")
INSERT_STEPS = Insertion(JobStepRow, ("tenant", "job", "step"), ignore_conflicts=True)

BEAT = Statement("""
    INSERT INTO worker (id, beat_at) VALUES (:id, :at) ON CONFLICT (id) DO UPDATE SET beat_at = :at
""")
LIVING_WORKERS = Statement("SELECT id FROM worker WHERE beat_at >= :since")
FORGET_WORKERS = Statement("DELETE FROM worker WHERE beat_at < :before")

REPLAY = Statement("""
    SELECT body, outcome FROM idempotency
    WHERE tenant = :tenant AND credential = :credential AND route = :route AND key = :key AND created_at > :since
""")
DELETE_STALE_REPLAY = Statement("""
    DELETE FROM idempotency
    WHERE tenant = :tenant AND credential = :credential AND route = :route AND key = :key AND created_at <= :since
""")
INSERT_REPLAYS = Insertion(Idempotency, ("tenant", "credential", "route", "key", "body", "outcome", "created_at"))
DELETE_OLD_REPLAYS = Statement("DELETE FROM idempotency WHERE created_at <= :before")


def mark(tx: Transaction, job: Job, number: int) -> bool:
    """Note in the transaction of a step's effect that it has had it; False when it had before, and must not again."""
    return tx.insert(INSERT_STEPS, [(job.tenant, job.id.bytes, number)]) == 1
