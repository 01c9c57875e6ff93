"""The durable work of a deployment: what its parts bring to it, and the process that carries it out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from uuid import uuid4

from audit.log import AuditLog
from composition.part import Part
from database.engine import Database
from settings import Settings
from web.logs import failure_line
from work.decisions import Decisions
from work.desk import JobDesk
from work.dispatcher import Dispatcher
from work.durable import DurableJobs
from work.job import Task
from work.timetable import Timetable, Timetables


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Kinds of jobs, errors of theirs that pass by themselves, when they are due, and what is done every minute."""

    tasks: Sequence[Task]
    transient: Sequence[type[Exception]]
    timetables: Sequence[Timetable]
    rounds: Mapping[str, Callable[[int], object]]


def work_of(parts: Sequence[Part]) -> Work:
    """What all parts bring, in order."""
    return Work(
        tasks=list(chain.from_iterable(part.tasks for part in parts)),
        transient=list(chain.from_iterable(part.transient for part in parts)),
        timetables=list(chain.from_iterable(part.timetables for part in parts)),
        rounds={name: work for part in parts for name, work in part.rounds.items()},
    )


def start(chosen: Settings, database: Database, desk: JobDesk, work: Work, now: Callable[[], datetime]) -> Dispatcher:
    """Run jobs in this process, beside whatever else it does.

    On the embedded database there is one worker, which takes its own unfinished jobs up again at every start. Elsewhere each
    process is a worker of its own, and takes over from those that have fallen silent.
    """
    worker = "embedded" if chosen.on_sqlite else str(uuid4())
    jobs = DurableJobs(
        database,
        work.tasks,
        now,
        store_url=chosen.work_url,
        worker=worker,
        migrates=chosen.on_sqlite,
        transient=work.transient,
    )
    rounds = {
        **work.rounds,
        "timetables": Timetables(database, desk, work.timetables, failed=_failed).ask,
        "ended_workflows": jobs.forget_ended,
        "approvals": Decisions(database, AuditLog(), desk).expire,
    }
    dispatcher = Dispatcher(database, jobs, now, worker=worker, failed=_failed, rounds=rounds)
    desk.nudge = dispatcher.nudge
    dispatcher.start()
    return dispatcher


def _failed(error: BaseException) -> None:
    failure_line(error, "")
