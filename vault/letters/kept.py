"""Messages as retention looks at them and ends them: each is a use of the kind `message`, kept since the hour in which it came.

A message is of two people, and stays while a hold keeps it of either: it is shown as the one's of whom it is held, else as its
recipient's. For which order it is nobody here can say.
"""

from collections.abc import Mapping, Sequence

from database.transaction import Row, Transaction
from vault.letters import store
from vault.letters.holding import MESSAGE
from vault.rights.ports import Use, UseHolds
from vault.usable import PURPOSE
from vault.uses.kept import KeptThing, Place, by_place

USE: Use = (MESSAGE, PURPOSE, "")


class LetterUses:
    """The messages that wait, in the caller's transaction."""

    kinds = frozenset({MESSAGE})

    def __init__(self, holds: UseHolds) -> None:
        self._holds = holds

    def page(self, tx: Transaction, tenant: int, after: Place, limit: int) -> Sequence[KeptThing]:
        """Those that come next after a place."""
        rows = tx.all(store.LETTERS_KEPT, tenant=tenant, after=after[0], limit=limit)
        return list(self._shown(tx, tenant, rows).values())

    def present(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> Mapping[Place, KeptThing]:
        """Those of these that are there."""
        numbers = sorted({number for number, _, _ in places})
        found = self._shown(tx, tenant, tx.all(store.LETTERS_PRESENT, rows=[(one,) for one in numbers], tenant=tenant))
        return {place: found[place] for place in places if place in found}

    def end(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> int:
        """Delete these; tells how many there were."""
        return tx.run_each(store.DELETE_ONE, [{"tenant": tenant, "id": number} for number, _, _ in places])

    def held(self, tx: Transaction, tenant: int, people: Sequence[int]) -> frozenset[int]:
        """Those of these people of whom a hold keeps messages."""
        return frozenset(one for one in set(people) if self._holds.held(tx, tenant, one, [USE]))

    def _shown(self, tx: Transaction, tenant: int, rows: list[Row]) -> dict[Place, KeptThing]:
        held = self.held(tx, tenant, [row[1] for row in rows])
        shown = [
            (number, sender if sender in held else recipient, "", hour) for number, sender, recipient, hour in rows
        ]
        return by_place(shown, MESSAGE, PURPOSE)
