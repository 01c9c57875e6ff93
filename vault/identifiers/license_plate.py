"""Vehicle plates of mainland China (GA 36-2018), and in short the plates of Hong Kong, Macao and Taiwan."""

import re

_SIMPLIFIED = str.maketrans("滬晉遼蘇閩贛魯粵瓊貴雲陝寧學掛領試駕臨澤", "沪晋辽苏闽赣鲁粤琼贵云陕宁学挂领试驾临泽")
_SEPARATORS = re.compile(r"[ .·•・‧∙⋅—–-]")

_PLACE = "[京津沪渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新][A-HJ-Z]"
_SERIAL = "[A-HJ-NP-Z0-9]"  # I and O would read as 1 and 0
_PLATE = re.compile(
    rf"{_PLACE}(?:{_SERIAL}{{5}}"  # fuel
    rf"|[A-HJK]{_SERIAL}\d{{4}}|\d{{5}}[A-HJK]"  # new energy, small and large
    rf"|{_SERIAL}{{4}}[挂学警港澳领试超临])"
    r"|使\d{6}|\d{6}[使领]"  # embassies and consulates
    rf"|WJ[京津沪渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新]?\d{{4}}{_SERIAL}"  # armed police
    r"|[A-HJ-NP-Z]{2}\d{5}"  # armed forces
    r"|民航[A-Z0-9]{5}",
    re.ASCII,
)
_NEIGHBOUR_PLATE = re.compile(r"(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{3,7}", re.ASCII)
_NEIGHBOURS = frozenset({"HK", "MO", "TW"})


def license_plate(text: str, region: str) -> str | None:
    """The plate in capitals and simplified characters without separators; None when no such series exists."""
    plate = _SEPARATORS.sub("", text).upper().translate(_SIMPLIFIED)
    if _PLATE.fullmatch(plate):
        return plate
    return plate if region in _NEIGHBOURS and _NEIGHBOUR_PLATE.fullmatch(plate) else None
