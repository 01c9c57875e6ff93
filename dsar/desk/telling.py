"""What a message about a request says: the places of its template, from what the request is now."""

from collections.abc import Mapping
from enum import StrEnum

from dsar.desk.clocks import Clocks
from dsar.desk.letters import LOCALES, wordings, words_for
from dsar.desk.reasons import Denial, Extension, Outcome
from dsar.desk.record import Record
from dsar.desk.regime import Pause

FALLBACK = "en"

_KINDS: Mapping[type[StrEnum], str] = {
    Denial: "denials",
    Extension: "extensions",
    Pause: "pauses",
    Outcome: "outcomes",
}


def locale_of(record: Record) -> str:
    """The language in which the person is written to."""
    return record.locale if record.locale in LOCALES else FALLBACK


def values_of(record: Record, clocks: Clocks, reason: str | None, locale: str | None = None) -> dict[str, str]:
    """Everything that a template about a request may say, in `locale` or in the language in which the person is written to. A
    reason without words of its own stands for nothing."""
    locale, regime = locale or locale_of(record), clocks.of(record)
    return {
        "request": str(record.id),
        "right": words_for("rights", record.right.value, locale),
        "due": regime.clock.day_of(record.due_at).isoformat(),
        "reason": _reason(reason, locale),
        "remedy": words_for("remedies", law_of(record.regime), locale),
    }


def law_of(regime: str) -> str:
    """The law of a regime, of which `gdpr_de` is a place."""
    return next(law for law in wordings("remedies") if regime == law or regime.startswith(f"{law}_"))


def _reason(code: str | None, locale: str) -> str:
    for codes, kind in _KINDS.items():
        if code in set(codes):
            return words_for(kind, codes(code).value, locale)
    return ""
