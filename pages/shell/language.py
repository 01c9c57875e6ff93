"""Which language a page speaks: the one that was chosen in this browser, else the one that the session knows, else the nearest
that the browser asks for, else simplified Chinese."""

from collections.abc import Iterable

from consent.locale import Locale, closest

COOKIE = "__Host-moat_language"
DEFAULT = Locale.ZH_HANS

NAMES = {Locale.ZH_HANS: "简体中文", Locale.ZH_HANT: "繁體中文", Locale.EN: "English"}
"""What each language calls itself, which no page translates."""


def chosen(cookie: str | None, known: str | None, wanted: Iterable[str]) -> Locale:
    """The language of a page. `wanted` are the tags of Accept-Language, the best first (RFC 9110, section 12.5.4)."""
    for word in (cookie, known):
        if word in {locale.value for locale in Locale}:
            return Locale(word)
    for tag in wanted:
        language = tag.replace("_", "-").split("-", maxsplit=1)[0].lower()
        if language in {"zh", "en"}:
            return closest(tag, Locale)
    return DEFAULT
