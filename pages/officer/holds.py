"""Legal holds: what is kept against every erasure and purge, who placed it, and when somebody must look at it again."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, request, url_for
from pydantic import ValidationError

from database.columns import millis
from dsar.holds.errors import HoldNotFoundError, HoldReleasedError, HoldScopeError, ReviewDateError
from dsar.holds.hold import HoldReason
from dsar.holds.messages import HoldRequest
from dsar.holds.placing import HoldDesk, Wanted
from pages.officer.around import Around, by_staff
from web.auth import caller
from web.context import current
from web.edge_problems import NOT_FOUND
from web.principal import Scope
from web.problems import ProblemError

PAGE = 50
REVIEW_AFTER = timedelta(days=180)


class HoldPages:
    """Holds."""

    def __init__(self, around: Around, desk: HoldDesk) -> None:
        self._around = around
        self._desk = desk

    def add(self, pages: Blueprint) -> None:
        """Enter the routes."""
        door, manage, post = self._around.door, Scope.DSAR_HOLDS, ["POST"]
        pages.add_url_rule("/holds", "holds", door(self.holds, manage))
        pages.add_url_rule("/holds/new", "new_hold", door(self.new, manage), methods=["GET", "POST"])
        pages.add_url_rule("/holds/<int:number>/review", "review_hold", door(self.review, manage), methods=post)
        pages.add_url_rule(
            "/holds/<int:number>/release", "release_hold", door(self.release, manage, fresh=True), methods=post
        )

    def holds(self) -> Response:
        """Those in force, or those released."""
        released, after = request.args.get("released") == "yes", request.args.get("after", "0")
        place = int(after) if after.isascii() and after.isdecimal() and len(after) < 16 else 0
        found = self._desk.page(caller().tenant, released=released, after=place, limit=PAGE)
        view = "yes" if released else None
        last = found[-1].hold.id if len(found) == PAGE else None
        return self._around.site.page(
            "officer/holds.html",
            holds=found,
            released=released,
            at=current().at,
            soonest=self._day(timedelta(days=1)),
            latest=self._day(timedelta(days=365)),
            usual=self._day(REVIEW_AFTER),
            next=None if last is None else url_for("officer.holds", released=view, after=last),
            first=url_for("officer.holds", released=view) if place else None,
        )

    def new(self) -> Response:
        """Place one."""
        if request.method == "GET":
            return self._form({}, None)
        given = {
            name: request.form.get(name, "").strip() for name in ("subject", "kind", "ref", "reason", "case", "review")
        }
        scope = {name: given[name] for name in ("subject", "kind", "ref") if given[name]}
        try:
            asked = HoldRequest.model_validate(
                {
                    "scope": scope,
                    "reason": given["reason"],
                    "case": given["case"],
                    "review_at": f"{given['review']}T00:00:00Z",
                }
            )
        except ValidationError as error:
            return self._form(given, f"officer.holds.wrong.{error.errors(include_input=False)[0]['loc'][0]}")
        named = asked.scope
        wanted = Wanted(named.subject, named.kind, named.ref, asked.reason, asked.case, millis(asked.review_at))
        try:
            self._desk.place(caller().tenant, wanted, by_staff())
        except HoldScopeError as error:
            return self._form(given, f"officer.holds.wrong.{error.code}")
        except ReviewDateError:
            return self._form(given, "officer.holds.wrong.review_at")
        return self._around.site.go(url_for("officer.holds"), said="officer.holds.placed")

    def review(self, number: int) -> Response:
        """Note that one is still needed, until a further day."""
        try:
            until = millis(datetime.strptime(request.form.get("review", ""), "%Y-%m-%d").replace(tzinfo=UTC))
            self._desk.review(caller().tenant, number, until, by_staff())
        except HoldNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        except (ValueError, ReviewDateError, HoldReleasedError):
            return self._around.site.go(url_for("officer.holds"), said="officer.holds.not_reviewed")
        return self._around.site.go(url_for("officer.holds"), said="officer.holds.reviewed")

    def release(self, number: int) -> Response:
        """Ask for its release, which somebody else must approve."""
        try:
            self._desk.ask_release(caller().tenant, number, by_staff())
        except (HoldNotFoundError, HoldReleasedError):
            raise ProblemError(NOT_FOUND) from None
        return self._around.site.go(url_for("officer.work"), said="officer.holds.asked")

    def _form(self, given: dict[str, str], wrong: str | None) -> Response:
        say = self._around.site.say
        return self._around.site.page(
            "officer/new_hold.html",
            status=200 if wrong is None else 422,
            given=given,
            wrong=wrong,
            reasons=[(one.value, say(f"officer.hold_reason.{one.value}")) for one in HoldReason],
            usual=self._day(REVIEW_AFTER),
        )

    def _day(self, ahead: timedelta) -> str:
        return (current().received_at + ahead).date().isoformat()
