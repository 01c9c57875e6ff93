"""The mask of personal names: the surname stays, as a person is addressed; the given name goes."""

import re

from masking.writing import HIDDEN, plain

_COMPOUND_SURNAMES = (
    "欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|夏侯|东方|東方|皇甫|尉迟|尉遲|公孙|公孫|慕容|令狐|司徒|司空|长孙|長孫|宇文|轩辕|軒轅"
    "|端木|南宫|南宮|西门|西門|独孤|獨孤|百里|呼延|拓跋|闻人|聞人|申屠|太史|公冶|公羊|濮阳|濮陽|淳于|单于|單于|澹台|澹臺|赫连"
    "|赫連|钟离|鍾離|鲜于|鮮于|闾丘|閭丘|万俟|纳兰|納蘭|第五|东郭|東郭|南门|南門|左丘|梁丘|谷梁|宰父|夹谷|段干|漆雕|乐正|壤驷"
)
_ONE_OF_EAST_ASIA = (
    "[\u3005-\u3007\u3040-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af]"
)
_COMPOUND = frozenset(_COMPOUND_SURNAMES.split("|"))
_FEW = re.compile("[\u4e00-\u9fff]{2,3}")
"""Most names: nothing about them has to be made plain."""
_SURNAME = re.compile(rf"(?:{_COMPOUND_SURNAMES})(?=.)|{_ONE_OF_EAST_ASIA}")
_SHOWN = re.compile(rf"(?:(?:{_COMPOUND_SURNAMES})|{_ONE_OF_EAST_ASIA})\*{{1,2}}|[^\W\d_]\*{{3}}")


def mask_name(value: str) -> str:
    """`张*`, `张**`, `欧阳**`, `阿**` for 阿卜杜拉·买买提, `J***` for John Smith; a lone letter is hidden.

    One star for a given name of one character, two for every longer one, so that the mask tells no length beyond.
    """
    if 1 < len(value) < 4 and _FEW.fullmatch(value) and value[:2] not in _COMPOUND:
        return value[0] + "*" * (len(value) - 1)
    if _SHOWN.fullmatch(value):
        return value
    text = plain(value)
    if len(text) < 2 or not text[0].isalpha() or not any(map(str.isalpha, text[1:])):
        return HIDDEN
    match = _SURNAME.match(text)
    if match is None:
        initial = text[0].upper()
        return f"{initial if len(initial) == 1 else text[0]}***"
    return match[0] + "*" * min(len(text) - match.end(), 2)
