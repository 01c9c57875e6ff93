"""The catalogues of a deployment as an operator on its host works with them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from consent.catalogues.occasion import Occasion
from consent.catalogues.publication import Publication
from consent.catalogues.reading import CatalogueReader
from consent.catalogues.telling import TellingDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueHost:
    """The use cases on an opened database. `occasion` is now, for the tenant of that name; it raises LookupError for none."""

    publication: Publication
    reader: CatalogueReader
    telling: TellingDesk
    occasion: Callable[[str], Occasion]


class OpenCatalogues(Protocol):
    """Opens the database of a deployment; what is not given comes from the settings."""

    def __call__(self, *, data: Path | None, database: str | None) -> AbstractContextManager[CatalogueHost]: ...
