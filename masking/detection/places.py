"""Addresses in running text: from a province, city or county, or from a road with its number, to the last number of the address.

What stands before a road's name may be taken along: its mask shows the road, and no more is hidden than has to be.
"""

import re
from typing import Final

from masking.detection.recognizer import CONTEXT, SHAPE, Recognizer
from masking.gazetteer.divisions import heads, may_begin

_UNIT: Final = r"(?:号楼|号院|号|弄|幢|栋|座|室|单元|楼|层|房|户|號|樓|棟|層)"
_DIGITS: Final = r"[A-Za-z]?[0-9]+[A-Za-z]?"
_NUMBER: Final = rf"(?:{_DIGITS}|[A-Za-z]|[一二三四五六七八九十]+)"
_MORE: Final = rf"(?:[ \-]?{_NUMBER}(?:-{_NUMBER})*{_UNIT}?|[\p{{Han}}A-Za-z]+?[0-9]+{_UNIT})*"
_GATE: Final = rf"[0-9A-Za-z一二三四五六七八九十]{_UNIT}"
_CUES: Final = ("地址", "住址", "住在", "家住", "居住", "送到", "位于", "寄到", "收货")
_LONGEST: Final = 80
_MASKED: Final = re.compile(r"\w*\*{3}")


def _from_division(text: str, start: int, end: int) -> int | None:
    """Where the first division within the last 80 code points of a match begins: what is before it is no address."""
    for place in range(max(start, end - _LONGEST), end - 2):
        if may_begin(text[place : place + 2]) and any(True for _ in heads(text[place : place + 16])):
            return place
    return None


def _not_masked(text: str, _start: int, end: int) -> bool:
    """No mask of an address that goes on behind the match."""
    return _MASKED.match(text, end, end + _LONGEST) is None


RECOGNIZERS = (
    Recognizer(
        kind="address",
        pattern=rf"\p{{Han}}[\p{{Han}}A-Za-z0-9 \-]*?{_NUMBER}{_UNIT}{_MORE}",
        gate=_GATE,
        neighbours=_not_masked,
        trim=_from_division,
        score=CONTEXT,
        cues=_CUES,
    ),
    Recognizer(
        kind="address",
        pattern=rf"\p{{Han}}{{2,6}}(?:路|街|大道|巷|弄|胡同)(?:[0-9]+段)?[0-9]+(?:号|弄|號){_MORE}",
        gate=_GATE,
        neighbours=_not_masked,
        score=SHAPE,
        cues=_CUES,
    ),
    Recognizer(
        kind="address",
        pattern=rf"[0-9]+(?:号楼|幢|栋|座|棟)(?:{_NUMBER}单元)?[0-9]+(?:室|房|号)?|[0-9]+单元[0-9]{{3,4}}室",
        gate=_GATE,
        neighbours=_not_masked,
        score=SHAPE,
        cues=_CUES,
    ),
)
