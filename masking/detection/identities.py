"""Numbers of identity documents: mainland China, Hong Kong, Macao, Taiwan, and permits to travel between them."""

import re

from masking.detection.check_digits import born_in_china, hong_kong_id, resident_id, taiwan_id
from masking.detection.recognizer import CHECKED, SHAPE, Recognizer, apart_from_words

_ID_CUES = ("身份证", "身份證", "证件", "證件", "身分證", "id card", "id no", "id number", "identity", "居民")
_PASSPORT_CUES = ("护照", "護照", "passport")
_BIRTH_CUES = ("生日", "出生", "生于", "生於", "诞辰", "birth", "born", "dob")
_PERMIT_CUES = ("通行证", "通行證", "回乡证", "回鄉證", "台胞证", "台胞證", "居住证", "居住證", "permit")


_SEPARATORS = r"[ .\-_*~/,\p{So}]{0,2}"


def _compact(match: str) -> str:
    return re.sub(r"[^0-9X]", "", match.upper())


def _resident(match: str) -> float | None:
    """A wrong check digit still leaves a resident ID: most that people type or make up are wrong."""
    number = _compact(match)
    if not born_in_china(number):
        return 0.2 if len(number) == 18 else None
    return CHECKED if resident_id(number) else 0.6


def _resident_of_old(match: str) -> float | None:
    return SHAPE if born_in_china(match) else None


def _hong_kong(match: str) -> float | None:
    number = re.sub(r"[()]", "", match).upper()
    return CHECKED if hong_kong_id(number) else (SHAPE if "(" in match else None)


def _taiwan(match: str) -> float | None:
    return CHECKED if taiwan_id(match.upper()) else 0.3


RECOGNIZERS = (
    Recognizer(
        kind="id_card",
        pattern=rf"[1-9](?:{_SEPARATORS}\d){{16}}{_SEPARATORS}[0-9Xx]",
        judge=_resident,
        cues=_ID_CUES,
        neighbours=apart_from_words,
        numerals=True,
    ),
    Recognizer(kind="id_card", pattern=r"\d{15}", judge=_resident_of_old, cues=_ID_CUES, neighbours=apart_from_words),
    Recognizer(
        kind="id_card",
        pattern=r"[A-Za-z]{1,2}\d{6}\([0-9Aa]\)|[A-Z]{1,2}\d{6}[0-9A]",
        judge=_hong_kong,
        cues=(*_ID_CUES, "hkid"),
        neighbours=apart_from_words,
    ),
    Recognizer(kind="id_card", pattern=r"[A-Z][1289]\d{8}", judge=_taiwan, cues=_ID_CUES, neighbours=apart_from_words),
    Recognizer(kind="id_card", pattern=r"[1578]\d{6}\(\d\)", neighbours=apart_from_words),
    Recognizer(
        kind="passport",
        pattern=r"[EGDSPegdsp]\d{2} ?\d{6}|[Ee][A-HJ-NP-Za-hj-np-z]\d{7}|(?:DE|SE|PE)\d{7}",
        score=SHAPE,
        cues=_PASSPORT_CUES,
        neighbours=apart_from_words,
    ),
    Recognizer(
        kind="passport", pattern=r"[A-Z]{1,2}\d{6,9}|\d{9}", score=0.1, cues=_PASSPORT_CUES, neighbours=apart_from_words
    ),
    Recognizer(
        kind="travel_permit",
        pattern=r"[HMhm]\d{8}(?:\d{2})?|[CW][0-9A-Z]\d{7}|[TL]\d{8}",
        score=0.3,
        cues=_PERMIT_CUES,
        neighbours=apart_from_words,
    ),
    Recognizer(
        kind="birth_date",
        pattern=r"(?:19|20)\d{2}(?:年\d{1,2}月\d{1,2}[日号]?|[\-/.]\d{1,2}[\-/.]\d{1,2}|\d{4})",
        score=0.1,
        cues=_BIRTH_CUES,
        neighbours=apart_from_words,
    ),
    Recognizer(kind="travel_permit", pattern=r"\d{8}", score=0.1, cues=_PERMIT_CUES, neighbours=apart_from_words),
)
