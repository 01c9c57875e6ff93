"""How fast long work on many rows goes, beside those who use the service."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, sleep

from database.engine import Database
from work.job import LONGEST_WAIT_SECONDS, Job

RESTS_FOR = 4.0
"""Times as long as it worked: beside others it takes a fifth of the time, and leaves them the rest."""

RESTS_AT_MOST_SECONDS = 1.0


@contextmanager
def considerate(database: Database, *, rests_for: float = RESTS_FOR) -> Iterator[None]:
    """Work on a batch, which is one write, and rest afterwards if anybody else in this process has written meanwhile, `rests_for`
    times as long as it worked: they share one interpreter, and on SQLite one writer. With nobody there it goes on at once."""
    began, writes = perf_counter(), database.writes
    yield
    if database.writes > writes + 1:
        sleep(min(rests_for * (perf_counter() - began), RESTS_AT_MOST_SECONDS))


def wait_after(job: Job, moved: int) -> float:
    """Seconds to wait after a step that moved so many: `throttle` of the job is how many a second it may move at most."""
    throttle = job.params.get("throttle")
    return min(moved / throttle, LONGEST_WAIT_SECONDS) if throttle else 0.0
