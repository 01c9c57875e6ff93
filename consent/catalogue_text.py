"""Reading a catalogue from YAML: one file, or a directory of them whose top-level names add up.

What each name means stands at the head of the starter's files. Whatever is missing, unknown or contradictory is refused with
the place that is wrong. The same text always makes the same catalogue, and the same notices to the byte.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from consent.catalogue import Catalogue
from consent.catalogue_fields import CatalogueFields
from consent.catalogue_reading import Reading
from consent.errors import CatalogueError
from formats.strict_yaml import StrictYamlError, read_yaml

STARTER = Path(__file__).with_name("starter")
"""The catalogue that Moat ships for a delivery platform."""
_ORDER = list(CatalogueFields.model_fields)


@cache
def starter_source() -> dict[str, Any]:
    """The starter catalogue as it is stored; not to be changed."""
    return read_source([STARTER])


@cache
def starter_catalogue() -> Catalogue:
    """The catalogue that Moat ships for a delivery platform."""
    return parse_source(starter_source())


def read_source(paths: Iterable[Path]) -> dict[str, Any]:
    """The text of files, and of the *.yaml files of directories, as one tree, whose top-level names stand in an order of its own.

    Raises:
        CatalogueError: a file cannot be read as YAML, two say different things in one place, or there is none.
    """
    source: dict[str, Any] = {}
    files = [file for path in paths for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]
    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise CatalogueError(f"{file.name}: not a file of UTF-8 text") from None
        _merge(source, read_text(text, file.name), file.name)
    if not files:
        raise CatalogueError("there is no *.yaml file")
    ordered = sorted(source, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
    return {name: source[name] for name in ordered}


def read_text(text: str, name: str = "the catalogue") -> dict[str, Any]:
    """One YAML document that is a mapping. Raises CatalogueError."""
    try:
        found = read_yaml(text)
    except StrictYamlError as fault:
        raise CatalogueError(f"{name} is not YAML{fault.place}") from None
    if not isinstance(found, dict):
        raise CatalogueError(f"{name} is not a mapping")
    return found


def source_text(source: Mapping[str, Any]) -> str:
    """A tree as it is stored: JSON, in the order in which it was written."""
    return orjson.dumps(source).decode()


def source_digest(text: str) -> str:
    """The digest that names a stored tree: SHA-256 in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def parse_source(source: Mapping[str, Any]) -> Catalogue:
    """The catalogue of a tree. Raises CatalogueError, naming the field, for anything missing, unknown or contradictory."""
    try:
        written = CatalogueFields.model_validate(source)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        raise CatalogueError(f"{'.'.join(str(step) for step in first['loc'])}: {first['msg']}") from None
    return Reading(written).catalogue()


def _merge(into: dict[str, Any], found: Mapping[str, Any], place: str) -> None:
    for name, value in found.items():
        here = into.get(name)
        if isinstance(here, dict) and isinstance(value, dict):
            _merge(here, value, f"{place}: {name}")
        elif name in into:
            raise CatalogueError(f"{place}: {name} is said twice")
        else:
            into[name] = value
