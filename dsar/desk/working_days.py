"""Which days people work, by public calendars.

A calendar is a country (`CN`, `DE`), a part of one (`GB-ENG`, `US-CA`), or `EU`: the days that are public holidays in every
member state, and weekends. Days come from the `holidays` library. China moves working days to weekends around its holidays
(调休) by an order of the State Council for each year, which comes in the November before: a weekend day that is worked is a
working day here. Of a year without an order only the holidays that the law names are known, and `certain` says so.

In the Union no Saturday and no Sunday is a working day (Reg. (EEC, Euratom) 1182/71 art. 2(2)), though Hungary and Latvia work on
some. The days that they take off for them are no public holidays and count as working days here: in doubt, no deadline moves.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache, reduce

import holidays
from holidays.countries.china import ChinaStaticHolidays

from dsar.desk.errors import NoCalendarError

EU = "EU"
_MEMBERS = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
    *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
)
_LANGUAGE = "en_US"
_MADE_UP = "Day off (substituted"
_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


class WorkingDays:
    """The working days of one calendar.

    Raises:
        ValueError: there is no such calendar.
    """

    def __init__(self, calendar: str) -> None:
        self.calendar = calendar
        if calendar != EU:
            try:
                _of(calendar, 2024)
            except NotImplementedError:
                raise ValueError("there is no such calendar") from None

    def is_working(self, day: date) -> bool:
        """Whether people work on that day.

        Raises:
            NoCalendarError: nothing is known of the year.
        """
        if self.calendar == EU:
            return day.weekday() < _SATURDAY and day not in _in_all_members(day.year)
        if self.calendar in _MEMBERS:
            return day.weekday() < _SATURDAY and day not in _in_member(self.calendar, day.year)
        return _of(self.calendar, day.year).is_working_day(day)

    def after(self, day: date, count: int) -> date:
        """The last of `count` working days after a day, which itself does not count."""
        while count:
            day += _ONE_DAY
            count -= self.is_working(day)
        return day

    def first_from(self, day: date) -> date:
        """That day, or the next working day after it."""
        while not self.is_working(day):
            day += _ONE_DAY
        return day

    def certain(self, first: date, last: date) -> bool:
        """Whether all is known that decides on days from `first` to `last`: orders for single years, too."""
        ordered = _ORDERED.get(self.calendar)
        return ordered is None or all(ordered(year) for year in range(first.year, last.year + 1))


@cache
def _of(calendar: str, year: int) -> holidays.HolidayBase:
    """One year by itself and never added to, so that threads can share it."""
    country, _, part = calendar.partition("-")
    found = holidays.country_holidays(country, subdiv=part or None, years=year, expand=False, language=_LANGUAGE)
    if not found.start_year <= year <= found.end_year or not found:
        raise NoCalendarError
    return found


@cache
def _in_all_members(year: int) -> frozenset[date]:
    return reduce(frozenset.intersection, (_in_member(one, year) for one in _MEMBERS))


@cache
def _in_member(country: str, year: int) -> frozenset[date]:
    """The public holidays of a member state, without days off that are made up for."""
    return frozenset(day for day, name in _of(country, year).items() if not name.startswith(_MADE_UP))


def _ordered_in_china(year: int) -> bool:
    return year in ChinaStaticHolidays.special_public_holidays


_ORDERED: dict[str, Callable[[int], bool]] = {"CN": _ordered_in_china}
"""Calendars that an authority completes year by year, and whether the library has a year of theirs."""
