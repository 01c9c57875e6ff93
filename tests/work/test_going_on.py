"""Jobs pause, wait, fail and go on where they stopped, on both databases."""

import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dbos import DBOS, SetWorkflowID

from database.engine import ConflictError, Database
from database.statement import Statement
from tests.support.clock import Clock
from tests.work.test_jobs import WORKER, Counting, ended, store_url, submit
from work import store
from work.desk import JobDesk
from work.dispatcher import Dispatcher
from work.durable import DurableJobs
from work.errors import JobEndedError, JobStateError
from work.job import Job, JobState, Progress
from work.step import ATTEMPTS

pytestmark = pytest.mark.xdist_group("dbos")


class ProviderAwayError(Exception):
    """What the task says is transient."""


class Slow(Counting):
    """Counts as `Counting` does, waits `wait_seconds` after each step, and breaks down as it is told."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.breaks: Callable[[int], None] = lambda number: None

    def step(self, job: Job, number: int) -> Progress:
        self.breaks(number)
        made = super().step(job, number)
        return Progress(made.done, made.total, made.finished, job.params.get("wait_seconds", 0))


class Works:
    """A worker of its own over the database, with its task."""

    def __init__(self, database: Database, url: str, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.desk = JobDesk(database)
        self.task = Slow(database)
        self.jobs = DurableJobs(
            database, [self.task], clock, store_url=url, worker="w1", migrates=True, transient=[ProviderAwayError]
        )
        self.failures: list[BaseException] = []
        self.dispatcher = Dispatcher(database, self.jobs, clock, worker="w1", failed=self.failures.append)
        self.dispatcher.start()

    def submit(self, **params: int) -> Job:
        job = submit(self.database, self.desk, **params)
        self.dispatcher.nudge()
        return job

    def do(self, act: str, job: Job) -> object:
        done = self.database.write(1, lambda tx: getattr(self.desk, act)(tx, 1, job.id, 2_000))
        self.dispatcher.nudge()
        return done

    def until(self, job: Job, holds: Callable[[Job], bool]) -> Job:
        for _ in range(600):
            found = self.desk.get(1, job.id)
            if holds(found):
                return found
            time.sleep(0.02)
        raise AssertionError(f"it never came to that: {found}")

    def marked(self) -> list[int]:
        rows = self.database.read(1, lambda tx: tx.all(Statement("SELECT step FROM job_step WHERE tenant = :t"), t=1))
        return sorted(step for (step,) in rows)


@pytest.fixture
def works(database: Database, database_url: str, clock: Clock, tmp_path: Path) -> Iterator[Works]:
    made = Works(database, store_url(database_url, tmp_path), clock)
    yield made
    made.dispatcher.stop()
    assert made.failures == []


def test_a_paused_job_begins_no_step_until_it_is_resumed_and_then_does_each_once(works: Works) -> None:
    job = works.submit(to=12, pause_ms=20)
    works.until(job, lambda found: found.done >= 2)
    works.do("pause", job)
    left = works.until(job, lambda found: found.run == 1)
    assert left.state is JobState.PAUSED
    calls = len(works.task.calls)
    works.dispatcher.dispatch()
    assert len(works.task.calls) == calls == left.step
    works.do("resume", job)
    assert ended(works.desk, job).state is JobState.DONE
    assert works.task.calls == list(range(12))
    assert works.marked() == list(range(12))


def test_resuming_a_job_before_its_step_saw_the_pause_changes_nothing(works: Works) -> None:
    job = works.submit(to=3, pause_ms=200)
    works.until(job, lambda found: found.done >= 1)
    works.do("pause", job)
    works.do("resume", job)
    found = ended(works.desk, job)
    assert (found.state, found.run) == (JobState.DONE, 0)
    assert works.task.calls == [0, 1, 2]


def test_a_job_that_waits_between_steps_goes_on_when_its_time_has_come(works: Works) -> None:
    job = works.submit(to=2, wait_seconds=600)
    waiting = works.until(job, lambda found: found.done == 1)
    assert waiting.wait_until > 0
    works.clock.advance(seconds=599)
    time.sleep(0.6)  # longer than the wait looks away: what must not happen has had its chance
    assert works.task.calls == [0]
    works.clock.advance(seconds=1)
    assert ended(works.desk, job).state is JobState.DONE


@pytest.mark.parametrize("act", ["pause", "cancel"])
def test_a_waiting_job_hears_of_what_is_asked_of_it(works: Works, act: str) -> None:
    job = works.submit(to=2, wait_seconds=3_600)
    works.until(job, lambda found: found.done == 1)
    works.do(act, job)
    works.until(job, lambda found: found.run == 1 if act == "pause" else found.state is JobState.CANCELLED)
    assert works.task.calls == [0]
    assert len(works.task.abandoned) == (act == "cancel")


def test_stopping_does_not_wait_for_a_job_that_waits(works: Works) -> None:
    job = works.submit(to=2, wait_seconds=3_600)
    works.until(job, lambda found: found.done == 1)
    works.dispatcher.stop()
    assert works.desk.get(1, job.id).state is JobState.RUNNING


def test_a_paused_job_that_is_cancelled_is_abandoned(works: Works) -> None:
    job = works.submit(to=1_000, pause_ms=10)
    works.until(job, lambda found: found.done >= 1)
    works.do("pause", job)
    works.until(job, lambda found: found.run == 1)
    works.do("cancel", job)
    assert ended(works.desk, job).state is JobState.CANCELLED
    assert [one.id for one in works.task.abandoned] == [job.id]


def test_a_failed_job_is_resumed_at_the_step_that_failed(works: Works) -> None:
    broken = True

    def breaks(number: int) -> None:
        if number == 3 and broken:
            raise ValueError

    works.task.breaks = breaks
    job = works.submit(to=5)
    failed = ended(works.desk, job)
    assert (failed.state, failed.error, failed.step) == (JobState.FAILED, "ValueError", 3)
    broken = False
    works.task.calls.clear()
    assert works.do("resume", job) == job.id
    works.until(job, lambda found: found.state is JobState.DONE)
    assert works.task.calls == [3, 4]
    assert works.desk.get(1, job.id).error is None


def test_a_kind_that_another_version_knows_is_waited_for(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[int] = []
    back_off = works.jobs._steps._back_off

    def counted(tenant: int, job: uuid.UUID, attempt: int) -> None:
        attempts.append(attempt)
        back_off(tenant, job, attempt)

    monkeypatch.setattr("work.step.RETRY_SECONDS", 0.001)
    monkeypatch.setattr(works.jobs._steps, "_back_off", counted)
    job = works.database.write(1, lambda tx: works.desk.submit(tx, 1, "invented_later", {}, 1_000))
    works.dispatcher.nudge()
    assert works.until(works.desk.get(1, job), lambda found: len(attempts) > ATTEMPTS).state is JobState.RUNNING


@pytest.mark.parametrize("error", [ProviderAwayError, ConflictError, TimeoutError])
def test_what_passes_by_itself_is_tried_more_often_than_what_does_not(
    works: Works, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("work.step.RETRY_SECONDS", 0.001)
    monkeypatch.setattr("work.step.LOOK_SECONDS", 0.01)
    attempts = 0

    def breaks(number: int) -> None:
        nonlocal attempts
        attempts += 1
        if attempts <= 8:
            raise error

    works.task.breaks = breaks
    assert ended(works.desk, works.submit(to=2)).state is JobState.DONE
    assert works.task.calls == [0, 1]


def test_what_never_passes_ends_the_job_in_the_end(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("work.step.RETRY_SECONDS", 0.0001)
    monkeypatch.setattr("work.step.LOOK_SECONDS", 0.01)

    def breaks(number: int) -> None:
        raise ProviderAwayError

    works.task.breaks = breaks
    found = ended(works.desk, works.submit(to=2))
    assert (found.state, found.error) == (JobState.FAILED, "ProviderAwayError")


def test_a_long_job_goes_on_as_one_run_after_another(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("work.step.STEPS_PER_RUN", 3)
    found = ended(works.desk, works.submit(to=10))
    assert (found.state, found.done, found.run) == (JobState.DONE, 10, 3)
    assert works.task.calls == list(range(10))


def test_a_job_said_to_run_that_nothing_carries_is_queued_again(works: Works) -> None:
    job = works.submit(to=1_000, pause_ms=5)
    works.until(job, lambda found: found.state is JobState.RUNNING and found.done > 0)
    DBOS.cancel_workflow(str(job.id))
    for _ in range(100):
        works.clock.advance(seconds=5)
        works.dispatcher.nudge()
        if works.desk.get(1, job.id).run == 1:
            break
        time.sleep(0.05)
    works.until(job, lambda found: found.run == 1 and found.state is JobState.RUNNING)
    works.do("cancel", job)
    assert ended(works.desk, job).state is JobState.CANCELLED


def test_a_workflow_begun_by_the_code_before_runs_is_carried_to_its_end(works: Works) -> None:
    job = works.database.write(1, lambda tx: works.desk.submit(tx, 1, "counting", {"to": 4}, 1_000))
    works.database.write(1, lambda tx: tx.run(_RUNNING, tenant=1, id=job.bytes))
    with SetWorkflowID(str(job)):
        DBOS.start_workflow(works.jobs._carry, "counting", 1, str(job))
    assert ended(works.desk, works.desk.get(1, job)).state is JobState.DONE
    assert works.task.calls == [0, 1, 2, 3]


_RUNNING = Statement("UPDATE job SET state = 'running' WHERE tenant = :tenant AND id = :id")


def test_what_is_asked_of_a_job_in_the_wrong_state_is_refused(works: Works) -> None:
    job = works.submit(to=1)
    ended(works.desk, job)
    for act in ("pause", "resume", "cancel"):
        with pytest.raises(JobEndedError):
            works.do(act, job)
    running = works.submit(to=1_000, pause_ms=20)
    with pytest.raises(JobStateError):
        works.do("resume", running)
    works.do("cancel", running)
    assert ended(works.desk, running).state is JobState.CANCELLED


def test_a_step_that_was_noted_is_not_begun_again(works: Works) -> None:
    """As when a process dies after the note and before the workflow's own record of the step."""
    job = works.database.write(1, lambda tx: works.desk.submit(tx, 1, "counting", {"to": 4}, 1_000))
    works.database.write(1, lambda tx: tx.run(_AT_STEP, tenant=1, id=job.bytes, step=2))
    with SetWorkflowID(str(job)):
        DBOS.start_workflow(works.jobs._carry, "counting", 1, str(job))
    assert ended(works.desk, works.desk.get(1, job)).state is JobState.DONE
    assert works.task.calls == [2, 3]


