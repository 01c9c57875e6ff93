"""The queue in front of SQLite's one writer."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from database.queue import SHARED_AT_MOST, WriteQueue

Insert = Callable[[Any], int]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "queue.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE parcel (id INTEGER PRIMARY KEY, sender TEXT NOT NULL)")
        connection.execute("CREATE TABLE owed (parcel INTEGER REFERENCES parcel (id) DEFERRABLE INITIALLY DEFERRED)")
    connection.close()
    return path


@pytest.fixture
def queue(path: Path) -> Iterator[WriteQueue]:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    queue = WriteQueue(connection, lambda cursor, _tenant: cursor)
    yield queue
    queue.close()


def insert(sender: str) -> Insert:
    def work(cursor: Any) -> int:
        return int(cursor.execute("INSERT INTO parcel (sender) VALUES (?) RETURNING id", (sender,)).fetchone()[0])

    return work


def senders(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return [sender for (sender,) in connection.execute("SELECT sender FROM parcel ORDER BY id")]
    finally:
        connection.close()


class Convoy:
    """Holds the writer in a first call until others have lined up behind it, so that they share its commit."""

    def __init__(self, queue: WriteQueue) -> None:
        self._queue = queue
        self._held, self._go = threading.Event(), threading.Event()
        self._threads = ThreadPoolExecutor(max_workers=SHARED_AT_MOST * 3)
        self.first = self._threads.submit(queue.submit, None, self._hold)
        assert self._held.wait(5)
        self.calls = [self.first]

    def add(self, work: Callable[[Any], Any]) -> None:
        before = len(self._queue._waiting)
        self.calls.append(self._threads.submit(self._queue.submit, None, work))
        deadline = time.monotonic() + 5
        while len(self._queue._waiting) == before and time.monotonic() < deadline:
            time.sleep(0.001)

    def outcomes(self) -> list[Any]:
        """The answer or the error of each call, after all have run."""
        self._go.set()
        with self._threads:
            return [call.exception(10) or call.result() for call in self.calls]

    def _hold(self, cursor: Any) -> int:
        self._held.set()
        assert self._go.wait(10)
        return insert("first")(cursor)


def test_an_answer_comes_after_the_commit_that_holds_it(queue: WriteQueue, path: Path) -> None:
    assert queue.submit(None, insert("a")) == 1
    assert senders(path) == ["a"]


def test_callers_are_served_in_the_order_in_which_they_came(queue: WriteQueue, path: Path) -> None:
    convoy = Convoy(queue)
    for number in range(SHARED_AT_MOST * 2):
        convoy.add(insert(f"{number:03}"))
    assert convoy.outcomes() == list(range(1, SHARED_AT_MOST * 2 + 2))
    assert senders(path) == ["first", *(f"{number:03}" for number in range(SHARED_AT_MOST * 2))]


def test_a_failing_call_undoes_its_own_changes_and_no_other(queue: WriteQueue, path: Path) -> None:
    def fail(cursor: Any) -> None:
        insert("undone")(cursor)
        raise LookupError("nobody there")

    convoy = Convoy(queue)
    convoy.add(insert("before"))
    convoy.add(fail)
    convoy.add(insert("after"))
    first, before, failed, after = convoy.outcomes()
    assert isinstance(failed, LookupError)
    assert [first, before, after] == [1, 2, 3]
    assert senders(path) == ["first", "before", "after"]


def test_an_error_of_the_database_reaches_the_caller_as_it_was_raised(queue: WriteQueue, path: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        queue.submit(None, lambda cursor: cursor.execute("INSERT INTO parcel (sender) VALUES (NULL)"))
    with pytest.raises(sqlite3.OperationalError):
        queue.submit(None, lambda cursor: cursor.execute("INSERT INTO nowhere VALUES (1)"))
    queue.submit(None, insert("a"))
    assert senders(path) == ["a"]


def test_when_the_shared_commit_fails_nobody_hears_of_success_and_nothing_stays(queue: WriteQueue, path: Path) -> None:
    convoy = Convoy(queue)
    convoy.add(insert("innocent"))
    convoy.add(lambda cursor: cursor.execute("INSERT INTO owed VALUES (4711)").rowcount)
    assert [type(outcome) for outcome in convoy.outcomes()] == [sqlite3.IntegrityError] * 3
    assert senders(path) == []
    assert queue.submit(None, insert("later")) == 1


def test_an_interrupt_inside_a_call_undoes_the_transaction_and_leaves_the_queue_working(
    queue: WriteQueue, path: Path
) -> None:
    def interrupted(cursor: Any) -> None:
        insert("undone")(cursor)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        queue.submit(None, interrupted)
    queue.submit(None, insert("a"))
    assert senders(path) == ["a"]


def test_a_call_on_a_closed_queue_fails_and_does_not_block_the_next_one(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    queue = WriteQueue(connection, lambda cursor, _tenant: cursor)
    queue.close()
    for _ in range(2):
        with ThreadPoolExecutor(1) as threads, pytest.raises(sqlite3.ProgrammingError):
            threads.submit(queue.submit, None, insert("lost")).result(5)


def test_a_database_locked_by_another_process_fails_the_call_and_not_the_queue(queue: WriteQueue, path: Path) -> None:
    queue._connection.execute("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError):
        queue.submit(None, insert("refused"))
    other.execute("ROLLBACK")
    other.close()
    queue.submit(None, insert("a"))
    assert senders(path) == ["a"]


def test_24_threads_write_together_and_nobody_waits_long(queue: WriteQueue, path: Path) -> None:
    longest = []

    def write(number: int) -> None:
        for step in range(20):
            began = time.monotonic()
            if (number + step) % 7 == 0:
                with pytest.raises(ZeroDivisionError):
                    queue.submit(None, lambda cursor: (insert("undone")(cursor), 1 // 0))
            else:
                queue.submit(None, insert(f"{number}-{step}"))
            longest.append(time.monotonic() - began)

    with ThreadPoolExecutor(24) as threads:
        list(threads.map(write, range(24)))
    expected = sorted(f"{n}-{s}" for n in range(24) for s in range(20) if (n + s) % 7)
    assert sorted(senders(path)) == expected
    assert max(longest) < 5
    assert not queue._busy
    assert not queue._waiting
