"""What one package adds to a deployment, and how such parts become one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from flask import Blueprint
from flask_openapi.blueprint import APIBlueprint

from web.answers import PageAnswer
from web.direct import DirectOperation
from web.edge import Packages
from web.health import Check, Warn
from web.problems import Problem
from work.job import Task
from work.timetable import Timetable


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Operations and their problems, readiness checks, kinds of durable work and when they are due, and sweeps of what has ended.

    A sweep is given the time in milliseconds since the epoch, and so is a round, which one process of all does once a minute.
    `warnings`, `warns`, `direct`, `pages` and `page_answers` are as in `web.edge.Packages`.
    `closes` are called once when the deployment is closed.
    `transient` are errors of a step that pass by themselves, such as those of a service that is away.
    """

    blueprints: Sequence[APIBlueprint] = ()
    direct: Sequence[DirectOperation] = ()
    tables: Sequence[Mapping[type[Exception], Problem]] = ()
    problems: Sequence[Problem] = ()
    checks: Mapping[str, Check] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    warns: Sequence[Warn] = ()
    tasks: Sequence[Task] = ()
    transient: Sequence[type[Exception]] = ()
    timetables: Sequence[Timetable] = ()
    sweeps: Sequence[Callable[[int], object]] = ()
    rounds: Mapping[str, Callable[[int], object]] = field(default_factory=dict)
    closes: Sequence[Callable[[], object]] = ()
    pages: Sequence[Blueprint] = ()
    page_answers: Sequence[PageAnswer] = ()


def packages(parts: Sequence[Part]) -> Packages:
    """All parts as the web edge takes them, in order."""
    return Packages(
        blueprints=list(chain.from_iterable(part.blueprints for part in parts)),
        tables=list(chain.from_iterable(part.tables for part in parts)),
        problems=list(chain.from_iterable(part.problems for part in parts)),
        checks={name: check for part in parts for name, check in part.checks.items()},
        warnings=list(chain.from_iterable(part.warnings for part in parts)),
        warns=list(chain.from_iterable(part.warns for part in parts)),
        direct=list(chain.from_iterable(part.direct for part in parts)),
        pages=list(chain.from_iterable(part.pages for part in parts)),
        page_answers=list(chain.from_iterable(part.page_answers for part in parts)),
    )
