"""Notes in masked views. Those are made inside transactions, where nobody who knows names can be asked; so whoever read a note on
its way in counted the names in it that a masked view would still show. The count is stored even where it is none: a note without
it was never read, and is hidden whole like one with such a name.
"""

from collections.abc import Iterable
from typing import Final

from database.transaction import Transaction
from vault import store

NOTE: Final = "note"
BARE_NAMES: Final = "bare_names"
"""Stands among the kinds that were found in a note, which never have this name."""
HIDDEN: Final = "***"


def shown_notes(tx: Transaction, tenant: int, rows: Iterable[int]) -> frozenset[int]:
    """Which of these records of notes were read, and have no name in them that a masked view would show."""
    asked = [(row,) for row in rows]
    if not asked:
        return frozenset()
    found = tx.all(store.NOTES_OF_COUNT, rows=asked, tenant=tenant, kind=BARE_NAMES, count=0)
    return frozenset(row for (row,) in found)
