"""When the time of a request ends: spans of days, working days and months from the day on which they begin.

The day of the event does not count (Reg. (EEC, Euratom) 1182/71 art. 3(1); Civil Code of the PRC art. 201; California Civil Code
s. 10), and a span ends with the last millisecond of its last day in the zone of the regime. Months end on the day of the same
number, or the last of a shorter month (Reg. 1182/71 art. 3(2)(c); EDPB guidelines 01/2022 no. 158). Where the regime `rolls`, an
end on no working day moves to the next one (Reg. 1182/71 art. 3(4); Civil Code of the PRC art. 203).
"""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from database.columns import millis, moment
from dsar.desk.working_days import WorkingDays

_ONE_DAY = timedelta(days=1)


class Unit(StrEnum):
    """In what a span is counted."""

    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Span:
    """So many days, working days or months."""

    amount: int
    unit: Unit

    def __add__(self, other: "Span") -> "Span":
        """Both, one after the other, where they are counted alike.

        Raises:
            ValueError: they are not.
        """
        if self.unit is not other.unit:
            raise ValueError("spans are added in one unit")
        return Span(self.amount + other.amount, self.unit)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day, its last millisecond (since the epoch), and whether all is known that decides on it."""

    day: date
    at: int
    certain: bool


@dataclass(frozen=True, slots=True)
class Clock:
    """Counts as one regime does."""

    zone: ZoneInfo
    days: WorkingDays
    rolls: bool

    def day_of(self, at: int) -> date:
        """The day that a moment falls on, in the regime's zone."""
        return moment(at).astimezone(self.zone).date()

    def deadline(self, start: int, span: Span, *, stood: int = 0) -> Deadline:
        """The end of a span that begins at a moment. `stood` days for which the clock did not run are added as calendar days.

        Raises:
            NoCalendarError: nothing is known of the working days of a year that is touched.
        """
        first = self.day_of(start)
        last = _end(first, span, self.days) + timedelta(days=stood)
        if self.rolls or (stood and span.unit is Unit.WORKING_DAYS):
            last = self.days.first_from(last)
        counts_work = self.rolls or span.unit is Unit.WORKING_DAYS
        return Deadline(last, self.last_moment(last), not counts_work or self.days.certain(first, last))

    def last_moment(self, day: date) -> int:
        """The last millisecond of a day."""
        return millis(datetime.combine(day + _ONE_DAY, time.min, self.zone)) - 1

    def days_between(self, start: int, end: int) -> int:
        """How many midnights lie between two moments."""
        return (self.day_of(end) - self.day_of(start)).days


def _end(first: date, span: Span, days: WorkingDays) -> date:
    if span.unit is Unit.WORKING_DAYS:
        return days.after(first, span.amount)
    if span.unit is Unit.DAYS:
        return first + timedelta(days=span.amount)
    year, month = divmod(first.year * 12 + first.month - 1 + span.amount, 12)
    return date(year, month + 1, min(first.day, calendar.monthrange(year, month + 1)[1]))
