"""How much was disclosed for which purpose, and how much was refused for which reason, over weeks or months."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from flask import Blueprint, Response, request, url_for

from audit.asking import Asking
from audit.tally import Measure
from audit.tallying import Days, Tallying
from consent.catalogues.reading import CatalogueReader
from pages.officer.around import Around
from pages.officer.naming import Naming, naming
from pages.shell.charts import Stacks
from web.auth import caller, occasion
from web.context import current
from web.principal import Scope

WEEKS, MONTHS = 12, 12
PARTS = 6
"""Colours that are told apart; the smallest parts are one, `others`."""


class TrendPages:
    """The page of disclosures and refusals."""

    def __init__(self, around: Around, tallying: Tallying, catalogue: CatalogueReader) -> None:
        self._around = around
        self._tallying = tallying
        self._catalogue = catalogue

    def add(self, pages: Blueprint) -> None:
        """Enter the route."""
        pages.add_url_rule("/disclosures", "disclosures", self._around.door(self.disclosures, Scope.AUDIT_READ))

    def disclosures(self) -> Response:
        """The charts. That they were looked at is in the log."""
        by_month = request.args.get("by") == "month"
        today = self._around.site.moments().today()
        spans = months_to(today, MONTHS) if by_month else weeks_to(today, WEEKS)
        now, names = occasion(), naming(self._around.site, self._catalogue)
        by = Asking(tenant=caller().tenant, actor=now.actor, request=now.request, at=current().at)
        drawn = [
            (measure.value, self._stacks(measure, spans, self._tallying.of(by, measure, spans), names))
            for measure in Measure
        ]
        return self._around.site.page(
            "officer/disclosures.html",
            charts_drawn=drawn,
            empty=not any(bars.parts for _, bars in drawn),
            spans=[
                (self._around.site.say(f"officer.disclosures.by_{unit}"), url_for("officer.disclosures", by=unit), on)
                for unit, on in (("week", not by_month), ("month", by_month))
            ],
        )

    def _stacks(
        self, measure: Measure, spans: Sequence[Days], told: Sequence[Mapping[str, int]], names: Naming
    ) -> Stacks:
        """Bars of the largest parts, in the order of their size, and of all others together."""
        sums = {code: sum(one.get(code, 0) for one in told) for one in told for code in one}
        codes = sorted(sums, key=lambda code: (-sums[code], code))
        shown = codes if len(codes) <= PARTS else codes[: PARTS - 1]
        parts = [(self._name(measure, code, names), [one.get(code, 0) for one in told]) for code in shown]
        if rest := codes[len(shown) :]:
            others = [sum(one.get(code, 0) for code in rest) for one in told]
            parts.append((self._around.site.say("officer.disclosures.others"), others))
        return Stacks([_label(span) for span in spans], parts)

    def _name(self, measure: Measure, code: str, names: Naming) -> str:
        """What a purpose, a reason, or an action without a purpose is called."""
        site = self._around.site
        key = f"officer.{'reason' if measure is Measure.DENIED else 'without_purpose'}.{code.replace('.', '_')}"
        return site.say(key) if site.texts.has(site.locale(), key) else names.purpose(code)


def _label(span: Days) -> str:
    """A week by its Monday, a month with its year, in digits that all languages of these pages read."""
    first, before = span
    return f"{first.month}/{first.day}" if (before - first).days == 7 else f"{first.year}-{first.month:02}"


def weeks_to(day: date, count: int) -> Sequence[Days]:
    """So many weeks from Monday to Sunday, the last with this day."""
    monday = day - timedelta(days=day.weekday())
    return [(monday - timedelta(weeks=back), monday - timedelta(weeks=back - 1)) for back in range(count - 1, -1, -1)]


def months_to(day: date, count: int) -> Sequence[Days]:
    """So many months, the last with this day."""
    number = day.year * 12 + day.month - 1
    return [(_first(number - back), _first(number - back + 1)) for back in range(count - 1, -1, -1)]


def _first(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)
