"""The lag of numbering, and the thread that keeps it small."""

import threading
import time
from pathlib import Path

import pytest

from audit.lag import BehindError, Lag, LagWatch
from audit.publishing import Publishing, PublishingError
from database.engine import Database
from tests.audit.deployment import Log
from tests.support.clock import Clock


@pytest.fixture
def log(database: Database, tmp_path: Path, clock: Clock) -> Log:
    return Log(database, tmp_path / "audit", clock)


@pytest.fixture
def watch(log: Log) -> LagWatch:
    return LagWatch(log.database, log.clock, entries_at_most=10, age_at_most_ms=60_000)


def test_a_log_that_is_numbered_does_not_lag(log: Log, watch: LagWatch) -> None:
    assert watch.measure() == Lag(0, 0)
    log.act(20)
    log.publish()
    assert watch.measure() == Lag(0, 0)
    watch.check()


def test_too_many_entries_without_an_index_are_behind(log: Log, watch: LagWatch) -> None:
    log.act(10)
    watch.measure()
    assert not watch.behind()
    log.act(1)
    watch.measure()
    with pytest.raises(BehindError):
        watch.check()
    log.publish()
    watch.measure()
    assert not watch.behind()


def test_one_entry_that_waits_too_long_is_behind(log: Log, watch: LagWatch) -> None:
    log.act(1)
    log.clock.advance(seconds=60)
    assert watch.measure() == Lag(1, 60_000)
    assert not watch.behind()
    log.clock.advance(seconds=1)
    watch.measure()
    assert watch.behind()


def test_a_lag_that_nobody_measures_any_more_counts_as_too_long(log: Log, watch: LagWatch) -> None:
    log.clock.advance(seconds=600)
    assert not watch.behind()
    watch.measure()
    log.clock.advance(seconds=61)
    assert watch.behind()


def test_the_thread_publishes_by_itself_and_lets_go_when_it_stops(log: Log, watch: LagWatch) -> None:
    failures: list[BaseException] = []
    publishing = Publishing(log.publisher(), watch, failed=failures.append)
    publishing.start()
    try:
        log.act(5)
        deadline = time.monotonic() + 10
        while log.directory.files(1).checkpoint() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        log.act(5)
    finally:
        publishing.stop()
    publishing.check()
    assert log.published().size == 10
    assert failures == []
    assert log.directory.seize()


def test_a_failure_is_reported_once_and_shows_in_the_check(log: Log, watch: LagWatch, tmp_path: Path) -> None:
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit/1").write_text("in the way")
    log.act(1)
    failures: list[BaseException] = []
    reported = threading.Event()

    def failed(error: BaseException) -> None:
        failures.append(error)
        reported.set()

    publishing = Publishing(log.publisher(), watch, failed=failed)
    publishing.start()
    assert reported.wait(10)
    with pytest.raises(PublishingError):
        publishing.check()
    publishing.stop()
    assert len(failures) == 1