_AT_STEP = Statement("UPDATE job SET state = 'running', step = :step WHERE tenant = :tenant AND id = :id")


def test_a_worker_that_fell_silent_in_a_step_is_taken_over_by_another(
    works: Works, database: Database, database_url: str, tmp_path: Path
) -> None:
    job = database.write(1, lambda tx: works.desk.submit(tx, 1, "counting", {"to": 4, "pause_ms": 30}, 1_000))
    works.dispatcher.stop()
    command = [sys.executable, "-c", WORKER, database_url, store_url(database_url, tmp_path), "w0"]
    other = subprocess.Popen(command)
    try:
        works.until(works.desk.get(1, job), lambda found: found.done >= 1)
    finally:
        other.kill()
        other.wait()
    works.clock.moment = datetime.now(UTC)  # the clock of the other process
    left = works.desk.get(1, job)
    works.__init__(database, store_url(database_url, tmp_path), works.clock)  # type: ignore[misc]
    assert works.desk.get(1, job).state is left.state
    works.clock.moment = datetime.now(UTC) + timedelta(seconds=11)
    works.dispatcher.nudge()
    assert ended(works.desk, left).state is JobState.DONE
    assert works.marked() == [0, 1, 2, 3]


def test_a_worker_that_took_over_says_so_before_it_works(works: Works) -> None:
    found = works.database.read(None, lambda tx: tx.all(store.LIVING_WORKERS, since=0))
    assert found == [("w1",)]
