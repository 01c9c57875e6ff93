"""Jobs begin once, survive kills, end once, and can be cancelled, on both databases."""

import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from dbos import DBOS

from database.engine import Database
from database.statement import Statement
from tests.support.clock import Clock
from work import store
from work.desk import JobDesk
from work.dispatcher import Dispatcher
from work.durable import DurableJobs
from work.errors import JobEndedError, JobNotFoundError
from work.job import Job, JobState, Progress

pytestmark = pytest.mark.xdist_group("dbos")


class Counting:
    """Counts to the job's `to`, marking each step; stops with an error at `fails_at`."""

    kind = "counting"

    def __init__(self, database: Database) -> None:
        self._database = database
        self.calls: list[int] = []
        self.abandoned: list[Job] = []

    def step(self, job: Job, number: int) -> Progress:
        self.calls.append(number)
        if number == job.params.get("fails_at"):
            raise ValueError("13812345678")
        time.sleep(job.params.get("pause_ms", 0) / 1000)
        self._database.write(job.tenant, lambda tx: store.mark(tx, job, number))
        return Progress(number + 1, job.params["to"], number + 1 >= job.params["to"])

    def abandon(self, job: Job) -> None:
        self.abandoned.append(job)


@pytest.fixture
def counting(database: Database) -> Counting:
    return Counting(database)


@pytest.fixture
def desk(database: Database) -> JobDesk:
    return JobDesk(database)


def store_url(database_url: str, directory: Path) -> str:
    if database_url.startswith("sqlite"):
        return f"sqlite:///{directory / 'work.db'}"
    return database_url.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def dispatcher(
    database: Database, database_url: str, counting: Counting, clock: Clock, tmp_path: Path
) -> Iterator[Dispatcher]:
    jobs = DurableJobs(
        database, [counting], clock, store_url=store_url(database_url, tmp_path), worker="w1", migrates=True
    )
    made = Dispatcher(database, jobs, clock, worker="w1", failed=lambda error: None)
    made.start()
    yield made
    made.stop()


def submit(database: Database, desk: JobDesk, **params: int) -> Job:
    job = database.write(1, lambda tx: desk.submit(tx, 1, "counting", params, 1_000))
    return desk.get(1, job)


def ended(desk: JobDesk, job: Job) -> Job:
    for _ in range(600):
        found = desk.get(1, job.id)
        if found.state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}:
            return found
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def test_a_job_runs_every_step_once_and_tells_its_progress(
    database: Database, desk: JobDesk, dispatcher: Dispatcher, counting: Counting
) -> None:
    job = submit(database, desk, to=5)
    dispatcher.nudge()
    found = ended(desk, job)
    assert (found.state, found.done, found.total) == (JobState.DONE, 5, 5)
    assert counting.calls == [0, 1, 2, 3, 4]


def test_what_the_store_keeps_of_an_ended_job_goes_after_a_week_and_what_is_under_way_stays(
    database: Database, desk: JobDesk, dispatcher: Dispatcher, counting: Counting
) -> None:
    jobs, now = dispatcher._jobs, time.time_ns() // 1_000_000
    done, going = submit(database, desk, to=1), submit(database, desk, to=100_000, pause_ms=20)
    dispatcher.nudge()
    ended(desk, done)
    while not jobs.is_carried(going):
        time.sleep(0.02)
    while DBOS.get_workflow_status(str(done.id)).status != "SUCCESS":  # type: ignore[union-attr]  # it is there
        time.sleep(0.02)
    assert jobs.forget_ended(now) == 0
    assert jobs.forget_ended(now + 8 * 24 * 3600 * 1000) == 1
    assert DBOS.get_workflow_status(str(done.id)) is None
    assert jobs.is_carried(going)
    assert desk.get(1, done.id).state is JobState.DONE
    database.write(1, lambda tx: desk.cancel(tx, 1, going.id, 2_000))
    assert ended(desk, going).state is JobState.CANCELLED


