"""Names of schemas in the OpenAPI document. pydantic names a schema by its class, and two blueprints may each have a class of one
name: then the one that is described later takes its own name before that of the class."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask_openapi.blueprint import APIBlueprint
from pydantic import BaseModel

_PREFIX = "#/components/schemas/"


def tell_apart(api: APIBlueprint, taken: Mapping[str, Any]) -> None:
    """Rename the schemas of a blueprint whose names in `taken` mean something else."""
    known: dict[str, Any] = api.components_schemas
    clashing = {name for name in known if name in taken and taken[name] != known[name]}
    while more := {one for one in known.keys() & taken.keys() - clashing if clashing & set(_named(known[one]))}:
        clashing |= more
    if clashing:
        own = "".join(word.capitalize() for word in re.split(r"[^a-zA-Z0-9]+", api.name))
        new = {name: own + name for name in clashing}
        api.components_schemas = {new.get(name, name): schema for name, schema in known.items()}
        _rename([api.paths, api.components_schemas], {_PREFIX + old: _PREFIX + name for old, name in new.items()})


def _named(node: Any) -> Iterator[str]:
    """The names of the schemas that a part of a description refers to."""
    for _, inner in _inside(node):
        if isinstance(inner, str):
            if inner.startswith(_PREFIX):
                yield inner.removeprefix(_PREFIX)
        else:
            yield from _named(inner)


def _rename(node: Any, refs: Mapping[str, str]) -> None:
    """Replace references wherever they stand."""
    for place, inner in list(_inside(node)):
        if not isinstance(inner, str):
            _rename(inner, refs)
        elif inner in refs:
            if isinstance(node, BaseModel):
                setattr(node, place, refs[inner])
            else:
                node[place] = refs[inner]


def _inside(node: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(node, BaseModel):
        yield from node  # fields and what is beside them
    elif isinstance(node, dict):
        yield from node.items()
    elif isinstance(node, list):
        yield from enumerate(node)
