"""How people write numbers that no machine shall read: each transforms the digits of a value, for sets made from labels."""

from collections.abc import Callable, Mapping
from typing import Final

from masking.detection.span import Span

_HAN: Final = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
_BANKERS: Final = dict(zip("0123456789", "〇壹贰叁肆伍陆柒捌玖", strict=True))
_TRADITIONAL: Final = dict(zip("0123456789", "零壹貳參肆伍陸柒捌玖", strict=True))


def _mapped(table: Mapping[str, str]) -> Callable[[str], str]:
    return lambda value: "".join(table.get(one, one) for one in value)


def _parted(by: str) -> Callable[[str], str]:
    """Between groups of three and four digits, as telephones are written."""
    return lambda value: by.join(part for part in (value[:3], value[3:7], value[7:11], value[11:]) if part)


DISGUISES: Final[Mapping[str, Callable[[str], str]]] = {
    "as written": lambda value: value,
    "spaces between groups": _parted(" "),
    "dashes between groups": _parted("-"),
    "dots between groups": _parted("."),
    "middle dots": _parted("·"),
    "Chinese full stops": _parted("。"),
    "Chinese commas": _parted("，"),
    "every digit spaced": " ".join,
    "every digit dashed": "-".join,
    "full width": lambda value: "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in value),
    "Chinese numerals": _mapped(_HAN),
    "bankers' numerals": _mapped(_BANKERS),
    "traditional numerals": _mapped(_TRADITIONAL),
    "every second a numeral": lambda value: "".join(
        _HAN.get(one, one) if place % 2 else one for place, one in enumerate(value)
    ),
    "letters for digits": lambda value: value.replace("0", "O").replace("1", "l"),
    "circled": lambda value: "".join(
        "⓪①②③④⑤⑥⑦⑧⑨"[int(one)] if one.isascii() and one.isdigit() else one for one in value
    ),
    "keycaps": lambda value: "".join(f"{one}\ufe0f\u20e3" if one.isdigit() else one for one in value),
    "zero width": "\u200b".join,
    "country code": lambda value: f"+86 {value}" if len(value) == 11 else value,
}


def disguised(text: str, span: Span, disguise: Callable[[str], str]) -> tuple[str, Span]:
    """The text with one value rewritten, and where it stands then."""
    value = disguise(text[span.start : span.end])
    written = text[: span.start] + value + text[span.end :]
    return written, Span(span.kind, span.start, span.start + len(value), 1.0)
