"""What points at a person through a thing: plates, parcels, devices, addresses of the network, positions."""

import re
from ipaddress import ip_address

from masking.detection.check_digits import luhn
from masking.detection.recognizer import CHECKED, CONTEXT, Recognizer, apart_from_digits, apart_from_words

_PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新滬晉遼蘇閩贛魯粵瓊貴雲陝甯"
_PARCEL_CUES = ("快递", "快遞", "单号", "單號", "运单", "運單", "取件", "包裹", "物流", "tracking", "parcel")


def _imei(match: str) -> float | None:
    return CHECKED if luhn(match) else 0.1


def _network(match: str) -> float | None:
    try:
        address = ip_address(match)
    except ValueError:
        return None
    return 0.3 if address.is_loopback or address.is_unspecified else CONTEXT


def _no_more_parts(text: str, start: int, end: int) -> bool:
    """No part of a longer row of numbers."""
    goes_on = text[end : end + 1] in {".", ":"} and text[end + 1 : end + 2].isalnum()
    return apart_from_words(text, start, end) and not goes_on and text[start - 1 : start] not in {".", ":"}


def _position(match: str) -> float | None:
    """In or around China, in either order (latitude 18 to 54, longitude 73 to 136)."""
    first, second = (float(number) for number in re.findall(r"\d{1,3}\.\d+", match)[:2])
    return (
        CONTEXT
        if any(18 <= one <= 54 and 73 <= other <= 136 for one, other in ((first, second), (second, first)))
        else None
    )


RECOGNIZERS = (
    Recognizer(
        kind="license_plate",
        score=CONTEXT,
        neighbours=apart_from_words,
        pattern=rf"[{_PROVINCES}][A-HJ-NP-Z][ .]?(?:[A-HJ-NP-Z0-9]{{4,5}}[挂学警港澳使领临]|[DFABCEGHJK][A-HJ-NP-Z0-9]\d{{4}}|"
        r"\d{5}[DFABCEGHJK]|[A-HJ-NP-Z0-9]{5})|WJ[ .]?[0-9A-Z\p{Han}]{1,2}[ .]?\d{4,5}",
    ),
    Recognizer(
        kind="parcel",
        score=CONTEXT,
        cues=_PARCEL_CUES,
        neighbours=apart_from_words,
        pattern=r"SF\d{12,15}|YT\d{13,15}|JT\d{13}|JD[A-Z0-9]{11,17}|[A-Z]{2}\d{9}CN",
    ),
    Recognizer(
        kind="parcel", score=0.1, cues=_PARCEL_CUES, neighbours=apart_from_digits, pattern=r"7\d{12,14}|4\d{12,14}"
    ),
    Recognizer(
        kind="imei",
        pattern=r"\d{15}",
        judge=lambda match: 0.3 if luhn(match) else 0.1,
        cues=("imei", "meid", "串号", "串號", "设备", "設備"),
        neighbours=apart_from_words,
    ),
    Recognizer(
        kind="mac_address",
        score=CONTEXT,
        neighbours=apart_from_words,
        pattern=r"[0-9A-Fa-f]{2}(?:[:\-][0-9A-Fa-f]{2}){5}",
    ),
    Recognizer(
        kind="uuid",
        score=CONTEXT,
        neighbours=apart_from_words,
        pattern=r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    ),
    Recognizer(
        kind="ip_address",
        judge=_network,
        neighbours=_no_more_parts,
        pattern=r"(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{1,4}",
    ),
    Recognizer(
        kind="secret",
        score=CHECKED,
        neighbours=apart_from_words,
        pattern=r"eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{5,}|(?:AKIA|LTAI|AKID)[A-Za-z0-9]{12,32}",
    ),
    Recognizer(
        kind="geo",
        judge=_position,
        neighbours=apart_from_digits,
        pattern=r"\d{1,3}\.\d{3,15}(?:°?[NEne]?)[ ]?[,; ][ ]?(?:[a-z]{2,9}[=:] ?)?\d{1,3}\.\d{3,15}",
    ),
)
