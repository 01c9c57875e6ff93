"""Names that people give to things and that are stored, listed and logged as they are, so that they must name nobody."""

import re
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

_LONG_NUMBER = re.compile(r"\d(?:[._-]?\d){10}", re.ASCII)
"""As long as the shortest number that is somebody's alone: a mainland mobile. Names that people give need no such number."""

_DRAWN = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=\d*[a-f])[0-9a-f]{24,64}", re.ASCII | re.IGNORECASE
)


def is_personal(name: str) -> bool:
    """Whether a name holds a number that could be a phone's, a document's or a card's, with separators or without."""
    return _LONG_NUMBER.search(name) is not None


def _names_nobody(name: str) -> str:
    if is_personal(name):
        raise PydanticCustomError(
            "name_is_personal", "A name is stored as it is, and this one holds a number of 11 digits"
        )
    return name


def _drawn_or_names_nobody(name: str) -> str:
    _names_nobody(_DRAWN.sub("", name))
    return name


NamesNobody = AfterValidator(_names_nobody)
"""Refuses such names in a message: `name_is_personal`, without the name."""

DrawnName = Annotated[str, AfterValidator(_drawn_or_names_nobody)]
"""What another side calls something: in an identifier that is drawn, a UUID or 24 hexadecimal digits and more, digits mean
nothing."""
