"""Catalogues for tests: the starter with something changed."""

from copy import deepcopy
from typing import Any

from consent.catalogue import Catalogue
from consent.catalogue_text import parse_source, starter_source

GONE = object()
"""Instead of a value: take the name away."""


def source(**edits: Any) -> dict[str, Any]:
    """The starter's tree with edits by place, such as `purposes__delivery__kinds=["phone"]`. What is not there yet is added."""
    tree = deepcopy(starter_source())
    for place, value in edits.items():
        *path, last = place.split("__")
        here = tree
        for step in path:
            here = here.setdefault(step, {})
        if value is GONE:
            del here[last]
        else:
            here[last] = value
    return tree


def catalogue(**edits: Any) -> Catalogue:
    """The catalogue of such a tree."""
    return parse_source(source(**edits))
