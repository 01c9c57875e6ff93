"""Keeping what is in memory from the disk: no core dumps, nobody attaches, and no swapping where the host allows it.

Keys and values are in the memory of a process while it works, and Python neither overwrites what it frees nor promises where it
copies. So nothing here makes keys vanish; it keeps the memory as a whole from being written anywhere.
"""

import ctypes
import resource
import sys
from pathlib import Path

import structlog

_PR_SET_DUMPABLE = 4
_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
_CAP_IPC_LOCK = 14


def protect_memory() -> None:
    """Switch core dumps off, refuse to be traced by others of the same user, and lock the memory if that can be done. A line of
    the log says what could not."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        structlog.get_logger().warning("memory", locked=False, why="not_linux")
        return
    # A core pattern that is a pipe takes dumps whatever the limit says; of a process that is not dumpable it gets none.
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    why = _lock()
    if why is not None:
        structlog.get_logger().warning("memory", locked=False, why=why)


def _lock() -> str | None:
    """Lock all pages, as they are touched; a code where that is not possible.

    Never under a finite limit: with every later page locked too, the first allocation beyond the limit would fail.
    """
    if not _may_lock_without_limit():
        return "memlock_limit"
    wanted = _MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT
    return None if ctypes.CDLL(None, use_errno=True).mlockall(wanted) == 0 else "refused"


def _may_lock_without_limit() -> bool:
    soft, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    return soft == resource.RLIM_INFINITY or _has_capability(_CAP_IPC_LOCK)


def _has_capability(number: int) -> bool:
    status = Path("/proc/self/status").read_text("ascii", errors="replace")
    effective = next((line.split()[1] for line in status.splitlines() if line.startswith("CapEff:")), "0")
    return bool(int(effective, 16) >> number & 1)
