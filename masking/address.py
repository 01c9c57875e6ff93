"""Masks of Chinese addresses: cut at a level, all that follows hidden, `***` at the end of every one.

A first grammar by numbered elements: what stands behind a number, and what before it, tells a road's number from a
building's, a unit's or a room's. In doubt the element counts as fine, and the address is cut before it.
"""

import re
from enum import Enum

from masking.writing import HIDDEN, plain

_SIMPLIFIED = str.maketrans("號樓棟層單戶門區縣鎮鄉裡園廈場館", "号楼栋层单户门区县镇乡里园厦场馆")

_HAN_NUMBER = "[一二三四五六七八九十百零〇两甲乙丙丁]{1,5}"
_NUMBER = r"[A-Za-z]{0,2}\d{1,5}[A-Za-z]{0,2}"
_FINE_UNIT = r"单元|单|梯|室|层|楼|[Ff](?![A-Za-z])|房|户|铺|店|档|门|办公"
_ELEMENT = re.compile(
    r"(?P<end>\d{6,}|[*(\[【]|收[件货]人|收货|联系|电话|手机|微信|[Tt]el)"
    # A number right behind a road's name is the road's; behind anything else it counts houses.
    r"|(?P<kept>(?<=[路街道巷线段桥])[附甲乙]?\d{1,5}(?:-{1,2}\d{1,5})?"
    r"(?:号院?(?!楼)|(?![\d号院幢栋座楼室单层房排Ff#A-Za-z_~—–-]))"
    rf"|(?<=[路街道巷弄线段桥])(?:{_HAN_NUMBER})号(?!楼)"
    r"|\d{1,5}(?:号大?[路街]|弄|巷|期|区|组|村|社|队|路|街|道|号院|省道|国道|县道|高速|线|年|米|公里|大道|胡同|里|中|小学))"
    rf"|(?P<building>(?:{_NUMBER}|{_HAN_NUMBER}|[A-Za-z])(?:幢|栋|座|号楼|#楼?|排|仓)"
    rf"|(?<![城场厦店寓]){_NUMBER}号(?!门|铺|店|房|室)|[东西南北主副裙附前后][楼幢栋座](?![区镇乡村街路市县])|[A-Za-z]楼)"
    rf"|(?P<fine>[负第]?(?:{_NUMBER}|{_HAN_NUMBER}|[东西南北中])(?:{_FINE_UNIT})(?![县市区镇乡村街路峡]))"
    rf"|(?P<bare>{_NUMBER})(?P<more>[-—–_~/#.、,][A-Za-z]?\d|\*{{3}})?"
)
_PLACE = re.compile(
    r"[\u3400-\u9fff][省市区县镇乡村路街道巷弄州盟旗屯庄里苑园城府邸寓厦场馆店院校站期港湾居坊墅轩庭阁广心]"
)
_DISTRICT = re.compile(
    r"(?:[\u3400-\u9fff]{2,8}?(?:省|自治区|特别行政区)-?)?(?:[\u3400-\u9fff]{1,8}?(?:市|自治州|地区|盟)-?){0,2}"
    r"(?:[\u3400-\u9fff]{1,8}?(?:(?<![小社园校景厂库片住宅])区|县|旗))?"
)


class Level(Enum):
    """How much of an address is shown."""

    DISTRICT = "district"
    ESTATE = "estate"
    BUILDING = "building"


def mask_address(value: str, level: Level) -> str:
    """The address down to `level`, then `***`; hidden whole when it is not recognised as a Chinese address.

    ESTATE keeps roads with their numbers, estates and landmarks; BUILDING keeps the first building as well, but neither
    its unit, floor nor room; DISTRICT ends with the county or city district.
    """
    text = plain(value).translate(_SIMPLIFIED)
    shown = text[: _cut(text, level)]
    while shown and not shown[-1].isalnum():  # a separator before the cut tells nothing and would not mask alike
        shown = shown[:-1]
    if level is Level.DISTRICT:
        match = _DISTRICT.match(shown)
        return f"{match[0].rstrip('-')}{HIDDEN}" if match else HIDDEN
    return f"{shown}{HIDDEN}" if _PLACE.search(shown) else HIDDEN


def _cut(text: str, level: Level) -> int:
    """Where the first element starts that is finer than the level."""
    shows_building = level is Level.BUILDING
    for match in _ELEMENT.finditer(text):
        element = match.lastgroup
        if element == "kept":
            continue
        if not shows_building:
            return match.start()
        if element == "building":
            shows_building = False
        elif element == "more" or (element == "bare" and len(match["bare"]) <= 2):
            return match.end("bare")
        else:
            return match.start()
    return len(text)
