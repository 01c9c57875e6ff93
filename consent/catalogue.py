"""The catalogue: purposes as a tree, their notices, and the register of who gets what.

A catalogue is immutable, and built from its text by `consent.catalogue_text`. It guarantees that every purpose has a ground under
both laws, a notice and a description in each of its languages, that a kind belongs to exactly one group, that no purpose
needs or shares a kind unlisted there, that recipients are in the register and that the tree has no circle.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from consent.errors import UnknownPurposeError
from consent.locale import Locale
from consent.notice import Notice
from consent.purpose import Purpose
from consent.recipient import Controller, Recipient, RecipientKind, Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What codes are called in one language, for people to read."""

    kinds: Mapping[str, str]
    subjects: Mapping[str, str]
    countries: Mapping[str, str]
    capacities: Mapping[RecipientKind, str]
    transfers: Mapping[Transfer, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Catalogue:
    """One version of a tenant's catalogue. Mappings are by id, in the order of its text; `notices` are by purpose. `sensitive`
    are the kinds that PIPL art. 28 calls so."""

    version: int
    locales: tuple[Locale, ...]
    controller: Controller
    groups: Mapping[str, tuple[str, ...]]
    sensitive: frozenset[str]
    recipients: Mapping[str, Recipient]
    by_id: Mapping[str, Purpose]
    notices: Mapping[str, Notice]
    names: Mapping[Locale, Names]

    def purposes(self) -> tuple[str, ...]:
        """The ids in the order of the catalogue."""
        return tuple(self.by_id)

    def purpose(self, purpose: str) -> Purpose:
        """The purpose of that id. Raises UnknownPurposeError."""
        try:
            return self.by_id[purpose]
        except KeyError:
            raise UnknownPurposeError from None

    def notice(self, purpose: str) -> Notice:
        """The notice of a purpose in this version of the catalogue. Raises UnknownPurposeError."""
        try:
            return self.notices[purpose]
        except KeyError:
            raise UnknownPurposeError from None

    def knows(self, purpose: str) -> bool:
        return purpose in self.by_id

    def necessary(self, purpose: str, kind: str) -> bool:
        """Whether the purpose needs the kind; false for an unknown purpose or kind (PIPL art. 6, GDPR art. 5(1)(c))."""
        known = self.by_id.get(purpose)
        return known is not None and kind in known.kinds

    def ancestors(self, purpose: str) -> Iterator[Purpose]:
        """The parents of a purpose, the nearest first. Who refuses one of them refuses the purpose.

        Raises:
            UnknownPurposeError: there is no such purpose.
        """
        parent = self.purpose(purpose).parent
        while parent is not None:
            found = self.by_id[parent]
            yield found
            parent = found.parent

    def covered_by(self, purpose: str) -> tuple[str, ...]:
        """The purpose and those below it that a consent to it covers. One that asks for a separate consent is not among them, nor
        is what lies below that one (PIPL art. 23, 25, 26, 29, 39)."""
        covered = [self.purpose(purpose).id]
        for found in covered:  # Grows while it is gone through.
            covered += [one.id for one in self.by_id.values() if one.parent == found and one.separate is None]
        return tuple(covered)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edition:
    """A catalogue as it was applied to a tenant, in force from `applied_at` (milliseconds since the epoch) to the next one.

    `material` is, for each purpose, the latest version of its notice that was material: a consent to an older one is stale.
    """

    catalogue: Catalogue
    digest: str
    applied_at: int
    material: Mapping[str, int]

    @property
    def version(self) -> int:
        return self.catalogue.version

    def stale(self, purpose: str, version: int) -> bool:
        """Whether a consent to this version of the purpose's notice no longer covers what is done now; true for a purpose that
        the catalogue does not have."""
        return version < self.material.get(purpose, version + 1)
