"""A log of very many acts is verified in the memory that a short one takes."""

import os
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from audit.entry import Act, Action, Actor, ActorKind, Group, ObjectRef, Outcome, SubjectRef
from audit.event_id import uuid7
from audit.log import AuditLog
from database.engine import CACHE_KIB, Database
from database.transaction import Transaction
from migrations.schema import migrate
from tests.support.server import MOAT

AT_ONCE = 2_000
GROWTH_AT_MOST_MIB = 16 + CACHE_KIB / 1024
"""SQLite may fill its page cache, and no more."""
SHORT = 10_000
_FIRST_MS = 1_793_600_000_000


def large_log(place: Path, address: str | None, acts: int) -> dict[str, Any]:
    """Write a short log and then a long one into the same database, and verify each by the command."""
    data = place / "data"
    data.mkdir(parents=True)
    where = ["--data", str(data)] if address is None else ["--database", address]
    url = address or f"sqlite:///{data / 'moat.db'}"
    if address is None:
        migrate(make_url(url))
    database = Database(url)
    _write(database, 0, SHORT)
    _, short_mib, _ = _verified(where)
    _write(database, SHORT, acts)
    database.dispose()
    status, long_mib, seconds = _verified(where)
    return {
        "acts": acts,
        "seconds": round(seconds, 1),
        "acts_per_second": round(acts / seconds),
        "short_log_mib": round(short_mib, 1),
        "long_log_mib": round(long_mib, 1),
        "ok": status == 0 and long_mib - short_mib <= GROWTH_AT_MOST_MIB,
    }


def _write(database: Database, first: int, end: int) -> None:
    log = AuditLog()
    for start in range(first, end, AT_ONCE):
        database.write(1, partial(_append, log, start=start, end=min(start + AT_ONCE, end)))


def _append(log: AuditLog, tx: Transaction, *, start: int, end: int) -> None:
    for number in range(start, end):
        at = _FIRST_MS + number
        group = Group(
            Outcome.DONE,
            purpose="delivery",
            kind="phone",
            subjects=[SubjectRef(f"{number:022d}")],
            rows=[number + 1],
            refs=[ObjectRef(f"{number:022d}")],
        )
        actor = Actor(ActorKind.CREDENTIAL, 2, "service")
        log.append(tx, Act(Action.TOKENIZE, actor, 1, at, str(uuid7(at)), (group,)))


def _verified(where: list[str]) -> tuple[int, float, float]:
    """Exit status, the most memory that it held (MiB), and how long it took (seconds)."""
    began = time.monotonic()
    process = subprocess.Popen([str(MOAT), "audit", "verify", *where], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, used.ru_maxrss / 1024, time.monotonic() - began
