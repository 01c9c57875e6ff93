"""What a text says that the relay must know: that its sender wants no more of them, a link, or what looks like a one-time code.

Readings are of the plain writing (masking.detection.normal), so that full-width letters and what cannot be seen make no
difference, and take time linear in the text: the patterns are RE2's.
"""

import re
from enum import StrEnum
from typing import Final

import re2

from masking.detection.normal import digits, normalize

_AROUND: Final = re.compile(r"[\W_]+")
_STOP: Final = frozenset(
    [
        "stop",
        "stopall",
        "unsubscribe",
        "td",
        "t",
        "退订",
        "退訂",
        "t退订",
        "td退订",
        "回t退订",
        "取消订阅",
        "取消訂閱",
        "拒收",
        "不要再发了",
        "不要再發了",
    ]
)
_START: Final = frozenset(["start", "unstop", "resume", "恢复", "恢復", "开启", "開啟", "重新订阅", "重新訂閱"])


class Wish(StrEnum):
    """What a text as a whole asks of the relay itself."""

    STOP = "stop"
    START = "start"


class Flag(StrEnum):
    """What a text holds that goes no further, and `bare_code`, which does: whoever writes only digits may mean a door's."""

    LINK = "link"
    CODE = "one_time_code"
    NUMBER = "number"
    BARE_CODE = "bare_code"


_SUFFIXES: Final = (
    "com|cn|net|org|cc|top|xyz|vip|info|biz|io|me|tv|hk|mo|tw|link|site|club|shop|store|online|app|ly|gl|gd|im|wang|ren|ink|"
    "ltd|group|fun|icu|work|live|world|email|cloud|tech|win|bid|mobi|asia|pro|page|dev|ai|gg|ru|uk|us|eu|jp|kr"
)
_WRITTEN_APART: Final = "com|cn|net|org|cc|top|xyz|vip"
"""Suffixes that are no words, so that they say link in `bad . com` as well."""
_BEFORE: Final = r"[a-z0-9\x{4e00}-\x{9fff}]"
_LINK: Final = re2.compile(
    rf"(?i)(?:[a-z][a-z0-9+.\-]{{1,15}} ?: ?/ ?/|(?:^|[^a-z0-9])www ?[.,] ?[a-z0-9]|"
    rf"{_BEFORE}[.](?:{_SUFFIXES})(?:$|[^a-z0-9.@])|"
    rf"{_BEFORE}(?: ?[.] ?| ?[(\[]?(?:dot|点|點)[)\]]? ?)(?:{_WRITTEN_APART})(?:$|[^a-z0-9.@])|"
    r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d|/))"
)
_CODE: Final = re2.compile(
    r"(?i)验证码|驗證碼|校验码|校驗碼|動態碼|动态码|动态密码|動態密碼|登录码|登錄碼|登入碼|短信码|激活码|一次性密码|"
    r"\botp\b|one[ -]?time (?:pass|code|pin)|(?:verif(?:y|ication)|security|login|log-in|sign-in|auth(?:entication)?|"
    r"confirmation) ?code|\bpasscode\b|\bG-\d{6}\b"
)
_BARE: Final = re2.compile(r"[ \t]*\d{3} ?\d{1,3}\d?[ \t.!]*")


def wish_of(text: str) -> Wish | None:
    """What the whole text asks for, if it is one of the words that everybody knows from their carrier."""
    word = _AROUND.sub("", normalize(text[:40]).text).lower() if len(text) <= 40 else ""
    if word in _STOP:
        return Wish.STOP
    return Wish.START if word in _START else None


def flags_of(text: str) -> frozenset[Flag]:
    """What is in a text. Numbers of people are looked for elsewhere."""
    plain = normalize(text)
    found = set()
    if _LINK.search(plain.text) is not None:
        found.add(Flag.LINK)
    if _CODE.search(plain.text) is not None:
        found.add(Flag.CODE)
    written = digits(plain) or plain
    if _BARE.fullmatch(written.text) is not None:
        found.add(Flag.BARE_CODE)
    return frozenset(found)


def digits_of(text: str) -> str:
    """All digits of a text in order, however they are written and whatever stands between them."""
    plain = normalize(text)
    written = plain.text.translate(_WORDS)
    return "".join(one for one in written if one in "0123456789")


_WORDS: Final = str.maketrans(
    "〇零○一壹幺弌二贰貳两三叁參四肆五伍六陆陸七柒拐八捌九玖勾", "00011112222333445566677788999"
)
