"""The words of messages: for each template a title, a text for mail and a short form for SMS in each locale, with `$places`.

A template is there in all of `LOCALES`, with the same places in each. What fills a place is one line: it cannot add a header to
an e-mail or a paragraph to a text. Mail ends with a line that leads to the privacy centre, where the address of that is known.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Any

import yaml

from web.messages.ports import Channel, Written

LOCALES = ("zh-Hans", "zh-Hant", "en")
VALUE_AT_MOST = 500

PARTS = frozenset({"title", "text", "sms"})
CENTRE = "centre"
"""The place of a closing line that the address of the privacy centre fills."""

_SHIPPED = Path(__file__).with_name("texts.yaml")
_FORMS = {Channel.EMAIL: "text", Channel.SMS: "sms"}


class Texts:
    """Templates by id and locale; `closing` is the line that ends a mail, by locale.

    Raises:
        ValueError: one lacks a locale, a title or a form, or its locales have different places.
    """

    def __init__(
        self, templates: Mapping[str, Mapping[str, Mapping[str, str]]], closing: Mapping[str, str] | None = None
    ) -> None:
        for name, by_locale in templates.items():
            if set(by_locale) != set(LOCALES) or any(set(one) != PARTS for one in by_locale.values()):
                raise ValueError(f"the message {name} needs a title, a text and an sms in each of {', '.join(LOCALES)}")
            for form in PARTS:
                if len({places_of(one[form]) for one in by_locale.values()}) > 1:
                    raise ValueError(f"the message {name} has other places in one locale than in another")
        if closing is not None and any(places_of(closing.get(locale, "")) != {CENTRE} for locale in LOCALES):
            raise ValueError(f"the closing line of a message needs ${CENTRE} in each of {', '.join(LOCALES)}")
        self._templates = MappingProxyType(dict(templates))
        self._closing = closing

    @classmethod
    def shipped(cls) -> "Texts":
        """The templates of this distribution."""
        read = _shipped()
        return cls(read["messages"], read["closing"])

    def written(
        self,
        template: str,
        locale: str,
        values: Mapping[str, str],
        *,
        channel: Channel = Channel.EMAIL,
        centre: str | None = None,
    ) -> Written:
        """A message in the form of its channel with its places filled. `centre` is where the person's privacy centre is.

        Raises:
            ValueError: there is no such template or locale, a place has no value, or a value is no single short line.
        """
        words = self._templates.get(template, {}).get(locale)
        if words is None:
            raise ValueError("there is no such message")
        if any(len(value) > VALUE_AT_MOST or not value.isprintable() for value in values.values()):
            raise ValueError("what fills a place is one short line")
        form = _FORMS[channel]
        if places_of(words["title"] + words[form]) - set(values):
            raise ValueError("a place of the message has no value")
        title, text = (Template(words[part]).substitute(values).strip() for part in ("title", form))
        if channel is Channel.EMAIL and centre is not None and self._closing is not None:
            text += "\n\n" + Template(self._closing[locale]).substitute({CENTRE: centre})
        return Written(template, locale, title, text)


@cache
def _shipped() -> Any:
    return yaml.safe_load(_SHIPPED.read_text(encoding="utf-8"))


def places_of(text: str) -> frozenset[str]:
    """The names of the places in a template's text."""
    return frozenset(Template(text).get_identifiers())
