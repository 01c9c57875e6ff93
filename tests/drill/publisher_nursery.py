"""Publishers that are born to die: python -m tests.drill.publisher_nursery DATABASE DIRECTORY.

Each line of the standard input is `STEP NUMBER`, and makes a publisher that kills itself by SIGKILL the NUMBER-th time that it
reaches STEP; `moment MILLISECONDS` makes one that the kernel kills after that time, wherever it is; `whole 0` makes one that
publishes all there is and ends. Answered is one line for each: how it ended. This process has one thread, so that it may fork,
and everything is imported already, so that a life takes milliseconds.
"""

import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from audit.directory import LogDirectory
from audit.publisher import Publisher, Step, Surroundings
from database.engine import Database
from tests.audit.deployment import Keys

LONGEST_SECONDS = 30.0
PAUSE_SECONDS = 0.002
MOMENT, WHOLE = "moment", "whole"


def main(address: str, directory: Path) -> None:
    """Raise publishers until the standard input ends."""
    for line in sys.stdin:
        word, number = line.split()
        child = os.fork()
        if child == 0:
            _live(address, directory, word, int(number))
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) in {signal.SIGKILL, signal.SIGALRM}
        print("killed" if killed else f"ended {os.waitstatus_to_exitcode(status)}", flush=True)


def _live(address: str, directory: Path, word: str, number: int) -> None:
    """Publish until killed, and at the most for thirty seconds. Does not return."""
    if word == MOMENT:
        signal.setitimer(signal.ITIMER_REAL, number / 1000)
    left = number

    def reached(step: Step) -> None:
        nonlocal left
        if step.value == word:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    try:
        publisher = Publisher(
            Surroundings(
                database=Database(address, pool_size=2),
                directory=LogDirectory(directory),
                keys=Keys(),
                origin="log.example/drill",
                now=lambda: datetime.now(UTC),
                reached=reached,
            )
        )
        until = time.monotonic() + LONGEST_SECONDS
        more = True
        while time.monotonic() < until and (more or word != WHOLE):
            more = publisher.run_once()
            time.sleep(PAUSE_SECONDS)
        publisher.close()
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
