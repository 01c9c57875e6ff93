"""What is due becomes one job, however many processes ask, and one process of all asks in a minute."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

from database.engine import Database
from database.transaction import Transaction
from work.desk import JobDesk
from work.dispatcher import ROUND_MS, Dispatcher
from work.job import JobState
from work.timetable import DueJob, Timetables

MINUTE = ROUND_MS


class Daily:
    """A job for two tenants every day."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def due(self, tx: Transaction, at: int) -> Sequence[DueJob]:
        self.asked.append(at)
        day = f"day-{at // 86_400_000}"
        return [DueJob(tenant=tenant, kind="daily", occurrence=day, params={"day": day}) for tenant in (1, 2)]


class Broken:
    """Cannot say what is due."""

    def due(self, tx: Transaction, at: int) -> Sequence[DueJob]:
        raise RuntimeError


def kinds(database: Database, tenant: int) -> list[str]:
    found = JobDesk(database).page(tenant, before=None, limit=50, kind=None, state=None)
    return [str(job.params.get("day")) for job in reversed(found)]


def test_each_occurrence_becomes_one_job_of_each_tenant(database: Database) -> None:
    nudged: list[bool] = []
    desk = JobDesk(database, lambda: nudged.append(True))
    timetables = Timetables(database, desk, [Daily()], failed=lambda error: None)
    assert [timetables.ask(at) for at in (1_000, 2_000, 86_400_000, 86_401_000)] == [2, 0, 2, 0]
    assert kinds(database, 1) == kinds(database, 2) == ["day-0", "day-1"]
    assert len(nudged) == 2


def test_processes_that_ask_at_the_same_moment_submit_one_job(database: Database) -> None:
    barrier = Barrier(4)

    def ask(_: int) -> int:
        timetables = Timetables(database, JobDesk(database), [Daily()], failed=lambda error: None)
        barrier.wait()
        return timetables.ask(1_000)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(ask, range(4))) == 2
    assert kinds(database, 1) == kinds(database, 2) == ["day-0"]


def test_a_timetable_that_cannot_say_does_not_keep_the_others_from_being_asked(database: Database) -> None:
    failures: list[BaseException] = []
    timetables = Timetables(database, JobDesk(database), [Broken(), Daily()], failed=failures.append)
    assert timetables.ask(1_000) == 2
    assert [type(failure) for failure in failures] == [RuntimeError]


def test_a_due_job_that_takes_two_persons_waits_for_them(database: Database) -> None:
    class Erasing:
        def due(self, tx: Transaction, at: int) -> Sequence[DueJob]:
            return [DueJob(tenant=1, kind="erase", occurrence="one", params={}, approvals=1)]

    Timetables(database, JobDesk(database), [Erasing()], failed=lambda error: None).ask(1_000)
    (job,) = JobDesk(database).page(1, before=None, limit=2, kind="erase", state=None)
    assert job.state is JobState.AWAITING_APPROVAL


def test_one_of_several_processes_goes_a_round_in_a_minute(database: Database) -> None:
    class Time:
        at = 0.0

        def __call__(self) -> datetime:
            return datetime.fromtimestamp(1_000_000 + self.at, UTC)

    now, daily = Time(), Daily()
    rounds = {"timetables": Timetables(database, JobDesk(database), [daily], failed=lambda error: None).ask}
    workers = [
        Dispatcher(database, None, now, worker=name, failed=lambda error: None, rounds=rounds)  # type: ignore[arg-type]
        for name in ("w1", "w2", "w3")
    ]
    for second in range(0, 240, 7):
        now.at = second
        for worker in workers[second % 3 :] + workers[: second % 3]:
            worker.go_round()
    assert len(daily.asked) == 4
    assert all(later - earlier >= MINUTE for earlier, later in zip(daily.asked, daily.asked[1:], strict=False))
