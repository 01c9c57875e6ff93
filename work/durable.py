"""Running jobs on DBOS: the only import of it.

One workflow serves every kind of job: it runs the steps of the job's task in order, and each step's answer is kept before the
next begins. After a crash the workflow goes on at the first step without an answer; that step may have had its effect
already, which is why tasks mark their effects in their own transactions.

What DBOS stores are the job's kind, tenant and id, and for each step one of three words. The version of the workflow
format is a constant of this module: a job that is under way survives an upgrade of the code around it.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from time import sleep
from uuid import UUID

from dbos import DBOS, DBOSPortableJSONSerializer, SetWorkflowID

from database.columns import millis
from database.engine import APPLICATION_ROLE, Database
from work import store
from work.desk import move, require
from work.job import ENDED, Job, JobState, Task

FORMAT_VERSION = "1"
ATTEMPTS = 3
RETRY_SECONDS = 0.5
SCHEMA = "dbos"

MORE = "more"
ENDED_WORD = "ended"


def migrate_store(url: str) -> None:
    """Bring the store of durable work to the schema of this version, as its owner, for processes that only use it."""
    DBOS.migrate(url, schema=SCHEMA, application_role=None if url.startswith("sqlite") else APPLICATION_ROLE)


class DurableJobs:
    """DBOS, launched for this process. There is one in a process at a time."""

    def __init__(
        self,
        database: Database,
        tasks: Iterable[Task],
        now: Callable[[], datetime],
        *,
        store_url: str,
        worker: str,
        migrates: bool,
    ) -> None:
        self._database = database
        self._tasks = {task.kind: task for task in tasks}
        self._now = now
        logging.getLogger("dbos").setLevel(logging.ERROR)
        DBOS(
            config={
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
        )

        @DBOS.step(name="moat_job_step")
        def step(kind: str, tenant: int, job: str, number: int) -> str:
            return self._step(kind, tenant, job, number)

        @DBOS.workflow(name="moat_job")
        def run(kind: str, tenant: int, job: str) -> str:
            number = 0
            while step(kind, tenant, job, number) == MORE:
                number += 1
            return ENDED_WORD

        self._run = run
        DBOS.launch()

    def start(self, job: Job) -> None:
        """Begin a job. Beginning one that has begun does nothing, in whichever process it was."""
        with SetWorkflowID(str(job.id)):
            DBOS.start_workflow(self._run, job.kind, job.tenant, str(job.id))

    def revive(self, worker: str) -> int:
        """Take over the jobs that a process that is no more has left unfinished; tells how many."""
        left = DBOS.list_workflows(status="PENDING", executor_id=worker, load_input=False, load_output=False)
        if left:
            DBOS.resume_workflows([workflow.workflow_id for workflow in left])
        return len(left)

    def close(self) -> None:
        """Stop working; what is under way goes on at the next start."""
        DBOS.destroy(destroy_registry=True)

    def _step(self, kind: str, tenant: int, job: str, number: int) -> str:
        """A step, tried again when it fails. What is kept of a failure is the type of its cause: a message may hold a value."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._carry_out(self._tasks[kind], tenant, UUID(job), number)
            except Exception as error:  # a job must end in a state that says so, whatever its task raises
                if attempt == ATTEMPTS:
                    self._fail(tenant, UUID(job), type(error).__name__)
            sleep(attempt * RETRY_SECONDS)
        return ENDED_WORD

    def _carry_out(self, task: Task, tenant: int, job_id: UUID, number: int) -> str:
        job = require(self._database.read(tenant, lambda tx: tx.one(store.JOB, tenant=tenant, id=job_id.bytes)))
        if job.state in ENDED:
            return ENDED_WORD
        if job.state is JobState.CANCELLING:
            task.abandon(job)
            self._move(job, JobState.CANCELLED)
            return ENDED_WORD
        progress = task.step(job, number)
        at = millis(self._now())
        self._database.write(
            tenant,
            lambda tx: tx.run(
                store.SET_PROGRESS, tenant=tenant, id=job.id.bytes, done=progress.done, total=progress.total, at=at
            ),
        )
        if not progress.finished:
            return MORE
        return ENDED_WORD if self._move(job, JobState.DONE) else MORE

    def _move(self, job: Job, state: JobState, error: str | None = None) -> bool:
        at = millis(self._now())
        return self._database.write(job.tenant, lambda tx: move(tx, job, state, at, error))

    def _fail(self, tenant: int, job_id: UUID, code: str) -> None:
        row = self._database.read(tenant, lambda tx: tx.one(store.JOB, tenant=tenant, id=job_id.bytes))
        self._move(require(row), JobState.FAILED, code)
