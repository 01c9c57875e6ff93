"""The words of messages: for each template a title and a text in each locale, with `$places` to fill.

A template is there in all of `LOCALES`, with the same places in each. What fills a place is one line: it cannot add a header to
an e-mail or a paragraph to a text.
"""

from collections.abc import Mapping
from pathlib import Path
from string import Template
from types import MappingProxyType

import yaml

from web.messages.ports import Written

LOCALES = ("zh-Hans", "zh-Hant", "en")
VALUE_AT_MOST = 500

_SHIPPED = Path(__file__).with_name("texts.yaml")


class Texts:
    """Templates by id and locale.

    Raises:
        ValueError: one lacks a locale, a title or a text, or its locales have different places.
    """

    def __init__(self, templates: Mapping[str, Mapping[str, Mapping[str, str]]]) -> None:
        for name, by_locale in templates.items():
            if set(by_locale) != set(LOCALES) or any(set(one) != {"title", "text"} for one in by_locale.values()):
                raise ValueError(f"the message {name} needs a title and a text in each of {', '.join(LOCALES)}")
            if len({places_of(one["title"] + one["text"]) for one in by_locale.values()}) > 1:
                raise ValueError(f"the message {name} has other places in one locale than in another")
        self._templates = MappingProxyType(dict(templates))

    @classmethod
    def shipped(cls) -> "Texts":
        """The templates of this distribution."""
        return cls(yaml.safe_load(_SHIPPED.read_text(encoding="utf-8")))

    def written(self, template: str, locale: str, values: Mapping[str, str]) -> Written:
        """A message with its places filled.

        Raises:
            ValueError: there is no such template or locale, a place has no value, or a value is no single short line.
        """
        words = self._templates.get(template, {}).get(locale)
        if words is None:
            raise ValueError("there is no such message")
        if any(len(value) > VALUE_AT_MOST or not value.isprintable() for value in values.values()):
            raise ValueError("what fills a place is one short line")
        if places_of(words["title"] + words["text"]) - set(values):
            raise ValueError("a place of the message has no value")
        title, text = (Template(words[part]).substitute(values) for part in ("title", "text"))
        return Written(template, locale, title, text.strip())


def places_of(text: str) -> frozenset[str]:
    """The names of the places in a template's text."""
    return frozenset(Template(text).get_identifiers())
