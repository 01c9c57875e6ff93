"""What policies, catalogues and stage tables judge: the kinds of values, and files, which are judged by a kind and are no values.

Nothing of the kind `file` is tokenized, searched or masked: it is a picture of an order (`vault.pictures`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from vault.identifier import KINDS, Sensitivity


class JudgedKind(Protocol):
    """What is asked of a kind before anything of it is used."""

    @property
    def name(self) -> str: ...
    @property
    def sensitivity(self) -> Sensitivity: ...


class FileKind(NamedTuple):
    """A kind that has no values."""

    name: str
    sensitivity: Sensitivity


FILE: Final = FileKind("file", Sensitivity.ORDINARY)

JUDGED: Final[Mapping[str, JudgedKind]] = MappingProxyType({**KINDS, FILE.name: FILE})
