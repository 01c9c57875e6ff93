"""Days as forms hold them."""

from datetime import UTC, datetime

from database.columns import millis


def day_of(text: str) -> datetime | None:
    """The day that a field of dates holds, None where it holds none."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def moment_of(day: datetime | None) -> int | None:
    """When a day begins, in milliseconds; None for one that the log has no times of."""
    return None if day is None or not 1970 <= day.year < 9999 else millis(day)
