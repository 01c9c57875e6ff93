"""Periods by the calendar, against dates worked out by hand, and their two directions against each other."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from database.columns import millis, moment
from dsar.period import Period, Zone

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "event", "over", "zone"),
    [
        ("P30D", "2026-01-01T10:00+08:00", "2026-02-01T00:00+08:00", SHANGHAI),
        ("P1M", "2026-01-31T23:59+08:00", "2026-03-01T00:00+08:00", SHANGHAI),
        ("P1M", "2028-01-30T00:00+08:00", "2028-03-01T00:00+08:00", SHANGHAI),
        ("P3Y", "2024-02-29T12:00+08:00", "2027-03-01T00:00+08:00", SHANGHAI),
        ("P4Y", "2024-02-29T12:00+08:00", "2028-03-01T00:00+08:00", SHANGHAI),
        ("P10Y", "2026-12-31T23:59+08:00", "2037-01-01T00:00+08:00", SHANGHAI),
        ("P6M", "2026-08-31T00:00+08:00", "2027-03-01T00:00+08:00", SHANGHAI),
        ("P30D", "2026-01-01T17:00Z", "2026-02-02T00:00+08:00", SHANGHAI),
        ("P1D", "2026-03-28T12:00+01:00", "2026-03-30T00:00+02:00", BERLIN),
        ("P1Y2M3W4D", "2026-01-01T00:00Z", "2027-03-27T00:00Z", UTC),
        ("PT24H", "2026-03-28T12:00+01:00", "2026-03-29T13:00+02:00", BERLIN),
    ],
)
def test_a_period_is_over_at_the_end_of_its_last_day(text: str, event: str, over: str, zone: Zone) -> None:
    start = millis(datetime.fromisoformat(event))
    assert Period.parse(text).ends(start, zone) == millis(datetime.fromisoformat(over))


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1", "30D", "P-1D", "P1.5D", "P1DT1H", "PT1M", "P1S", "P101Y", "P1Ｄ"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|longer"):
        Period.parse(text)


@pytest.mark.parametrize("text", ["P3Y", "P30D", "P1Y6M", "PT24H", "P0D"])
def test_a_period_is_written_as_it_was_read(text: str) -> None:
    assert str(Period.parse(text)) == text


_PERIODS = st.builds(Period, st.integers(0, 60), st.integers(0, 400)) | st.builds(Period, hours=st.integers(0, 9_000))
_MOMENTS = st.integers(millis(datetime(1990, 1, 1, tzinfo=UTC)), millis(datetime(2090, 1, 1, tzinfo=UTC)))


@given(_PERIODS, _MOMENTS, _MOMENTS, st.sampled_from([SHANGHAI, BERLIN, UTC]))
def test_what_began_by_the_cutoff_is_over_and_what_began_later_is_not(
    period: Period, start: int, now: int, zone: Zone
) -> None:
    cutoff = period.cutoff(now, zone)
    for one in (start, cutoff, cutoff + 1):
        assert (period.ends(one, zone) <= now) == (one <= cutoff)


@given(_PERIODS, _MOMENTS, st.sampled_from([SHANGHAI, BERLIN, UTC]))
def test_a_period_is_at_least_as_long_as_it_says(period: Period, start: int, zone: Zone) -> None:
    whole = moment(period.ends(start, zone)) - moment(start)
    assert whole.total_seconds() >= (period.least_days - 5) * 86_400
