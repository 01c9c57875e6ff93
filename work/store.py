"""All SQL of durable work."""

from database.statement import Insertion, Statement
from database.transaction import Transaction
from work.job import Job
from work.tables import Idempotency, JobRow, JobStepRow

INSERT_JOBS = Insertion(
    JobRow, ("tenant", "id", "kind", "state", "params", "done", "total", "created_at", "updated_at")
)
_JOB = "tenant, id, kind, state, params, done, total, error, created_at"
JOB = Statement(f"SELECT {_JOB} FROM job WHERE tenant = :tenant AND id = :id")  # noqa: S608 - constant columns
JOB_TO_CHANGE = Statement(
    f"SELECT {_JOB} FROM job j WHERE tenant = :tenant AND id = :id {{for_update:j}}"  # noqa: S608 - constant columns
)
JOBS_IN_STATE = Statement(
    f"SELECT {_JOB} FROM job WHERE state = :state ORDER BY created_at LIMIT :limit"  # noqa: S608 - constant columns
)
JOBS_OF_TENANT = Statement(f"""
    SELECT {_JOB} FROM job WHERE tenant = :tenant AND created_at < :before ORDER BY created_at DESC LIMIT :limit
""")  # noqa: S608 - constant columns
JOBS_DONE = Statement(f"""
    SELECT {_JOB} FROM job WHERE tenant = :tenant AND kind = :kind AND state = 'done' ORDER BY created_at DESC LIMIT :limit
""")  # noqa: S608 - constant columns
JOBS_UNDER_WAY = Statement("""
    SELECT count(*) FROM job
    WHERE tenant = :tenant AND kind = :kind AND state IN ('queued', 'running', 'cancelling')
""")
SET_STATE = Statement("""
    UPDATE job SET state = :state, error = :error, updated_at = :at WHERE tenant = :tenant AND id = :id AND state = :was
""")
SET_PROGRESS = Statement("""
    UPDATE job SET done = :done, total = :total, updated_at = :at WHERE tenant = :tenant AND id = :id
""")
INSERT_STEPS = Insertion(JobStepRow, ("tenant", "job", "step"), ignore_conflicts=True)

BEAT = Statement("""
    INSERT INTO worker (id, beat_at) VALUES (:id, :at) ON CONFLICT (id) DO UPDATE SET beat_at = :at
""")
SILENT_WORKERS = Statement("SELECT id FROM worker WHERE beat_at < :before")
FORGET_WORKER = Statement("DELETE FROM worker WHERE id = :id AND beat_at < :before")

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
