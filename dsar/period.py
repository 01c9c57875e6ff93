"""Lengths of time by which laws and policies count: ISO 8601 durations of years, months, weeks and days, or of hours alone.

Years to days count by the calendar of a place: the day of the beginning is not counted, a day of the month that the last month
has not is its last day, and the period is over when its last day is (Civil Code of the PRC, art. 200-203; Regulation (EEC,
Euratom) No 1182/71, art. 3). Hours count from the moment. Times are milliseconds since the epoch.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Self
from zoneinfo import ZoneInfo

from database.columns import millis, moment

Zone = ZoneInfo | timezone

YEARS_AT_MOST = 100
HOUR_MS = 3_600_000

_CALENDAR = re.compile(r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?", re.ASCII)
_HOURS = re.compile(r"PT(\d{1,6})H", re.ASCII)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """So many months, then so many days; or so many hours."""

    months: int = 0
    days: int = 0
    hours: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """The period of an ISO 8601 duration.

        Raises:
            ValueError: it is none, or longer than a hundred years.
        """
        if hours := _HOURS.fullmatch(text):
            made = cls(hours=int(hours[1]))
        else:
            found = _CALENDAR.fullmatch(text)
            if found is None or not any(found.groups()):
                raise ValueError("not an ISO 8601 duration of years, months, weeks and days, or of hours")
            years, months, weeks, days = (int(part or 0) for part in found.groups())
            made = cls(12 * years + months, 7 * weeks + days)
        if made.least_days > YEARS_AT_MOST * 365:
            raise ValueError("longer than a hundred years")
        return made

    def __str__(self) -> str:
        if self.hours is not None:
            return f"PT{self.hours}H"
        years, months = divmod(self.months, 12)
        parts = (f"{count}{unit}" for count, unit in ((years, "Y"), (months, "M"), (self.days, "D")) if count)
        return "P" + ("".join(parts) or "0D")

    @property
    def least_days(self) -> int:
        """How many days it is at least: years of 365, months of 30 beside them."""
        if self.hours is not None:
            return self.hours // 24
        years, months = divmod(self.months, 12)
        return 365 * years + 30 * months + self.days

    def last_day(self, first: date) -> date:
        """The last day of the period that an event on the day `first` begins."""
        year, month = divmod(12 * first.year + first.month - 1 + self.months, 12)
        day = min(first.day, calendar.monthrange(year, month + 1)[1])
        return date(year, month + 1, day) + timedelta(days=self.days)

    def ends(self, start: int, zone: Zone) -> int:
        """The first moment after the period that an event at `start` begins."""
        if self.hours is not None:
            return start + self.hours * HOUR_MS
        return _midnight(self.last_day(moment(start).astimezone(zone).date()) + _DAY, zone)

    def cutoff(self, now: int, zone: Zone) -> int:
        """The latest beginning of a period that is over by `now`: it is over for an event at `start` if and only if
        `start <= cutoff(now)`."""
        if self.hours is not None:
            return now - self.hours * HOUR_MS
        yesterday = moment(now).astimezone(zone).date() - _DAY
        year, month = divmod(12 * yesterday.year + yesterday.month - 1 - self.months, 12)
        day = min(yesterday.day, calendar.monthrange(year, month + 1)[1])
        first = date(year, month + 1, day) - timedelta(days=self.days)
        while self.last_day(first) > yesterday:
            first -= _DAY
        while self.last_day(first + _DAY) <= yesterday:
            first += _DAY
        return _midnight(first + _DAY, zone) - 1


def _midnight(day: date, zone: Zone) -> int:
    return millis(datetime.combine(day, time.min, zone))
