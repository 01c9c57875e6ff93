"""Masks of Chinese addresses: cut at a level, all that follows hidden, `***` at the end of every one.

Provinces, cities and counties come from a gazetteer. The rest is a grammar by numbered elements: what stands behind a number,
and what before it, tells a road's number from a building's, a unit's or a room's. In doubt the element counts as fine, and the
address is cut before it.
"""

import re
from enum import Enum

from masking.gazetteer.divisions import Tier, heads
from masking.writing import HIDDEN, plain

_SIMPLIFIED = str.maketrans("號樓棟層單戶門區縣鎮鄉裡園廈場館", "号楼栋层单户门区县镇乡里园厦场馆")

_HAN_NUMBER = "[一二三四五六七八九十百零〇两甲乙丙丁]{1,5}"
_NUMBER = r"[A-Za-z]{0,2}\d{1,5}[A-Za-z]{0,2}"
_NUMBERS = rf"{_NUMBER}(?:[-—–_/]{_NUMBER})?"
_ROAD = "路街道巷弄线段桥"
_BLOCK = r"幢|栋|座|号楼|#楼?|排|仓|库|撞|憧|懂|橦"
"""Words for a building, and what people type for the first of them."""
_ELEMENT = re.compile(
    r"(?P<end>\d{6,}|[*(\[【]|收[件货]人|收货|联系|微信|(?:电话|手机|[Tt]el)(?=[号码:：是 ]{0,3}(?:\d|$)))"
    # A number right behind a road's name is the road's; behind anything else it counts houses.
    rf"|(?P<kept>(?<=[{_ROAD}])[附甲乙]?\d{{1,5}}(?:-{{1,2}}\d{{1,5}})?"
    r"(?:号院?(?!楼)|(?![\d号院幢栋座楼室单层房排Ff#A-Za-z_~—–-]))"
    rf"|(?<=[{_ROAD}])(?:{_HAN_NUMBER})号(?!楼)"
    r"|\d{1,5}(?:号大?[路街]|弄|巷|期|区|组|村|社|队|路|街|道|号院|省道|国道|县道|高速|线|年|米|公里|大道|胡同|里|中|小学"
    r"|小区|组团|通道|酒店|宾馆|医院|中学|公司|地块|[sS]店|家(?![\d-]))|(?<=[村浜湾组])\d{1,4}(?=$|号?[\u4e00-\u9fff]{3}))"
    rf"|(?P<block>(?:{_NUMBERS}|{_HAN_NUMBER}|[A-Za-z])(?:{_BLOCK})"
    r"|[东西南北主副裙附前后][楼幢栋座](?![区镇乡村街路市县])|[A-Za-z]楼)"
    rf"|(?P<house>(?<![城场厦店寓]){_NUMBERS}号(?!铺|店|房|室|档)门?|\d{{1,3}}号门)"
    rf"|(?P<fine>[负第]?(?:(?:{_NUMBER})(?:单元|单|梯|室|层|楼|[Ff](?![A-Za-z])|房|户|铺|店|档|门|办公)"
    rf"|(?:{_HAN_NUMBER})(?:单元|单|梯|室|层|楼|户|铺|档|门(?=\d)|办公)|[东西南北中](?:单元|单|梯|室|户))(?![县市区镇乡村街路峡口]))"
    rf"|(?P<bare>{_NUMBER})(?P<more>[-—–_~/#.、,][A-Za-z]?\d|\*{{3}})?"
)
_PLACE = re.compile(
    r"[\u3400-\u9fff][省市区县镇乡村路街道巷弄州盟旗屯庄里苑园城府邸寓厦场馆店院校站期港湾居坊墅轩庭阁广心司局所处台塔桥寺庙岛行社]"
)
_COUNTED = re.compile(rf"[\u3400-\u9fff]{{2}}(?:{_NUMBERS})(?:{_BLOCK}|号|区|组)")
"""Something that has numbered parts is a place, whatever it is called."""
_CITY = re.compile(
    r"(?:[\u3400-\u9fff]{2,8}?(?:省|自治区|特别行政区)-?)?(?:[\u3400-\u9fff]{1,8}?(?:市|自治州|地区|盟))"
)
_DISTRICT = re.compile(
    r"(?:[\u3400-\u9fff]{2,8}?(?:省|自治区|特别行政区)-?)?(?:[\u3400-\u9fff]{1,8}?(?:市|自治州|地区|盟)-?){0,2}"
    r"(?:[\u3400-\u9fff]{1,8}?(?:(?<![小社园校景厂库片住宅])区|县|旗))?"
)
_TOWN = re.compile(r"[\u3400-\u9fff]{1,8}?(?:街道(?!\d)|镇|乡|苏木)")
_STREET = re.compile(r"[\u3400-\u9fff]{1,12}?(?:大道|路|街|巷|弄|胡同)(?![道口])")


