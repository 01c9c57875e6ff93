"""Work that goes on by itself: what waits for a second person, what is under way, and what can be done about it."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from pages.officer.around import Around, me, number_of
from pages.shell.door import wants_fragment
from web.auth import caller, occasion
from web.edge_problems import NOT_FOUND
from web.principal import Scope
from web.problems import ProblemError
from work.decisions import Deciding, Decisions
from work.desk import JobDesk
from work.errors import AlreadyApprovedError, JobEndedError, JobNotFoundError, JobStateError, OwnJobError
from work.job import ENDED, JobState

PAGE = 30


class WorkPages:
    """Jobs."""

    def __init__(self, around: Around, desk: JobDesk, decisions: Decisions) -> None:
        self._around = around
        self._desk = desk
        self._decisions = decisions

    def add(self, pages: Blueprint) -> None:
        """Enter the routes. Approving takes somebody who has just shown who they are: what waits for it destroys."""
        door, see = self._around.door, (Scope.JOBS_MANAGE, Scope.JOBS_APPROVE)
        pages.add_url_rule("/jobs", "work", door(self.work, *see))
        pages.add_url_rule(
            "/jobs/<uuid:job>/approve",
            "approve_job",
            door(self.approve, Scope.JOBS_APPROVE, fresh=True),
            methods=["POST"],
        )
        pages.add_url_rule("/jobs/<uuid:job>/<act>", "job_act", door(self.act, Scope.JOBS_MANAGE), methods=["POST"])

    def work(self) -> Response:
        """Jobs, the latest first; only the list for whoever watches it."""
        before = request.args.get("before")
        place = number_of(before)
        found = self._desk.page(caller().tenant, before=place, limit=PAGE, kind=None, state=None)
        waits = JobState.AWAITING_APPROVAL
        waiting = [] if place else self._desk.page(caller().tenant, before=None, limit=PAGE, kind=None, state=waits)
        more = url_for("officer.work", before=found[-1].id) if len(found) == PAGE else None
        return self._around.site.page(
            "officer/work_list.html" if wants_fragment() else "officer/work.html",
            jobs=found,
            waiting=[(job, self._approved_by_me(job.id)) for job in waiting],
            going=any(job.state not in ENDED for job in found),
            me=me(),
            may_approve=caller().may(Scope.JOBS_APPROVE),
            may_manage=caller().may(Scope.JOBS_MANAGE),
            next=more,
            first=url_for("officer.work") if place else None,
        )

    def approve(self, job: UUID) -> Response:
        """Approve, as somebody who did not ask for it."""
        return self._done(lambda by: self._decisions.approve(by, job))

    def act(self, job: UUID, act: str) -> Response:
        """Pause, go on, or end."""
        acts: dict[str, Callable[[Deciding], object]] = {
            "pause": lambda by: self._decisions.pause(by, job),
            "resume": lambda by: self._decisions.resume(by, job),
            "cancel": lambda by: self._decisions.cancel(by, job),
        }
        if act not in acts:
            raise ProblemError(NOT_FOUND)
        return self._done(acts[act])

    def _done(self, decide: Callable[[Deciding], object]) -> Response:
        now, said = occasion(), "officer.work.noted"
        try:
            decide(Deciding(tenant=caller().tenant, actor=now.actor, request=now.request, at=now.at))
        except JobNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        except (OwnJobError, AlreadyApprovedError):
            said = "officer.work.second"
        except (JobEndedError, JobStateError):
            said = "officer.work.moved_on"
        return self._around.site.go(url_for("officer.work"), said=said)

    def _approved_by_me(self, job: UUID) -> bool:
        return any(one.by.id == me() for one in self._desk.approvals(caller().tenant, job))
