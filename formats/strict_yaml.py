"""YAML as people write it for this program: one document, without YAML's guesses.

A name stands once in a mapping and is a text: of a name said twice most readers take the last without a word. Only `true` and
`false` are truth values, as in YAML 1.2 (section 10.3.2): `on`, `off` and Norway's `NO` are words. A date stays a text.
"""

import re
from collections.abc import Hashable
from typing import Any

import yaml

_BOOL, _TIMESTAMP = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"


class StrictYamlError(ValueError):
    """A text that is no YAML, or has a name twice or one that is no text. `line` is where, counted from 1, if that is known."""

    def __init__(self, line: int | None) -> None:
        super().__init__("not strict YAML")
        self.line = line

    @property
    def place(self) -> str:
        """Where, to stand behind the name of a file."""
        return "" if self.line is None else f", line {self.line}"


class _Loader(yaml.CSafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping in which every name is a text and stands once."""
        seen = set()
        for place, _ in node.value:
            name = self.construct_object(place)
            if not isinstance(name, str) or name in seen:
                raise yaml.constructor.ConstructorError(None, None, "a name twice, or none", place.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep=deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in {_BOOL, _TIMESTAMP}]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|false)$"), ["t", "f"])


def read_yaml(text: str) -> Any:
    """What a text says.

    Raises:
        StrictYamlError: it is no such text.
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        raise StrictYamlError(None if mark is None else mark.line + 1) from None
    except (ValueError, RecursionError):
        raise StrictYamlError(None) from None