def test_a_job_of_a_transaction_that_failed_was_never_there(database: Database, desk: JobDesk) -> None:
    made = []

    def work(tx: object) -> None:
        made.append(desk.submit(tx, 1, "counting", {"to": 1}, 1_000))  # type: ignore[arg-type]  # a Transaction
        raise KeyError

    with pytest.raises(KeyError):
        database.write(1, work)
    with pytest.raises(JobNotFoundError):
        desk.get(1, made[0])


def test_another_tenant_does_not_find_a_job(database: Database, desk: JobDesk) -> None:
    job = submit(database, desk, to=1)
    with pytest.raises(JobNotFoundError):
        desk.get(2, job.id)


def test_a_job_that_keeps_failing_ends_as_failed_and_its_stores_hold_no_message(
    database: Database, desk: JobDesk, dispatcher: Dispatcher, counting: Counting, tmp_path: Path
) -> None:
    job = submit(database, desk, to=5, fails_at=2)
    dispatcher.nudge()
    found = ended(desk, job)
    assert (found.state, found.error, found.done) == (JobState.FAILED, "ValueError", 2)
    assert counting.calls.count(2) == 3
    dispatcher.stop()
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or b"13812345678" not in file.read_bytes()


def test_a_cancelled_job_ends_at_its_next_step_and_is_cleared_away(
    database: Database, desk: JobDesk, dispatcher: Dispatcher, counting: Counting
) -> None:
    job = submit(database, desk, to=1_000, pause_ms=20)
    dispatcher.nudge()
    while desk.get(1, job.id).done == 0:
        time.sleep(0.02)
    database.write(1, lambda tx: desk.cancel(tx, 1, job.id, 2_000))
    assert ended(desk, job).state is JobState.CANCELLED
    assert [one.id for one in counting.abandoned] == [job.id]
    again = database.write(1, lambda tx: desk.resume(tx, 1, job.id, 3_000))
    assert again != job.id


def test_a_job_that_is_done_can_be_neither_cancelled_nor_resumed(
    database: Database, desk: JobDesk, dispatcher: Dispatcher
) -> None:
    job = submit(database, desk, to=1)
    dispatcher.nudge()
    ended(desk, job)
    with pytest.raises(JobEndedError):
        database.write(1, lambda tx: desk.cancel(tx, 1, job.id, 2_000))
    with pytest.raises(JobEndedError):
        database.write(1, lambda tx: desk.resume(tx, 1, job.id, 2_000))


WORKER = textwrap.dedent("""
    import sys, time
    from datetime import UTC, datetime
    from pathlib import Path
    from database.engine import Database
    from tests.work.test_jobs import Counting
    from work.dispatcher import Dispatcher
    from work.durable import DurableJobs
    url, stored, worker = sys.argv[1:]
    database = Database(url)
    now = lambda: datetime.now(UTC)
    jobs = DurableJobs(database, [Counting(database)], now, store_url=stored, worker=worker, migrates=True)
    dispatcher = Dispatcher(database, jobs, now, worker=worker, failed=lambda error: print(repr(error), flush=True))
    dispatcher.start()
    time.sleep(60)
""")


def test_a_job_whose_worker_is_killed_is_finished_by_the_next_with_every_step_marked_once(
    database: Database, database_url: str, desk: JobDesk, tmp_path: Path
) -> None:
    job = submit(database, desk, to=30, pause_ms=20)
    command = [sys.executable, "-c", WORKER, database_url, store_url(database_url, tmp_path), "w1"]
    for done in (3, 10, 20, 30):
        worker = subprocess.Popen(command)
        try:
            for _ in range(1_200):
                if desk.get(1, job.id).done >= done:
                    break
                time.sleep(0.02)
        finally:
            worker.kill()
            worker.wait()
    assert desk.get(1, job.id).state in {JobState.DONE, JobState.RUNNING}
    marked = database.read(1, lambda tx: tx.all(Statement("SELECT step FROM job_step WHERE tenant = :t"), t=1))
    assert sorted(step for (step,) in marked) == list(range(30))
