"""How fast a rotation goes, beside those who use the service."""

from time import sleep

from work.job import LONGEST_WAIT_SECONDS, Job

BREATH_SECONDS = 0.001
"""Between two transactions. A thread of Python that never rests keeps the others of its process from answering calls."""


def breathe() -> None:
    """Let calls pass before the next transaction."""
    sleep(BREATH_SECONDS)


def wait_after(job: Job, moved: int) -> float:
    """Seconds to wait after a step that moved so many: `throttle` of the job is how many a second it may move at most."""
    throttle = job.params.get("throttle")
    return min(moved / throttle, LONGEST_WAIT_SECONDS) if throttle else 0.0
