"""How the requests of a year were handled, as charts and in numbers. Small counts, and what would tell them, are hidden."""

from collections.abc import Sequence

from flask import Blueprint, Response, request

from dsar.desk.statistics import COLUMNS, Line, Statistics
from dsar.desk.suppression import TOTAL
from dsar.right import Right
from pages.officer.around import Around, asked_for, by_staff
from pages.shell.charts import Points
from pages.shell.door import wants_fragment
from web.auth import caller
from web.context import current
from web.principal import Scope

YEARS = 3
"""How many years are offered."""


class FigurePages:
    """The page of statistics."""

    def __init__(self, around: Around, statistics: Statistics) -> None:
        self._around = around
        self._statistics = statistics

    def add(self, pages: Blueprint) -> None:
        """Enter the route."""
        pages.add_url_rule("/statistics", "statistics", self._around.door(self.statistics, Scope.DSAR_READ))

    def statistics(self) -> Response:
        """A year; only its charts for whoever has them drawn into another page. It is recorded that it was looked at."""
        this_year, asked = current().received_at.year, request.args.get("year", "")
        years = [this_year - back for back in range(YEARS)]
        year = next((one for one in years if str(one) == asked), this_year)
        lines = self._statistics.of(caller().tenant, year, by_staff())
        total, days = next(line for line in lines if line.regime == TOTAL), self._days(lines)
        return self._around.site.page(
            "officer/figure_charts.html" if wants_fragment() else "officer/figures.html",
            year=year,
            years=years,
            lines=[(line, self._name(line)) for line in lines if line is not total],
            total=total,
            states=self._states(total),
            hidden=any(count is None for count in total.counts.values()),
            days=days,
            longest=max([1, *(count for _, count in days)]),
            columns=COLUMNS,
        )

    def _states(self, total: Line) -> Points:
        """What became of all requests, as far as it is told."""
        say = self._around.site.say
        counts = [(column, total.counts[column]) for column in COLUMNS]
        return [(say(f"officer.figures.{column}"), count) for column, count in counts if count]

    def _days(self, lines: Sequence[Line]) -> Points:
        """The median number of days to an answer, by right."""
        return [
            (self._name(line), round(line.median_days))
            for line in lines
            if line.median_days is not None and line.regime != TOTAL
        ]

    def _name(self, line: Line) -> str:
        """What is asked for, and under which law."""
        right = asked_for(Right(line.right.partition(".")[0]), self._around.site.locale().value)
        return f"{right} · {line.regime.upper()}"
