"""Workers that are born to die: python -m tests.drill.request_nursery PLACE [DATABASE].

Each line of the standard input is a JSON object, and so is each answer:

    {"do": "start", "deaths": [["module:Class.method", n, false], …]}
        a `moat worker` that kills itself by SIGKILL at the n-th call of the first of these methods that gets so far, before or
        after it; without any, one that lives. Answered is its {"pid"}; as which it dies stands in `deaths.log`
    {"do": "look", "pid": p}      whether it is alive, and how it ended: {"ended": null | "killed" | "ended 1"}
    {"do": "kill", "pid": p}      kill it, wherever it is

This process has one thread, so that it may fork, and has imported everything, so that a life begins within half a second.
"""

import json
import os
import signal
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import app
from commands.program import main as moat
from commands.working import worker
from tests.support.killed import Kill, arm

IMPORTED = (app, worker)
"""Named, so that nobody takes what is imported for its time for nothing."""


def main(place: Path, database: str | None) -> None:
    """Raise workers until the standard input ends."""
    ended: dict[int, str] = {}
    living: set[int] = set()
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        if asked["do"] == "start":
            pid = _start(place, database, asked)
            living.add(pid)
            answer: dict[str, Any] = {"pid": pid}
        else:
            pid = asked["pid"]
            if asked["do"] == "kill" and pid in living:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if pid in living:
                found, status = os.waitpid(pid, 0 if asked["do"] == "kill" else os.WNOHANG)
                if found:
                    living.discard(pid)
                    ended[pid] = "killed" if os.WIFSIGNALED(status) else f"ended {os.waitstatus_to_exitcode(status)}"
            answer = {"ended": ended.get(pid)}
        print(json.dumps(answer), flush=True)
    for pid in living:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _start(place: Path, database: str | None, asked: dict[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        said = os.open(place / "workers.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(said, 1)
        os.dup2(said, 2)
        for death in asked["deaths"]:
            arm(Kill(*death), partial(_tell, place / "deaths.log", death[0]))
        named = [] if database is None else ["--database", database]
        moat(["worker", "--data", str(place / "data"), "--keys", str(place / "keys"), *named], prog_name="moat")
    finally:
        os._exit(70)
    raise AssertionError


def _tell(path: Path, target: str) -> None:
    """Note where this process is about to die."""
    with path.open("a") as told:
        told.write(f"{os.getpid()} {target}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