class Level(Enum):
    """How much of an address is shown, from its province to the unit of a building. Rooms and floors are shown by none."""

    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"
    TOWN = "town"
    ROAD = "road"
    ESTATE = "estate"
    BUILDING = "building"
    UNIT = "unit"


_TIERS = {Level.PROVINCE: Tier.PROVINCE, Level.CITY: Tier.CITY, Level.DISTRICT: Tier.COUNTY}


def mask_address(value: str, level: Level) -> str:
    """The address down to `level`, then `***`; hidden whole when it is not recognised as a Chinese address.

    ESTATE keeps roads with their numbers, estates and landmarks; BUILDING keeps the first building as well, but neither
    its unit, floor nor room; ROAD, TOWN and DISTRICT end with the road's name, the town, and the county or city district.
    """
    text = plain(value).translate(_SIMPLIFIED)
    shown = _trimmed(text[: _cut(text, level)])
    if level in _TIERS:
        return f"{shown[: _head(shown, _TIERS[level])].rstrip('-')}{HIDDEN}"
    head = _head(shown, Tier.COUNTY)
    if not head and not _PLACE.search(shown) and not _COUNTED.search(shown):
        return HIDDEN
    if level in {Level.TOWN, Level.ROAD}:
        shown = _trimmed(shown[: _road(shown, head, level)])
    return f"{shown}{HIDDEN}"


def _trimmed(shown: str) -> str:
    """Without a separator before the cut: it tells nothing, and would not mask alike."""
    while shown and not shown[-1].isalnum():
        shown = shown[:-1]
    return shown


def _head(shown: str, tier: Tier) -> int:
    """Where the last division of at most this tier ends: by the gazetteer, or by the words for what it is."""
    ends = [end for found, end in heads(shown) if found <= tier]
    if ends:
        return ends[-1]
    pattern = {Tier.PROVINCE: None, Tier.CITY: _CITY, Tier.COUNTY: _DISTRICT}[tier]
    match = pattern.match(shown) if pattern else None
    return match.end() if match else 0


def _road(shown: str, head: int, level: Level) -> int:
    """Where the town ends, or the road behind it."""
    start = head
    while start < len(shown) and not shown[start].isalnum():
        start += 1
    town = _TOWN.match(shown, start)
    end = town.end() if town else head
    if level is Level.ROAD and (street := _STREET.match(shown, town.end() if town else start)):
        end = street.end()
    return end


def _cut(text: str, level: Level) -> int:
    """Where the first element starts that is finer than the level."""
    deep = level in {Level.BUILDING, Level.UNIT}
    house = block = unit = False
    for match in _ELEMENT.finditer(text):
        element = match.lastgroup
        if element == "kept":
            continue
        if not deep:
            return match.start()
        if element == "house" and not (house or block):
            house = True
        elif element == "block" and not block:
            block = True
        elif level is Level.UNIT and not unit and match[0].endswith(("单元", "单", "梯")):
            unit = True
        elif not (house or block) and (element == "more" or (element == "bare" and len(match["bare"]) <= 2)):
            return match.end("bare")
        else:
            return match.start()
    return len(text)
