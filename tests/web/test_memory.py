"""What keeps the memory of a serving process from the disk."""

import ctypes
import os
import resource
from collections.abc import Callable
from multiprocessing import Pipe
from pathlib import Path

import pytest

from commands import serving, working
from web import memory, serve
from web.memory import protect_memory

_PR_GET_DUMPABLE = 3


def in_a_fork(check: Callable[[], bool]) -> bool:
    """Whether a check holds in a process of its own, which these settings then die with."""
    child = os.fork()
    if child == 0:
        held = False
        try:
            held = check()
        finally:
            os._exit(0 if held else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_no_core_is_dumped_and_nobody_attaches() -> None:
    def check() -> bool:
        protect_memory()
        dumpable = ctypes.CDLL(None).prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0)
        return resource.getrlimit(resource.RLIMIT_CORE) == (0, 0) and dumpable == 0

    assert in_a_fork(check)


@pytest.mark.parametrize("unlimited", [True, False])
def test_memory_is_locked_only_where_no_limit_can_make_an_allocation_fail(
    monkeypatch: pytest.MonkeyPatch, unlimited: bool
) -> None:
    monkeypatch.setattr(memory, "_may_lock_without_limit", lambda: unlimited)
    asked: list[str] = []
    monkeypatch.setattr("web.memory.structlog.get_logger", lambda: _Told(asked))

    def locked() -> int:
        status = Path("/proc/self/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmLck:"))

    def check() -> bool:
        protect_memory()
        return (locked() > 0 or asked == ["refused"]) if unlimited else (locked() == 0 and asked == ["memlock_limit"])

    assert in_a_fork(check)


class _Told:
    """Takes the lines of a log."""

    def __init__(self, asked: list[str]) -> None:
        self._asked = asked

    def warning(self, _event: str, *, locked: bool, why: str) -> None:
        assert not locked
        self._asked.append(why)


def test_every_process_that_opens_keys_does_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class CalledError(Exception):
        pass

    def called() -> None:
        raise CalledError

    monkeypatch.setattr(serve, "protect_memory", called)
    monkeypatch.setattr(serving, "protect_memory", called)
    monkeypatch.setattr(working, "protect_memory", called)
    with pytest.raises(CalledError):
        serve._open(lambda: pytest.fail("loaded before"), os.getppid(), Pipe()[1])
    for command in (serving.serve, working.worker):
        with pytest.raises(CalledError):
            command.callback()  # type: ignore[misc]  # a click command has its function there
