"""Addresses of pages by the names of their views, as `flask.url_for` makes them, from a book that is written once.

A page has dozens of links, and looking each of them up in the routing map costs more than everything else that is said about it.
An address here is what stands before the first value, that value, and so on; further values follow as a query, unless None.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flask import Flask, current_app, url_for

_VALUE = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")
_UNQUOTED = "!$&'()*+,/:;=@"
"""What Werkzeug leaves as it is in a path (RFC 3986, section 3.3)."""
_UNQUOTED_IN_QUERY = "!$'()*,/:;?@"


@dataclass(frozen=True, slots=True)
class _Way:
    """The way to one view: `between` are the parts of its path around the values of `names`."""

    between: Sequence[str]
    names: Sequence[str]


_BOOK = "moat_addresses"


class Addresses:
    """The addresses of one application."""

    def __init__(self, app: Flask) -> None:
        self._ways: dict[str, list[_Way]] = {}
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) or "POST" in (rule.methods or ()):
                parts = _VALUE.split(rule.rule)
                self._ways.setdefault(rule.endpoint, []).append(_Way(parts[::2], parts[1::2]))
        for ways in self._ways.values():
            ways.sort(key=lambda way: -len(way.names))  # as Werkzeug does: the path takes as many values as it can

    def url(self, endpoint: str, **values: object) -> str:
        """The address of a view.

        Raises:
            werkzeug.routing.BuildError: there is none that takes these values.
        """
        for way in self._ways.get(endpoint, ()):
            if all(values.get(name) is not None for name in way.names):
                return _address(way, values)
        return url_for(endpoint, **values)  # type: ignore[arg-type]  # it names what is missing


def url(endpoint: str, **values: object) -> str:
    """The address of a view of this application. Raises as `Addresses.url` does."""
    return addresses().url(endpoint, **values)


def addresses() -> Addresses:
    """The book of this application, which is written when it is first asked for: all views are there by then."""
    book: Addresses | None = current_app.extensions.get(_BOOK)
    if book is None:
        book = current_app.extensions[_BOOK] = Addresses(current_app)
    return book


def _address(way: _Way, values: Mapping[str, object]) -> str:
    made = way.between[0]
    for name, after in zip(way.names, way.between[1:], strict=True):
        made += quoted(values[name]) + after
    if len(values) > len(way.names):
        asked = {name: value for name, value in values.items() if name not in way.names and value is not None}
        if asked:
            return f"{made}?{urlencode(asked, safe=_UNQUOTED_IN_QUERY)}"
    return made


def quoted(value: object) -> str:
    """A value as it stands in a path."""
    text = str(value)
    return text if text.isascii() and text.replace("_", "0").isalnum() else quote(text, safe=_UNQUOTED)
