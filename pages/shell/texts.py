"""The words of pages: one file of YAML for each language, in the directory `texts` of each package of pages.

Files nest: `sign_in: {title: …}` in `pages/staff/texts/en.yaml` is `staff.sign_in.title`. `{name}` stands for a value. A text
that counts is written twice where the language tells one from many: under `one` and under `other`.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from consent.locale import Locale
from formats.strict_yaml import read_yaml

_PLACE = re.compile(r"\{([a-z_]+)\}")


class TextMissingError(LookupError):
    """A page says something that no file has, or leaves out a value of it."""


class Texts:
    """What pages say, by language and key."""

    def __init__(self, said: Mapping[Locale, Mapping[str, str]]) -> None:
        self._said = said
        self._parts = {
            locale: {key: _PLACE.split(text) for key, text in texts.items()} for locale, texts in said.items()
        }
        """Each text as what stands before its first value, the name of that, what stands before the next, …"""

    def keys(self, locale: Locale) -> frozenset[str]:
        """Everything that can be said in a language."""
        return frozenset(self._said[locale])

    def places(self, locale: Locale, key: str) -> frozenset[str]:
        """The values that a text takes."""
        return frozenset(_PLACE.findall(self._said[locale][key]))

    def has(self, locale: Locale, key: str) -> bool:
        """Whether there is such a text, for what is named by codes that a later version may add."""
        return key in self._said[locale]

    def say(self, locale: Locale, key: str, **values: object) -> str:
        """A text with its values; what they are is the caller's to escape.

        Raises:
            TextMissingError: there is no such text, or a value of it is not given.
        """
        try:
            parts = self._parts[locale][key]
            if len(parts) == 1:
                return parts[0]
            return "".join([str(values[part]) if place % 2 else part for place, part in enumerate(parts)])
        except KeyError:
            raise TextMissingError(key) from None

    def count(self, locale: Locale, key: str, count: int, **values: object) -> str:
        """A text about a number of things, which it has as `count`."""
        one = f"{key}.one"
        form = one if count == 1 and self.has(locale, one) else f"{key}.other"
        return self.say(locale, form, count=count, **values)


@cache
def shipped(roots: tuple[Path, ...]) -> Texts:
    """The texts of all packages of pages in some directories.

    Raises:
        StrictYamlError: a file is no such file.
        ValueError: a text is none, or a file is named by no language.
    """
    said: dict[Locale, dict[str, str]] = {locale: {} for locale in Locale}
    for file in (found for root in roots for found in sorted(root.glob("*/texts/*.yaml"))):
        read = read_yaml(file.read_text(encoding="utf-8"))
        said[Locale(file.stem)] |= dict(_flat(file.parents[1].name, read))
    return Texts(said)


def _flat(prefix: str, read: Any) -> Iterator[tuple[str, str]]:
    if isinstance(read, Mapping):
        for name, inner in read.items():
            yield from _flat(f"{prefix}.{name}", inner)
    elif isinstance(read, str):
        yield prefix, read.strip()
    else:
        raise ValueError(f"{prefix} is no text")
