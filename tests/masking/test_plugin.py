"""Through a presidio engine the recognizers find what the fast path finds, at the same places.

presidio is imported when it is used: it takes longer than to collect a thousand tests, which every process does.
"""

from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from masking.detection.scanning import Scanner
from masking.finding import Finder
from masking.names.finding import NamesHere
from tests.masking.test_samples import SAMPLES

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine


@pytest.fixture(scope="module")
def engine() -> "AnalyzerEngine":
    presidio = import_module("presidio_analyzer")
    nlp = import_module("presidio_analyzer.nlp_engine").NoOpNlpEngine(
        models=[{"lang_code": "zh", "model_name": "no_op"}]
    )
    nlp.load()
    ours = import_module("moat.recognizers").recognizers(names=True, languages=("zh",))
    registry = presidio.RecognizerRegistry(supported_languages=["zh"], recognizers=ours)
    made: AnalyzerEngine = presidio.AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["zh"])
    return made


def test_an_engine_finds_the_same_spans_in_every_sample(engine: "AnalyzerEngine") -> None:
    entities = import_module("masking.recognizers.plugin").ENTITIES
    finder = Finder(Scanner(), NamesHere())
    texts = [before for before, _ in SAMPLES] + ["🙂e\u0301电话\u200b138-1234-5678", "ﬁ㎏①③⑧①②③④⑤⑥⑦⑧"]
    for text, spans in zip(texts, finder.find(texts), strict=True):
        assert spans is not None
        found = sorted(engine.analyze(text, "zh"), key=lambda one: one.start)
        assert [(one.entity_type, one.start, one.end) for one in found] == [
            (entities[span.kind], span.start, span.end) for span in spans
        ]


def test_a_text_with_too_much_in_it_is_one_finding(engine: "AnalyzerEngine") -> None:
    text = "13812345678 " * 3_000
    (found,) = engine.analyze(text, "zh")
    assert (found.entity_type, found.start, found.end) == ("EVERYTHING", 0, len(text))
