"""The measures of one data set."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bench.evaluation import scores
from bench.evaluation.disguises import DISGUISES, disguised
from bench.evaluation.rows import ADDRESS_PARTS, SAME, Row
from masking.address import Level, mask_address
from masking.detection.span import Span
from masking.finding import Finder
from masking.writing import HIDDEN, plain

_KEPT = frozenset("prov city district town road roadno community poi subpoi houseno".split())  # noqa: SIM905
_NUMBERS = frozenset({"phone", "id_card"})
_DISGUISED_AT_MOST = 400
Measures = dict[str, Any]


def measured(rows: Sequence[Row], finder: Finder, *, names: bool) -> Measures:
    """Scores by kind and over all kinds that the labels know, leaks, false alarms and speed."""
    began = time.process_time()
    found = [_alike(spans or ()) for spans in finder.find([row.text for row in rows], names=names)]
    seconds = time.process_time() - began
    kinds = sorted({span.kind for row in rows for span in row.gold})
    told: Measures = {"texts": len(rows), "texts per second": round(len(rows) / max(seconds, 1e-6))}
    if not kinds:
        told["findings per 1,000 texts"] = scores.rate([len(spans) for spans in found], 1_000)
        told["findings by kind"] = dict(Counter(span.kind for spans in found for span in spans).most_common())
        return told
    for kind in kinds:
        told[kind] = _of_kind([row.gold for row in rows], found, {kind})
    told["all of these"] = _of_kind([row.gold for row in rows], found, set(kinds))
    told["texts with a leak"] = scores.rate([_leaks(row, spans) for row, spans in zip(rows, found, strict=True)])
    return told


def _alike(spans: Sequence[Span]) -> list[Span]:
    return [span._replace(kind=SAME.get(span.kind, span.kind)) for span in spans]


def _of_kind(gold: Sequence[Sequence[Span]], found: Sequence[Sequence[Span]], kinds: set[str]) -> Measures:
    pairs = [
        ([span for span in one if span.kind in kinds], [span for span in other if span.kind in kinds])
        for one, other in zip(gold, found, strict=True)
    ]
    told: Measures = {"values": sum(len(one) for one, _ in pairs)}
    for measure in (scores.exact, scores.overlap, scores.characters):
        told[measure.__name__] = scores.scored([measure(one, other) for one, other in pairs])
    return told


def _leaks(row: Row, found: Sequence[Span]) -> float:
    hidden = {place for span in found for place in range(span.start, span.end)}
    return float(any(place not in hidden for span in row.gold for place in range(span.start, span.end)))


def evaded(rows: Sequence[Row], finder: Finder) -> dict[str, dict[str, scores.Score]]:
    """Of numbers in each disguise, how many are hidden whole; by kind."""
    told: dict[str, dict[str, scores.Score]] = {}
    for kind in sorted(_NUMBERS):
        values = [(row.text, span) for row in rows for span in row.gold if span.kind == kind][:_DISGUISED_AT_MOST]
        for name, disguise in DISGUISES.items() if values else ():
            written = [disguised(text, span, disguise) for text, span in values]
            found = finder.find([text for text, _ in written], names=False)
            hits = [
                not {*range(span.start, span.end)}
                - {place for one in spans or () for place in range(one.start, one.end)}
                for (_, span), spans in zip(written, found, strict=True)
            ]
            told.setdefault(kind, {})[name] = scores.rate(hits)
    return told


def blurred(rows: Sequence[Row]) -> Measures:
    """Addresses masked to the building: those that still show a unit, floor or room, and what is hidden beyond need."""
    began = time.process_time()
    masks = [mask_address(row.text, Level.BUILDING) for row in rows]
    seconds = time.process_time() - began
    shown = [_shown(row.text, mask) for row, mask in zip(rows, masks, strict=True)]
    fine, leaks, lost, kept = [], [], 0, 0
    over = []
    for row, end in zip(rows, shown, strict=True):
        parts = [(start, finish) for label, start, finish in row.parts if label in ADDRESS_PARTS]
        if parts:
            fine.append(row)
            leaks.append(float(any(start < end for start, _ in parts)))
        first = min((start for start, _ in parts), default=len(row.text))
        needless = [
            max(0, min(finish, first) - max(start, end))
            for label, start, finish in row.parts
            if label in _KEPT and start < first
        ]
        lost += sum(needless)
        kept += sum(finish - start for label, start, finish in row.parts if label in _KEPT)
        over.append(float(any(needless)))
    return {
        "texts": len(rows),
        "texts per second": round(len(rows) / max(seconds, 1e-6)),
        "with a unit, floor or room": len(fine),
        "of these, still show one": scores.rate(leaks),
        "characters hidden beyond need": round(lost / max(1, kept), 4),
        "addresses with any of them": scores.rate(over),
    }


def _shown(text: str, mask: str) -> int:
    """Up to where of the text a mask tells. Masks begin like the plain writing of their value."""
    if mask == HIDDEN:
        return 0
    length = len(mask) - len(HIDDEN)
    return next(place for place in range(len(text) + 1) if len(plain(text[:place])) >= length)
