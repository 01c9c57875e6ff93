"""What the codes of purposes, kinds and recipients are called in the language of the page, as the tenant's catalogue has it."""

from collections.abc import Collection
from dataclasses import dataclass

from consent.catalogue import Edition
from consent.catalogues.answers import ordered
from consent.catalogues.reading import CatalogueReader
from consent.locale import Locale
from pages.shell.site import Site
from web.auth import caller


@dataclass(frozen=True, slots=True)
class Naming:
    """An edition of the catalogue, and the language in which it is shown: the page's own where the catalogue has it."""

    edition: Edition
    locale: Locale

    @property
    def between(self) -> str:
        """What stands between names."""
        return ", " if self.locale is Locale.EN else "、"

    def purpose(self, code: str) -> str:
        """A purpose by the title of its notice; by its code where the catalogue has it no more."""
        notice = self.edition.catalogue.notices.get(code)
        return code if notice is None else notice.texts[self.locale].title

    def kind(self, code: str) -> str:
        """A kind of data."""
        return self.edition.catalogue.names[self.locale].kinds.get(code, code)

    def kinds(self, codes: Collection[str]) -> str:
        """Kinds in the order of the catalogue, then those that it does not have."""
        known = ordered(self.edition.catalogue, frozenset(codes))
        return self.between.join(map(self.kind, [*known, *sorted(set(codes) - set(known))]))

    def purposes(self, codes: Collection[str]) -> str:
        """Purposes in the order of the catalogue, then those that it does not have."""
        known = [code for code in self.edition.catalogue.by_id if code in codes]
        return self.between.join(map(self.purpose, [*known, *sorted(set(codes) - set(known))]))


def naming(site: Site, reader: CatalogueReader, version: int | None = None) -> Naming:
    """The names of this request's page. Raises CatalogueNotFoundError for a version that never was."""
    edition = reader.edition(caller().tenant, version)
    offered, wanted = edition.catalogue.locales, site.locale()
    return Naming(edition, wanted if wanted in offered else offered[0])
