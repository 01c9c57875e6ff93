"""Times as people say them, in the zone of the deployment. Stored times are milliseconds since the epoch."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache

from consent.locale import Locale
from database.columns import moment
from pages.shell.texts import Texts

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MINUTE, _HOUR, _DAY = 60_000, 3_600_000, 86_400_000
_REMEMBERED = 512
_SPANS = (("days", _DAY), ("hours", _HOUR), ("minutes", _MINUTE))


@dataclass(frozen=True, slots=True)
class Moments:
    """Says times in one language. `now` is when the page was asked for, in milliseconds."""

    texts: Texts
    locale: Locale
    zone: tzinfo
    now: int

    def today(self) -> date:
        """The day that it is there."""
        return self._local(self.now).date()

    def day(self, at: int) -> str:
        """A date: 2026年11月22日, 22 Nov 2026."""
        local = self._local(at)
        if self.locale is Locale.EN:
            return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"
        return f"{local.year}年{local.month}月{local.day}日"

    def minute(self, at: int) -> str:
        """A date with its time of the day: 2026年11月22日 15:04."""
        return f"{self.day(at)} {self.clock(at)}"

    def clock(self, at: int) -> str:
        """The time of the day: 15:04."""
        local = self._local(at)
        return f"{local.hour:02}:{local.minute:02}"

    def near(self, at: int) -> str:
        """How far away it is, in words, within a month; beyond, the date. `in 3 days`, `5 分钟前`."""
        away = abs(at - self.now)
        side = "ago" if at <= self.now else "ahead"
        if away < _MINUTE:
            return self.texts.say(self.locale, "shell.time.now")
        for name, span in _SPANS:
            if away >= span:
                count = away // span
                if name == "days" and count > 30:
                    return self.day(at)
                return self.texts.count(self.locale, f"shell.time.{side}.{name}", count)
        raise AssertionError

    def machine(self, at: int) -> str:
        """For the attribute `datetime` of a time element."""
        return self._local(at).isoformat(timespec="seconds")

    def _local(self, at: int) -> datetime:
        return _local(at, self.zone)


@lru_cache(_REMEMBERED)
def _local(at: int, zone: tzinfo) -> datetime:
    """A page says most of its times three times over."""
    return moment(at).astimezone(zone)
