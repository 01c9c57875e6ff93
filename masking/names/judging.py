"""Which of the stretches that the labellers believe in are names: a logistic judge over what they say and what one can see.

The weights come from `masking.names.fitting`, over development data that is named there.
"""

import re
from collections.abc import Sequence
from math import exp, log
from typing import Final

from masking.names.weights import THRESHOLD, WEIGHTS
from masking.names.words import DELIVERY, EDIBLE, NOT_NAMES, SURNAMES

_HAN: Final = re.compile("[\u3400-\u9fff]+")
_WRITTEN: Final = re.compile("[\u3400-\u9fffA-Za-z]")
_DELIVERY: Final = re.compile("|".join(DELIVERY))
_BETWEEN: Final = frozenset("、和与及")
_LEAST: Final = 0.01
PLACE_THRESHOLD: Final = 0.2
_TRADE: Final = frozenset("店送")
_CHARACTERS_A_WORD: Final = 100
"""A text about deliveries has a word of the trade in so many characters."""


def features(text: str, span: tuple[int, int], beliefs: Sequence[float], deliveries: int) -> dict[str, float]:
    """What is known of a stretch of a folded text, by name. `deliveries` is what `about_deliveries` says of the text."""
    start, end = span
    word, before, after = text[start:end], text[start - 1 : start], text[end : end + 1]
    han, length = _HAN.fullmatch(word) is not None, end - start
    said = [_log_odds(one) for one in beliefs]
    about = min(deliveries, 3)
    return {
        "constant": 1.0,
        **{f"labeller {place}": one for place, one in enumerate(said)},
        "surest": max(said),
        "least sure": min(said),
        "surname": float(han and word[0] in SURNAMES and 2 <= length <= 4),
        f"{length} characters" if han and length < 5 else ("many characters" if han else "not Chinese"): 1.0,
        "dotted": float("·" in word or "・" in word),
        "addressed": float(before == "@"),
        "listed": float(before in _BETWEEN and before != "") + float(after in _BETWEEN and after != ""),
        "first": float(start == 0),
        "last": float(end == len(text)),
        "familiar": float(word[0] in "小阿老") + float(word[-1] in "哥姐爷总"),
        "titled": float(word[-1] in "老师生士"),
        "edible": float(len(EDIBLE.intersection(word))),
        "repeats": float(len(set(word)) < length),
        "about deliveries": float(about),
        "surest about deliveries": max(said) if about else 0.0,
    }


def about_deliveries(text: str) -> int:
    """How many words of the trade a folded text has."""
    return len(set(_DELIVERY.findall(text)))


def names_of(text: str, stretches: dict[tuple[int, int], tuple[float, ...]]) -> list[tuple[int, int, float]]:
    """The stretches of a folded text that are likely enough to be names, and how sure each is. They may overlap."""
    if not stretches:
        return []
    deliveries = about_deliveries(text)
    judged = (
        (*span, _judged(features(text, span, beliefs, deliveries)))
        for span, beliefs in stretches.items()
        if may_be_name(text[slice(*span)])
    )
    return [one for one in judged if one[2] >= THRESHOLD]


def places_of(text: str, stretches: dict[tuple[int, int], tuple[float, ...]]) -> list[tuple[int, int, float]]:
    """The stretches of a folded text that are likely enough to be names of places, and how sure each is. They may overlap.

    None in texts about deliveries: what sounds like a place there is a dish or a shop.
    """
    trade = about_deliveries(text) + len(_TRADE.intersection(text))
    if not stretches or (trade and len(text) <= trade * _CHARACTERS_A_WORD):
        return []
    judged = ((*span, _mean(beliefs)) for span, beliefs in stretches.items())
    return [
        (start, end, sure)
        for start, end, sure in judged
        if sure >= PLACE_THRESHOLD and end - start > 1 and may_be_name(text[start:end])
    ]


def may_be_name(word: str) -> bool:
    """Whether a word has letters, and is none of those that are known to be something else."""
    return word not in NOT_NAMES and "尼玛" not in word and _WRITTEN.search(word) is not None


def _judged(known: dict[str, float]) -> float:
    return 1 / (1 + exp(-sum(WEIGHTS[name] * value for name, value in known.items())))


def _mean(beliefs: Sequence[float]) -> float:
    return 1 / (1 + exp(-sum(map(_log_odds, beliefs)) / len(beliefs)))


def _log_odds(belief: float) -> float:
    kept = min(max(belief, _LEAST), 1 - _LEAST)
    return log(kept / (1 - kept))
