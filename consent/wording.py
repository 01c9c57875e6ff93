"""From what a catalogue says to the exact words of a notice, in one language.

A person's own words stand in the catalogue's `notices`; everything that the catalogue knows already (kinds, recipients,
periods, who answers) is put in from there, so that a notice cannot say anything else.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from consent.catalogue_fields import FrameFields, WordingFields
from consent.errors import CatalogueError
from consent.locale import Locale
from consent.notice import NoticeText, Section, composed
from consent.purpose import Purpose
from consent.recipient import Controller, Recipient

Key = TypeVar("Key", bound=str)

_PLACE = re.compile(r"\{([a-z_]*)\}")


class Writer:
    """Writes notices in one language."""

    def __init__(
        self,
        locale: Locale,
        frame: FrameFields,
        *,
        controller: Controller,
        recipients: Mapping[str, Recipient],
        kinds: Mapping[str, str],
        sensitive: frozenset[str],
    ) -> None:
        self.locale = locale
        self._frame = frame
        self._controller = controller
        self._recipients = recipients
        self._names_of_kinds = kinds
        self._sensitive = sensitive
        self._answers = {
            "controller": controller.name[locale],
            "contact": controller.contact[locale],
            "address": controller.address[locale],
            "email": controller.email,
            "phone": controller.phone or "",
            "url": controller.url or "",
        }

    def written(self, purpose: Purpose, wording: WordingFields) -> NoticeText:
        """The notice of a purpose.

        Raises:
            CatalogueError: a section, a heading or a name is missing, or the text has a place that nothing fills.
        """
        place = f"notices.{purpose.id}.{self.locale}"
        if wording.necessity is None and purpose.kinds & self._sensitive:
            kind = min(purpose.kinds & self._sensitive)
            raise CatalogueError(f"{place}.necessity: needed, because {kind} is sensitive (PIPL art. 30)")
        sections = []
        for section, paragraph in self._sections(purpose, wording):
            if section not in self._frame.headings:
                raise CatalogueError(f"frame.{self.locale}.headings.{section}: missing")
            sections.append((self._frame.headings[section], self._filled(paragraph, f"{place}.{section}")))
        return composed(self.locale, self._filled(wording.title, f"{place}.title"), sections)

    def _sections(self, purpose: Purpose, wording: WordingFields) -> Iterator[tuple[Section, str]]:
        frame = self._frame
        yield Section.WHAT, _listed(wording.what, self._kinds(purpose.kinds))
        yield Section.WHY, wording.why
        if wording.necessity is not None:
            yield Section.NECESSITY, wording.necessity
        given = [(self._recipients[one.recipient], one.kinds) for one in purpose.sharing]
        lines = [self._recipient(recipient, kinds) for recipient, kinds in given]
        yield Section.RECIPIENTS, _listed("", lines) if lines else frame.nobody
        abroad = [recipient for recipient, _ in given if recipient.country != self._controller.country]
        if abroad:
            yield Section.ABROAD, _listed("", map(self._foreign, abroad))
        yield Section.RETENTION, purpose.retention.text[self.locale]
        if purpose.separate is not None:
            yield Section.SEPARATE, self._named(frame.separate, purpose.separate, "separate")
        lasts = frame.validity.replace("{days}", str(purpose.validity_days)) if purpose.rests_on_consent else None
        yield Section.WITHDRAWAL, wording.withdrawal if lasts is None else f"{wording.withdrawal}\n{lasts}"
        yield Section.MINORS, self._named(frame.minors, purpose.minors, "minors")
        yield Section.CONTACT, frame.contact

    def _kinds(self, kinds: frozenset[str]) -> list[str]:
        """The names of kinds, in the order of the catalogue."""
        return [name for kind, name in self._names_of_kinds.items() if kind in kinds]

    def _recipient(self, recipient: Recipient, kinds: frozenset[str]) -> str:
        return (
            self._frame.recipient.replace("{name}", recipient.name[self.locale])
            .replace("{capacity}", self._named(self._frame.capacities, recipient.kind, "capacities"))
            .replace("{country}", self._named(self._frame.countries, recipient.country, "countries"))
            .replace("{kinds}", self._frame.between.join(self._kinds(kinds)))
        )

    def _foreign(self, recipient: Recipient) -> str:
        transfer = recipient.transfer
        ground = "" if transfer is None else self._named(self._frame.transfers, transfer, "transfers")
        return (
            self._frame.abroad.replace("{name}", recipient.name[self.locale])
            .replace("{country}", self._named(self._frame.countries, recipient.country, "countries"))
            .replace("{recipient_contact}", recipient.contact)
            .replace("{transfer}", ground)
        )

    def _named(self, names: Mapping[Key, str], key: Key, where: str) -> str:
        if key not in names:
            raise CatalogueError(f"frame.{self.locale}.{where}.{key}: missing")
        return names[key]

    def _filled(self, text: str, place: str) -> str:
        def answer(found: re.Match[str]) -> str:
            if not self._answers.get(found[1]):
                raise CatalogueError(f"{place}: nothing fills the place {{{found[1]}}}")
            return self._answers[found[1]]

        return _PLACE.sub(answer, text)


def _listed(lead: str, lines: Iterable[str]) -> str:
    return "\n".join([*([lead] if lead else []), *(f"- {line}" for line in lines)])
