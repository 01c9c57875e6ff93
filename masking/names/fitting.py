"""Fits the judge of names to labelled texts: `python -m masking.names.fitting DIRECTORY` writes `weights.py`.

The directory holds `weibo_ner_dev`, `news_trad_dev`, `profiles_zh_dev` and `reviews` as JSON lines with spans. Scores that it
prints are of texts that the fit did not see: four folds.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masking.names.judging import about_deliveries, features, may_be_name
from masking.names.labelling import Labellers

SETS: Final = {
    "weibo_ner_dev": ("PER.NAM", 1.0),
    "news_trad_dev": ("PER", 1.0),
    "profiles_zh_dev": ("name", 0.3),
    "reviews": ("", 1.0),
}
THRESHOLD: Final = 0.11
_FOLDS: Final = 4
_RIDGE: Final = 1.0
Numbers = NDArray[np.float64]
Stretch = tuple[str, int, int, int, bool, dict[str, float]]
"""Data set, text, start, end, whether it is a name, and what is known of it."""


def main(directory: Path) -> None:
    """Fit, tell the scores of the folds, and write the weights of all."""
    golds, known = {}, []
    for name, (label, _) in SETS.items():
        rows = [json.loads(line) for line in (directory / f"{name}.jsonl").read_text().splitlines()]
        golds[name] = [{(one["start"], one["end"]) for one in row["spans"] if one["label"] == label} for row in rows]
        known += list(_stretches(name, [row["text"] for row in rows], golds[name]))
    columns = sorted({one for stretch in known for one in stretch[5]})
    table = np.array([[stretch[5].get(column, 0.0) for column in columns] for stretch in known])
    truth = np.array([stretch[4] for stretch in known], float)
    weight = np.array([SETS[stretch[0]][1] for stretch in known])
    folds = np.array([stretch[1] % _FOLDS for stretch in known])
    sure = np.zeros(len(known))
    for fold in range(_FOLDS):
        seen = folds != fold
        sure[~seen] = _chance(table[~seen] @ _fitted(table[seen], truth[seen], weight[seen], columns))
    for name in SETS:
        sys.stdout.write(f"{name} {_scores(known, sure, golds[name], name)}\n")
    fitted = _fitted(table, truth, weight, columns)
    lines = "".join(f'    "{column}": {value:.4f},\n' for column, value in zip(columns, fitted, strict=True))
    Path(__file__).with_name("weights.py").write_text(
        '"""Written by `masking.names.fitting`: how much the judge of names makes of each thing it knows."""\n\n'
        "from typing import Final\n\n"
        f"THRESHOLD: Final = {THRESHOLD}\n\nWEIGHTS: Final = {{\n{lines}}}\n"
    )


def _stretches(name: str, texts: list[str], golds: list[set[tuple[int, int]]]) -> Iterator[Stretch]:
    labellers = Labellers()
    for number, (text, stretches) in enumerate(zip(texts, labellers.stretches(texts), strict=True)):
        folded = labellers.folded(text)
        deliveries = about_deliveries(folded)
        for span, beliefs in sorted(stretches["name"].items()):
            if may_be_name(folded[slice(*span)]):
                told = features(folded, span, beliefs, deliveries)
                yield name, number, *span, span in golds[number], told


def _fitted(table: Numbers, truth: Numbers, weight: Numbers, columns: list[str]) -> Numbers:
    """Newton's method on the penalised likelihood, over columns of like spread."""
    spread = table.std(axis=0)
    spread[spread == 0] = 1.0
    scaled, ridge = table / spread, _RIDGE * np.eye(len(columns))
    ridge[columns.index("constant")] *= 1e-6
    found = np.zeros(len(columns))
    for _ in range(30):
        chance = _chance(scaled @ found)
        slope = scaled.T @ (weight * (chance - truth)) + ridge @ found
        curve = (scaled * (weight * chance * (1 - chance))[:, None]).T @ scaled + ridge
        found -= np.linalg.solve(curve, slope)
    fitted: Numbers = found / spread
    return fitted


def _chance(score: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-score)), dtype=np.float64)


def _scores(known: list[Stretch], sure: Numbers, golds: list[set[tuple[int, int]]], name: str) -> str:
    """Exact precision, recall and F2, and findings per 1,000 texts."""
    taken: list[list[tuple[int, int]]] = [[] for _ in golds]
    for place in np.argsort(-sure):
        told, number, start, end, *_ = known[place]
        if told == name and sure[place] >= THRESHOLD:
            found = taken[number]
            if all(end <= first or last <= start for first, last in found):
                found.append((start, end))
    count, hits = sum(map(len, taken)), sum(len(gold & set(one)) for gold, one in zip(golds, taken, strict=True))
    precision, recall = hits / max(1, count), hits / max(1, sum(map(len, golds)))
    score = 5 * precision * recall / max(1e-9, 4 * precision + recall)
    return f"P {precision:.3f} R {recall:.3f} F2 {score:.3f}, per 1,000 texts {1000 * count / len(golds):.1f}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
