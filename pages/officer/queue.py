"""Requests in the order in which they are due: what is to be done today, and all by what is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from flask import Blueprint, Response, request, url_for

from dsar.desk.clocks import Clocks
from dsar.desk.reading import Place, Reading, Wanted
from dsar.desk.record import Record
from dsar.request import RequestState
from dsar.right import Right
from pages.officer.around import Around, asked_for, by_staff, me
from web.auth import caller
from web.context import current
from web.principal import Scope

Code = TypeVar("Code", RequestState, Right)

PAGE = 30
DAY_MS = 86_400_000
SOON_MS = 3 * DAY_MS

TONES = {
    RequestState.COMPLETED: "good",
    RequestState.PARTIALLY_DENIED: "good",
    RequestState.DENIED: "warn",
    RequestState.REVIEW: "accent",
    RequestState.NEEDS_INFO: "note",
    RequestState.ON_HOLD: "warn",
    RequestState.RESTRICTED: "warn",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A request in a list."""

    record: Record
    right: str
    tone: str
    overdue: bool
    mine: bool


class QueuePages:
    """The queue."""

    def __init__(self, around: Around, reading: Reading, clocks: Clocks) -> None:
        self._around = around
        self._reading = reading
        self._clocks = clocks

    def add(self, pages: Blueprint) -> None:
        """Enter the routes."""
        door, read = self._around.door, Scope.DSAR_READ
        pages.add_url_rule("/today", "today", door(self.today, read))
        pages.add_url_rule("/requests", "requests", door(self.requests, read))

    def today(self) -> Response:
        """What is late, what is due soon, and what waits for whoever is looking."""
        at = current().at
        waits, late, soon, mine, nobody = self._pages(
            Wanted(state=RequestState.REVIEW),
            Wanted(overdue=True),
            Wanted(due_before=at + SOON_MS),
            Wanted(assignee=me()),
            Wanted(assignee=0),
        )
        return self._around.site.page(
            "officer/today.html",
            waits=[one for one in waits if one.record.accepted_by != me()],
            late=late,
            soon=[one for one in soon if not one.overdue],
            mine=mine,
            nobody=nobody,
        )

    def requests(self) -> Response:
        """A page of the queue."""
        asked = {name: request.args.get(name, "") for name in ("state", "right", "who")}
        wanted = Wanted(
            state=_named(RequestState, asked["state"]),
            right=_named(Right, asked["right"]),
            assignee={"me": me(), "nobody": 0}.get(asked["who"]),
            overdue=request.args.get("late") == "yes",
        )
        (found,) = self._pages(wanted, after=_place(request.args.get("after", "")))
        kept = {name: value for name, value in request.args.items() if name != "after" and value}
        last = found[-1].record if len(found) == PAGE else None
        say = self._around.site.say
        states = [(one.value, say(f"officer.state.{one.value}")) for one in RequestState]
        locale = self._around.site.locale().value
        return self._around.site.page(
            "officer/requests.html",
            rows_found=found,
            asked=asked,
            late=wanted.overdue,
            filtered=bool(kept),
            states=[("", say("officer.requests.open")), *states],
            rights=[("", say("officer.any")), *((one.value, asked_for(one, locale)) for one in Right)],
            people=[
                ("", say("officer.any")),
                ("me", say("officer.requests.me")),
                ("nobody", say("officer.requests.nobody")),
            ],
            next=None
            if last is None
            else url_for("officer.requests", **{**kept, "after": f"{last.due_at}.{last.id.hex}"}),  # type: ignore[arg-type]  # names of this form
            first=url_for("officer.requests", **kept) if "after" in request.args else None,  # type: ignore[arg-type]  # the same
        )

    def _pages(self, *wanted: Wanted, after: Place | None = None) -> Sequence[Sequence[Row]]:
        found = self._reading.pages(caller().tenant, wanted, by_staff(), after=after, limit=PAGE)
        return [[self._row(record) for record in page] for page in found]

    def _row(self, record: Record) -> Row:
        return Row(
            record,
            asked_for(record.right, self._around.site.locale().value),
            TONES.get(record.state, ""),
            self._clocks.overdue(record, current().at),
            record.assignee == me(),
        )


def _named(kind: type[Code], word: str) -> Code | None:
    return next((one for one in kind if one.value == word), None)


def _place(text: str) -> Place | None:
    due, _, last = text.partition(".")
    if not (due.isascii() and due.isdecimal() and len(due) < 20):
        return None
    try:
        return int(due), bytes.fromhex(last)
    except ValueError:
        return None
