"""Texts with the personal values that were found in them masked, replaced, or taken out by somebody else.

A text that has too many candidates to look at one by one is hidden whole: nothing passes because it was too much.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from masking.detection.span import Span
from masking.finding import Finder
from masking.mask import Masks, mask_many
from masking.ports import Found
from masking.writing import HIDDEN

Exchange = Callable[[Sequence[Found]], Sequence[str | None]]
"""Gives a token for each value, or None for what it does not take."""


class Mode(StrEnum):
    """What becomes of a value: its mask, the name of its kind, a token, or nothing, for whoever only wants to know."""

    MASK = "mask"
    REPLACE = "replace"
    TOKENIZE = "tokenize"
    REPORT = "report"


@dataclass(frozen=True, slots=True, repr=False)
class Redacted:
    """A text and where in the original its values stand. `hidden` tells that the text was hidden whole."""

    text: str
    spans: Sequence[Span]
    hidden: bool = False


class Redactor:
    """Finds and hides. Safe to share between threads where its finder is."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def redact(
        self, texts: Sequence[str], mode: Mode, *, profile: str | Masks = "display", names: bool = True
    ) -> list[Redacted]:
        """Each text, in order. Without `names`, only those that announce themselves are found.

        Raises:
            UnknownProfileError: there is no such profile.
            NamesBusyError: too many others have names looked for.
        """
        mask_many((), profile)
        found = self._finder.find(texts, names=names)
        return [_redacted(text, spans, mode, profile) for text, spans in zip(texts, found, strict=True)]

    def tokenized(
        self,
        texts: Sequence[str],
        subjects: Sequence[str],
        exchange: Exchange,
        *,
        profile: str | Masks = "display",
        names: bool = True,
    ) -> list[Redacted]:
        """Each text with tokens for the values in it, which are about its subject. What the vault does not take is masked.

        Raises:
            UnknownProfileError: there is no such profile.
            NamesBusyError: too many others have names looked for.
        """
        mask_many((), profile)
        found = self._finder.find(texts, names=names)
        values = [
            Found(subject, span.kind, text[span.start : span.end])
            for text, subject, spans in zip(texts, subjects, found, strict=True)
            for span in spans or ()
        ]
        tokens = exchange(values) if values else []
        masks = mask_many([(value.kind, value.value) for value in values], profile)
        instead = iter([token or mask for token, mask in zip(tokens, masks, strict=True)])
        return [
            Redacted(HIDDEN, (), hidden=True)
            if spans is None
            else Redacted(splice(text, spans, [next(instead) for _ in spans]), spans)
            for text, spans in zip(texts, found, strict=True)
        ]


def _redacted(text: str, spans: Sequence[Span] | None, mode: Mode, profile: str | Masks) -> Redacted:
    if spans is None:
        return Redacted(HIDDEN, (), hidden=True)
    if mode is Mode.REPORT or not spans:
        return Redacted(text, spans)
    if mode is Mode.REPLACE:
        return Redacted(splice(text, spans, [f"[{span.kind}]" for span in spans]), spans)
    masks = mask_many([(span.kind, text[span.start : span.end]) for span in spans], profile)
    return Redacted(splice(text, spans, masks), spans)


def splice(text: str, spans: Sequence[Span], instead: Sequence[str]) -> str:
    """The text with each span, in order and none overlapping, replaced."""
    parts: list[str] = []
    end = 0
    for span, words in zip(spans, instead, strict=True):
        parts += (text[end : span.start], words)
        end = span.end
    return "".join((*parts, text[end:]))
