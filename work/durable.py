"""Running jobs on DBOS: the only import of it.

One workflow serves every kind of job: it runs the steps of the job's task in order, and each step's answer is kept before the
next begins. After a crash the workflow goes on at the first step without an answer; that step may have had its effect
already, which is why tasks mark their effects in their own transactions.

A job outlives its workflow: pausing, failing, and every thousandth step end it, and the next one, a run of its own, begins at the
step that the job's row names. What DBOS stores are the job's kind, tenant and id, and for each step one of three words. The
version of the workflow format is a constant of this module: a job that is under way survives an upgrade of the code around it.
"""

import logging
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from uuid import UUID

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID

from database.columns import millis, rfc3339
from database.engine import Database
from database.pool import APPLICATION_ROLE
from work import store
from work.job import Job, Task
from work.step import ENDED_WORD, MORE, Steps

FORMAT_VERSION = "1"
SCHEMA = "dbos"

FORGOTTEN_MS = 7 * 24 * 3600 * 1000
FORGOTTEN_AT_ONCE = 1_000


def migrate_store(url: str) -> None:
    """Bring the store of durable work to the schema of this version, as its owner, for processes that only use it."""
    DBOS.migrate(url, schema=SCHEMA, application_role=None if url.startswith("sqlite") else APPLICATION_ROLE)


class DurableJobs:
    """DBOS, launched for this process. There is one in a process at a time. `transient` are errors that pass by themselves,
    beside those of the database."""

    def __init__(
        self,
        database: Database,
        tasks: Iterable[Task],
        now: Callable[[], datetime],
        *,
        store_url: str,
        worker: str,
        migrates: bool,
        transient: Iterable[type[Exception]] = (),
    ) -> None:
        self._steps = steps = Steps(database, tasks, now, transient)
        logging.getLogger("dbos").setLevel(logging.ERROR)
        DBOS(config=_configuration(store_url, worker=worker, migrates=migrates))

        @DBOS.step(name="moat_job_step")
        def step(kind: str, tenant: int, job: str, number: int, run: int, first: int) -> str:
            return steps.carry_out(kind, tenant, UUID(job), number, run=run, first=first)

        # Being killed is nothing that a job may die of, however often it happens.
        @DBOS.workflow(name="moat_job", max_recovery_attempts=None)
        def carry(kind: str, tenant: int, job: str, run: int = 0, first: int = 0) -> str:
            number = first
            while step(kind, tenant, job, number, run, first) == MORE:
                number += 1
            return ENDED_WORD

        self._carry = carry
        # A process that takes over work before it has said that it is alive would have it taken away again.
        at = millis(now())
        database.write(None, lambda tx: tx.run(store.BEAT, id=worker, at=at))
        DBOS.launch()

    def start(self, job: Job) -> None:
        """Begin a run of a job. Beginning one that has begun does nothing, in whichever process it was."""
        with SetWorkflowID(_workflow(job)):
            DBOS.start_workflow(self._carry, job.kind, job.tenant, str(job.id), job.run, job.step)

    def is_carried(self, job: Job) -> bool:
        """Whether a workflow carries the job's present run, or is to be taken over by a process."""
        status = DBOS.get_workflow_status(_workflow(job))
        return status is not None and status.status in {"PENDING", "ENQUEUED", "DELAYED"}

    def revive(self, living: Collection[str]) -> int:
        """Take over the jobs of processes that are not among the living; tells how many."""
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        left = [workflow.workflow_id for workflow in pending if workflow.executor_id not in living]
        if left:
            DBOS.resume_workflows(left)
        return len(left)

    def forget_ended(self, at: int) -> int:
        """Delete what the store keeps of workflows that ended more than `FORGOTTEN_MS` before `at`, some at a time; tells how
        many. The jobs' own rows stay."""
        before = rfc3339(at - FORGOTTEN_MS)
        ended = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            completed_before=before,
            limit=FORGOTTEN_AT_ONCE,
            load_input=False,
            load_output=False,
        )
        if ended:
            DBOS.delete_workflows([workflow.workflow_id for workflow in ended])
        return len(ended)

    def close(self) -> None:
        """Stop working; what is under way goes on at the next start."""
        self._steps.stop()
        DBOS.destroy(destroy_registry=True)


def _configuration(store_url: str, *, worker: str, migrates: bool) -> DBOSConfig:
    return {
        "name": "moat",
        "system_database_url": store_url,
        "dbos_system_schema": SCHEMA,
        "application_version": FORMAT_VERSION,
        "executor_id": worker,
        "serializer": DBOSPortableJSONSerializer(),
        "log_level": "ERROR",
        "run_migrations": migrates,
        "use_listen_notify": False,
        "sys_db_pool_size": 3,
    }


def _workflow(job: Job) -> str:
    return f"{job.id}.{job.run}" if job.run else str(job.id)
