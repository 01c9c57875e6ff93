"""Every purpose and kind that some catalogue of the deployment has ever had, for policies to be checked against.

Policies are of the whole deployment and catalogues of its tenants. A policy for a purpose that one tenant has, or once had, is no
mistake; a name that no catalogue ever had is one.
"""

import orjson

from consent.catalogue import Catalogue
from consent.catalogue_text import parse_source, starter_catalogue
from consent.catalogues import store
from database.engine import Database


class KnownPurposes:
    """All catalogues that were ever applied, and the starter, as if they were one."""

    def __init__(self, database: Database) -> None:
        rows = database.read(None, lambda tx: tx.all(store.DIFFERENT_SOURCES))
        self._catalogues: list[Catalogue] = [starter_catalogue(), *(parse_source(orjson.loads(row[0])) for row in rows)]

    def purposes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for one in self._catalogues for name in one.purposes()))

    def knows(self, purpose: str) -> bool:
        return any(one.knows(purpose) for one in self._catalogues)

    def necessary(self, purpose: str, kind: str) -> bool:
        return any(one.necessary(purpose, kind) for one in self._catalogues)
