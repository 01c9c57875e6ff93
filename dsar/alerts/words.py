"""What alerts say, from words.yaml: every code in each language that people are written to."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from database.columns import moment
from dsar.alerts.breach import Advice, Cause, Facts, Harm, Measure
from dsar.disclosure.words import LOCALES, words_of

_SHIPPED = Path(__file__).with_name("words.yaml")
_CODES: Mapping[str, type[StrEnum]] = {"causes": Cause, "harms": Harm, "measures": Measure, "advice": Advice}


def facts_told(facts: Facts, locale: str) -> dict[str, str]:
    """Every fact of a breach in words, by the places of the message."""
    kinds = words_of(locale).categories
    return {
        "kinds": _listed((kinds[kind] for kind in facts.kinds), locale),
        "cause": _words()["causes"][facts.cause.value][locale],
        "harm": _joined("harms", facts.harms, locale),
        "measures": _joined("measures", facts.measures, locale),
        "advice": _joined("advice", facts.advice, locale),
        "happened": moment(facts.happened_at).date().isoformat(),
    }


def counts_told(counts: Mapping[str, int], locale: str) -> str:
    """How often people of each role looked, the most frequent first."""
    roles, pattern = words_of(locale).roles, _words()["times"][locale]
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return _listed((pattern.format(who=roles[role], count=count) for role, count in ordered), locale)


def _joined(group: str, codes: Iterable[StrEnum], locale: str) -> str:
    return str(_words()["steps"][locale]).join(_words()[group][code.value][locale] for code in codes)


def _listed(words: Iterable[str], locale: str) -> str:
    return str(_words()["between"][locale]).join(words)


@cache
def _words() -> Mapping[str, Any]:
    """All words.

    Raises:
        ValueError: a code has none, or not in every language.
    """
    read: dict[str, Any] = yaml.safe_load(_SHIPPED.read_text(encoding="utf-8"))
    for group, codes in _CODES.items():
        whole = {code.value for code in codes} == set(read[group])
        if not whole or any(set(one) != set(LOCALES) for one in read[group].values()):
            raise ValueError(f"{group} need words for every code in each of {', '.join(LOCALES)}")
    return read
