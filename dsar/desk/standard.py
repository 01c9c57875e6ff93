"""What everybody may know of how complaints are handled: categories, time limits and principles, in each language."""

from collections.abc import Mapping
from typing import Any

from dsar.desk.clock import Span
from dsar.desk.letters import wordings
from dsar.desk.reasons import Category
from dsar.desk.regime import Regime
from dsar.right import Right


def complaint_standard(regimes: Mapping[str, Regime]) -> dict[str, Any]:
    """The public standard, as it is answered."""
    names = wordings("categories")
    return {
        "categories": [{"category": one.value, "names": dict(names[one.value])} for one in Category],
        "times": [_times(regime) for regime in regimes.values() if Right.COMPLAINT in regime.rights],
        "principles": [{"principle": code, "texts": dict(texts)} for code, texts in wordings("principles").items()],
    }


def _times(regime: Regime) -> dict[str, Any]:
    times = regime.rights[Right.COMPLAINT]
    return {
        "regime": regime.id,
        "law": regime.law,
        "basis": times.basis,
        "zone": regime.clock.zone.key,
        "acknowledge": _span(times.acknowledge),
        "answer": _span(times.due),
        "extension": _span(times.extension),
    }


def _span(span: Span | None) -> dict[str, Any] | None:
    return None if span is None else {"amount": span.amount, "unit": span.unit.value}
