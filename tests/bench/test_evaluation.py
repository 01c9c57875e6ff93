"""The evaluation counts as its page says, and its disguises leave a number what it is."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import orjson
import pytest

from bench.evaluation import scores
from bench.evaluation.disguises import DISGUISES, disguised
from bench.evaluation.measuring import blurred, evaded, measured
from bench.evaluation.rows import is_of_addresses, read
from masking.detection.scanning import Scanner
from masking.detection.span import Span
from masking.finding import Finder


def span(start: int, end: int) -> Span:
    return Span("phone", start, end, 1.0)


def test_exact_overlap_and_characters_are_counted_apart() -> None:
    gold, found = [span(0, 4), span(6, 10)], [span(0, 4), span(5, 8), span(20, 22)]
    assert scores.exact(gold, found) == (1, 3, 1, 2)
    assert scores.overlap(gold, found) == (2, 3, 2, 2)
    assert scores.characters(gold, found) == (6, 9, 6, 8)


def test_recall_weighs_four_times_as_much_as_precision() -> None:
    assert scores.f2(1.0, 0.5) == pytest.approx(5 * 0.5 / 4.5)
    assert scores.f2(0.0, 0.0) == 0.0


def test_an_interval_holds_its_score() -> None:
    score = scores.rate([1.0, 0.0] * 50)
    assert score.low < score.value == 0.5 < score.high


@pytest.mark.parametrize("name", DISGUISES)
def test_a_value_in_disguise_stands_where_its_span_says(name: str) -> None:
    text, moved = disguised("电话13812345678谢谢", Span("phone", 2, 13, 1.0), DISGUISES[name])
    assert text[: moved.start] == "电话"
    assert text[moved.end :] == "谢谢"


def test_labelled_files_are_scored(tmp_path: Path) -> None:
    rows = [
        {"text": "电话13812345678", "spans": [{"start": 2, "end": 13, "label": "phone"}]},
        {"text": "无", "spans": []},
    ]
    file = tmp_path / "profiles.jsonl"
    file.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    finder = Finder(Scanner())
    assert not is_of_addresses(read(file))
    told = measured(read(file), finder, names=False)
    assert told["phone"]["exact"]["f2"].value == 1.0
    assert told["texts with a leak"].value == 0.0
    assert {score.value for score in evaded(read(file), finder)["phone"].values()} == {1.0}


def test_addresses_are_scored_by_what_they_still_show(tmp_path: Path) -> None:
    spans = [("poi", 0, 4), ("houseno", 4, 7), ("roomno", 7, 11)]
    row = {
        "text": "缤纷北苑47幢746室",
        "spans": [{"start": start, "end": end, "label": label} for label, start, end in spans],
    }
    file = tmp_path / "addresses.jsonl"
    file.write_bytes(orjson.dumps(row))
    assert is_of_addresses(read(file))
    told = blurred(read(file))
    assert (told["with a unit, floor or room"], told["of these, still show one"].value) == (1, 0.0)
    assert told["characters hidden beyond need"] == 0.0


class Blind(Finder):
    """Misses what is in texts that say so."""

    def find(self, texts: Sequence[str], *, names: bool = True) -> list[list[Span] | None]:
        found = super().find(texts, names=names)
        return [[] if "blind" in text else spans for text, spans in zip(texts, found, strict=True)]


def test_every_text_goes_through_presidio_too_and_only_the_differences_are_told() -> None:
    texts = ["电话13812345678", "", "blind 13812345678", "13812345678 " * 3_000]
    agreement = import_module("bench.evaluation.agreement").Agreement  # imports presidio, which takes long
    assert not list(agreement(Finder(Scanner()), names=False).differences(texts))
    (one,) = agreement(Blind(Scanner()), names=False).differences(texts)
    assert (one.text, one.fast, one.presidio) == (3, [], [("PHONE_NUMBER", 6, 17)])
