"""`moat` commands in a forked process, which may kill itself with SIGKILL when a named function is called for the n-th time.

A fork has everything that its command needs imported already, and shares nothing with its parent that it uses: it opens its own
files and connections.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from commands.program import COMMANDS, main


class Kill(NamedTuple):
    """Die at the `number`-th call of `target` (module:name), before or after it."""

    target: str
    number: int = 1
    after: bool = False


class Ended(NamedTuple):
    """How a command ended: its status, or minus the signal, and what it said."""

    code: int
    said: str


def run(arguments: list[str], said: Path, kill: Kill | None = None) -> Ended:
    """Run a command to its end, or to its death. What it says goes to the file `said`."""
    said.unlink(missing_ok=True)
    import_module(COMMANDS[arguments[0]].module)
    child = os.fork()
    if child == 0:
        _run_and_exit(arguments, said, kill)
    _, status = os.waitpid(child, 0)
    return Ended(os.waitstatus_to_exitcode(status), said.read_text())


def _run_and_exit(arguments: list[str], said: Path, kill: Kill | None) -> None:
    code = 70
    try:
        output = os.open(said, os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
        if kill is not None:
            arm(kill)
        try:
            main(arguments, prog_name="moat")
        except SystemExit as ended:
            code = int(ended.code or 0)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def arm(kill: Kill, told: Callable[[], None] = lambda: None) -> None:
    """Have this process kill itself as `kill` says. `told` is called just before."""
    module_name, _, path = kill.target.partition(":")
    owner: Any = import_module(module_name)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    original, calls = getattr(owner, name), [0]

    @wraps(original)
    def fatal(*args: Any, **options: Any) -> Any:
        calls[0] += 1
        if calls[0] == kill.number and not kill.after:
            told()
            os.kill(os.getpid(), signal.SIGKILL)
        answer = original(*args, **options)
        if calls[0] == kill.number:
            told()
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(owner, name, fatal)
