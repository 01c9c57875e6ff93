"""Recognizers of personal values in Chinese texts, for any presidio `AnalyzerEngine`. They use no network, and of an engine's
language model nothing.

    from moat.recognizers import recognizers
    for one in recognizers(names=True):
        registry.add_recognizer(one)

What they find is exactly what Moat finds itself (`POST /v1/redact`), at the same places: they call the same code.
"""

from masking.detection.scanning import Scanner
from masking.finding import Finder
from masking.names.finding import NamesHere
from masking.recognizers.plugin import ENTITIES, MoatRecognizer

__all__ = ["ENTITIES", "MoatRecognizer", "recognizers"]


def recognizers(*, names: bool = False, languages: tuple[str, ...] = ("zh", "en")) -> list[MoatRecognizer]:
    """One recognizer of all kinds for each language.

    With `names`, the labellers look for names of people in Chinese texts; without them, names are found where they announce
    themselves (收件人:张三, 王先生).
    """
    finder = Finder(Scanner(), NamesHere() if names else None)
    return [MoatRecognizer(supported_language=language, finder=finder) for language in languages]
