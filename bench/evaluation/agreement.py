"""Whether presidio, with Moat's recognizers plugged in as anybody would, finds what the fast path finds, at the same places. It
needs presidio-analyzer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from moat.recognizers import recognizers
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NoOpNlpEngine

from masking.finding import Finder
from masking.recognizers.plugin import ENTITIES

BATCH = 256
Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """Of a text, which is known by its number in its file from 1: entities and offsets that only one of the two has found."""

    text: int
    fast: Sequence[Place]
    presidio: Sequence[Place]


class Agreement:
    """An engine of presidio beside a finder. Without `names`, neither asks the labellers."""

    def __init__(self, finder: Finder, *, names: bool) -> None:
        nlp = NoOpNlpEngine(models=[{"lang_code": "zh", "model_name": "no_op"}])
        nlp.load()
        registry = RecognizerRegistry(
            supported_languages=["zh"], recognizers=recognizers(names=names, languages=("zh",))
        )
        self._engine = AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["zh"])
        self._finder, self._names = finder, names

    def differences(self, texts: Sequence[str]) -> Iterator[Difference]:
        """The texts in which the two do not find the same."""
        for first in range(0, len(texts), BATCH):
            batch = texts[first : first + BATCH]
            for number, (text, fast) in enumerate(zip(batch, self._fast(batch), strict=True), first + 1):
                found = {(one.entity_type, one.start, one.end) for one in self._engine.analyze(text, "zh")}
                if found != fast:
                    yield Difference(number, sorted(fast - found), sorted(found - fast))

    def _fast(self, texts: Sequence[str]) -> list[set[Place]]:
        return [
            {("EVERYTHING", 0, len(text))}
            if spans is None
            else {(ENTITIES[span.kind], span.start, span.end) for span in spans}
            for text, spans in zip(texts, self._finder.find(texts, names=self._names), strict=True)
        ]
