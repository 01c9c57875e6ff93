"""Deadlines against dates that were worked out by hand from the texts of the laws and from calendars on paper."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from database.columns import millis, moment
from dsar.desk.errors import NoCalendarError, RightNotKnownError
from dsar.desk.regime import Pause
from dsar.desk.regime_text import read_regimes, shipped_regimes
from dsar.desk.working_days import WorkingDays
from dsar.right import Right

REGIMES = shipped_regimes()

DUE = [
    # The same day of the next month, the day of receipt not counted; the last day of a shorter one (1182/71 art. 3(2)(c)).
    ("gdpr", "access", "2026-06-10T09:00+02:00", "2026-07-10"),
    ("gdpr", "access", "2025-08-31T09:00+02:00", "2025-09-30"),
    ("gdpr", "access", "2024-01-31T09:00+01:00", "2024-02-29"),  # a leap year
    ("gdpr", "access", "2023-01-31T09:00+01:00", "2023-02-28"),
    ("gdpr", "access", "2024-02-29T09:00+01:00", "2024-03-29"),
    # Saturday 28 February 2026 and Sunday 5 April 2026 roll (art. 3(4)).
    ("gdpr", "access", "2026-01-31T09:00+01:00", "2026-03-02"),
    ("gdpr", "access", "2026-03-05T09:00+01:00", "2026-04-06"),
    # Easter Monday, 6 April 2026, is none in every member state, but it is one in Germany.
    ("gdpr_de", "access", "2026-03-05T09:00+01:00", "2026-04-07"),
    # 1 May 2026, a Friday, in Germany; 15 August 2026, a Saturday, in France; 25 December 2026, a Friday, everywhere.
    ("gdpr_de", "erasure", "2026-04-01T09:00+02:00", "2026-05-04"),
    ("gdpr_fr", "erasure", "2026-07-15T09:00+02:00", "2026-08-17"),
    ("gdpr", "erasure", "2026-11-25T09:00+01:00", "2026-12-28"),
    # A few minutes before and after midnight in Berlin, in summer; both are 30 June by UTC.
    ("gdpr_de", "access", "2026-06-30T21:59+00:00", "2026-07-30"),
    ("gdpr_de", "access", "2026-06-30T22:01+00:00", "2026-08-03"),  # 1 August is a Saturday
    # The guidance of the Information Commissioner: 3 September to 3 October, which in 2026 is a Saturday.
    ("uk_gdpr", "access", "2025-09-03T09:00+01:00", "2025-10-03"),
    ("uk_gdpr", "access", "2026-09-03T09:00+01:00", "2026-10-05"),
    # 28 December 2026 is a bank holiday in the place of Saturday 26 December.
    ("uk_gdpr", "erasure", "2026-11-26T09:00+00:00", "2026-12-29"),
    ("uk_gdpr", "access", "2026-03-31T09:00+01:00", "2026-04-30"),
    # 45 days from the receipt, in Los Angeles, on whatever day they end: 14 February 2026 is a Saturday.
    ("ccpa", "access", "2026-01-01T07:30+00:00", "2026-02-14"),  # still 31 December there
    ("ccpa", "access", "2026-01-01T08:30+00:00", "2026-02-15"),
    ("ccpa", "erasure", "2024-02-01T12:00-08:00", "2024-03-17"),  # over a leap day
    ("ccpa", "erasure", "2023-02-01T12:00-08:00", "2023-03-18"),
    # 15 business days for an opt-out, over Thanksgiving (26 November 2026), and over Juneteenth and Independence Day (observed).
    ("ccpa", "objection", "2026-11-16T12:00-08:00", "2026-12-08"),
    ("ccpa", "objection", "2026-06-15T12:00-07:00", "2026-07-08"),
    # 15 working days, over the Spring Festival of 2026 (off 15 to 23 February; worked on Saturdays 14 and 28 February).
    ("pipl", "erasure", "2026-02-10T10:00+08:00", "2026-03-09"),
    # Over the Mid-Autumn Festival and the National Day of 2026 (off 25 to 27 September and 1 to 7 October; worked on Sunday
    # 20 September and Saturday 10 October, on which the time ends).
    ("pipl", "erasure", "2026-09-14T10:00+08:00", "2026-10-10"),
    ("pipl", "rectification", "2025-09-22T10:00+08:00", "2025-10-17"),  # worked on 28 September and 11 October 2025
    # 30 days end on 1 October 2026, and with it on the first working day after the holiday (Civil Code art. 203).
    ("pipl", "explanation", "2026-09-01T10:00+08:00", "2026-10-08"),
    # Saturday 9 May 2026 is worked: nothing rolls.
    ("pipl", "explanation", "2026-04-09T10:00+08:00", "2026-05-09"),
    ("pipl", "account_closure", "2026-06-04T10:00+08:00", "2026-06-22"),  # 19 to 21 June is the Dragon Boat Festival
    ("pipl", "restriction", "2026-05-31T15:59+00:00", "2026-06-30"),
    ("pipl", "restriction", "2026-05-31T16:01+00:00", "2026-07-01"),  # it is 1 June in Shanghai
    # 15 days, on whatever day they end.
    ("lgpd", "access", "2026-02-14T12:00-03:00", "2026-03-01"),
    ("lgpd", "access", "2024-02-20T12:00-03:00", "2024-03-06"),
    ("lgpd", "access", "2026-03-01T02:59+00:00", "2026-03-15"),  # still 28 February in Sao Paulo
]


@pytest.mark.parametrize(("regime", "right", "received", "last"), DUE)
def test_an_answer_is_due_with_the_last_millisecond_of_the_day_that_the_law_says(
    regime: str, right: str, received: str, last: str
) -> None:
    law = REGIMES[regime]
    due = law.due(Right(right), at(received), extended=False, stood=0)
    assert (due.day, due.certain) == (date.fromisoformat(last), True)
    end = moment(due.at).astimezone(law.clock.zone)
    assert end.isoformat(timespec="milliseconds")[:23] == f"{last}T23:59:59.999"


EXTENDED = [
    # Three months from the receipt, not two from a day that has rolled: 31 May 2026 is a Sunday.
    ("gdpr", "access", "2026-02-28T09:00+01:00", "2026-05-28"),
    ("gdpr", "access", "2026-01-31T09:00+01:00", "2026-04-30"),
    ("gdpr", "access", "2023-11-30T09:00+01:00", "2024-02-29"),
    ("uk_gdpr", "access", "2026-09-30T09:00+01:00", "2026-12-30"),
    ("ccpa", "access", "2026-01-05T12:00-08:00", "2026-04-05"),  # 90 days in all
]


@pytest.mark.parametrize(("regime", "right", "received", "last"), EXTENDED)
def test_an_extension_counts_from_the_receipt(regime: str, right: str, received: str, last: str) -> None:
    due = REGIMES[regime].due(Right(right), at(received), extended=True, stood=0)
    assert due.day == date.fromisoformat(last)


ACKNOWLEDGED = [
    # Ten business days, over Christmas Day, New Year's Day; and over Independence Day of 2026, a Saturday observed on Friday.
    ("ccpa", "access", "2026-12-21T12:00-08:00", "2027-01-06"),
    ("ccpa", "access", "2026-06-22T12:00-07:00", "2026-07-07"),
    ("pipl", "complaint", "2026-09-29T10:00+08:00", "2026-10-09"),
    ("uk_gdpr", "complaint", "2026-03-01T10:00+00:00", "2026-03-31"),
]


@pytest.mark.parametrize(("regime", "right", "received", "last"), ACKNOWLEDGED)
def test_a_receipt_is_confirmed_in_time(regime: str, right: str, received: str, last: str) -> None:
    by = REGIMES[regime].acknowledge_by(Right(right), at(received))
    assert by is not None
    assert by.day == date.fromisoformat(last)


def test_days_for_which_the_clock_stood_are_added() -> None:
    due = REGIMES["gdpr"].due(Right.ACCESS, at("2026-06-10T09:00+02:00"), extended=False, stood=9)
    assert due.day == date(2026, 7, 20)  # 19 July is a Sunday


def test_a_deadline_in_a_year_whose_working_days_are_not_ordered_yet_says_so() -> None:
    due = REGIMES["pipl"].due(Right.COMPLAINT, at("2049-12-20T10:00+08:00"), extended=False, stood=0)
    assert not due.certain
    assert REGIMES["ccpa"].due(Right.ACCESS, at("2049-12-20T10:00+08:00"), extended=False, stood=0).certain


def test_a_year_of_which_nothing_is_known_is_refused() -> None:
    with pytest.raises(NoCalendarError):
        WorkingDays("CN").is_working(date(2150, 1, 4))


def test_holidays_that_are_observed_in_the_year_before_are_known() -> None:
    assert not WorkingDays("US").is_working(date(2021, 12, 31))  # for Saturday 1 January 2022


@pytest.mark.parametrize("day", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"])
def test_china_works_on_the_weekend_days_that_the_state_council_orders(day: str) -> None:
    assert date.fromisoformat(day).weekday() >= 5
    assert WorkingDays("CN").is_working(date.fromisoformat(day))


def test_only_what_the_laws_let_stop_the_clock_stops_it() -> None:
    stops = {id_: regime.times(Right.ACCESS).pauses for id_, regime in REGIMES.items()}
    assert stops["gdpr"] == stops["uk_gdpr"] == frozenset(Pause)
    assert stops["ccpa"] == stops["pipl"] == stops["lgpd"] == frozenset()


def test_a_right_that_a_law_does_not_give_is_refused() -> None:
    with pytest.raises(RightNotKnownError):
        REGIMES["ccpa"].times(Right.EXPLANATION)


def test_officers_are_told_at_half_at_four_fifths_and_when_it_is_over() -> None:
    regime, looks, passed = REGIMES["gdpr"], [], 0
    while following := regime.next_look(1_000, 2_000, passed):
        looks.append(following)
        passed = following[0]
    assert looks == [(50, 1_500), (80, 1_800), (100, 2_001)]


def test_in_the_union_no_saturday_is_worked_and_a_day_off_that_is_made_up_for_is() -> None:
    for state, saturday, made_up in (
        ("LV", date(2026, 6, 27), date(2026, 6, 22)),
        ("HU", date(2026, 8, 8), date(2026, 8, 21)),
    ):
        assert not WorkingDays(state).is_working(saturday)
        assert WorkingDays(state).is_working(made_up)


@given(st.dates(date(2026, 1, 1), date(2026, 10, 31)))
def test_what_counts_for_the_union_is_never_later_than_what_counts_in_a_member_state(day: date) -> None:
    noon = at(f"{day}T12:00+00:00")
    dues = {id_: law.due(Right.ACCESS, noon, extended=False, stood=0).day for id_, law in REGIMES.items()}
    assert dues["gdpr"] == min(due for id_, due in dues.items() if id_.startswith("gdpr"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"calendar": "XX"},
        {"zone": "Europe/Nowhere"},
        {"usual": {"due": {"days": 1, "months": 1}, "start": "received"}},
        {"usual": {"due": {"weeks": 1}, "start": "received"}},
        {"usual": {"due": {"days": 1}, "extension": {"months": 1}, "start": "received"}},
        {"rights": {"forgetting": {"basis": "x"}}},
        {"surprise": 1},
    ],
)
def test_a_regime_that_cannot_be_read_whole_is_not_read_at_all(wrong: dict[str, object]) -> None:
    source: dict[str, object] = {
        "law": "A law",
        "zone": "Europe/Berlin",
        "calendar": "DE",
        "rolls": True,
        "kept": {"months": 1},
        "waits": {"days": 1},
        "escalates": [50],
        "usual": {"due": {"days": 1}, "start": "received"},
        "by_itself": [],
        "rights": {"access": {"basis": "art. 1"}},
    }
    assert set(read_regimes("law", source)) == {"law"}
    with pytest.raises((ValueError, KeyError)):
        read_regimes("law", source | wrong)


def at(written: str) -> int:
    return millis(datetime.fromisoformat(written))
