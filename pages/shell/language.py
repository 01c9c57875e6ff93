"""Which language a page speaks: the one that was chosen in this browser, else the one that the session knows, else the nearest
that the browser asks for, else simplified Chinese."""

from functools import lru_cache

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from consent.locale import Locale, closest

COOKIE = "__Host-moat_language"
DEFAULT = Locale.ZH_HANS

NAMES = {Locale.ZH_HANS: "简体中文", Locale.ZH_HANT: "繁體中文", Locale.EN: "English"}
"""What each language calls itself, which no page translates."""


_BY_TAG = {locale.value: locale for locale in Locale}
_HEADERS_REMEMBERED = 256
"""Browsers send few different headers; a longer list would only serve whoever makes them up."""


def chosen(cookie: str | None, known: str | None, wanted: str | None) -> Locale:
    """The language of a page. `wanted` is the header Accept-Language."""
    for word in (cookie, known):
        if word in _BY_TAG:
            return _BY_TAG[word]
    return DEFAULT if wanted is None else _nearest(wanted)


@lru_cache(_HEADERS_REMEMBERED)
def _nearest(header: str) -> Locale:
    """The language that is nearest to what is wanted most (RFC 9110, section 12.5.4)."""
    for tag, _ in parse_accept_header(header, LanguageAccept):
        language = tag.replace("_", "-").split("-", maxsplit=1)[0].lower()
        if language in {"zh", "en"}:
            return closest(tag, Locale)
    return DEFAULT
