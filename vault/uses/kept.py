"""A use of something that is kept of people beside records: whose, of which kind, for what, and since when.

Each thing is kept for one purpose and ref, and goes when that ends.
"""

from typing import NamedTuple

from database.transaction import Row

Place = tuple[int, str, str]
"""A thing's own number, a purpose and a ref."""


class KeptThing(NamedTuple):
    """A use as retention looks at it. `since` is in milliseconds since the epoch; nothing of it is ever stored only."""

    record: int
    subject: int
    kind: str
    purpose: str
    ref: str
    since: int
    restricted: bool = False

    @property
    def place(self) -> Place:
        """What names it among things of its kind."""
        return self.record, self.purpose, self.ref


def by_place(rows: list[Row], kind: str, purpose: str) -> dict[Place, KeptThing]:
    """Rows of number, person, ref and moment, by what names them."""
    found = (KeptThing(number, subject, kind, purpose, ref, since) for number, subject, ref, since in rows)
    return {one.place: one for one in found}
