"""Making a catalogue of its fields: what pydantic cannot see, because it concerns two places at once."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from consent.catalogue import Catalogue, Names
from consent.catalogue_fields import AssessmentFields, CatalogueFields, FrameFields, PurposeFields
from consent.errors import CatalogueError
from consent.locale import Locale
from consent.notice import Notice
from consent.purpose import Assessment, DefaultState, Purpose, Retention, SeparateClass, Sharing
from consent.recipient import Controller, Recipient, RecipientKind
from consent.wording import Writer

Text = TypeVar("Text")


class Reading:
    """A catalogue in the making: what pydantic cannot see, because it concerns two places at once."""

    def __init__(self, written: CatalogueFields) -> None:
        self._written = written
        self._known = {kind for kinds in written.groups.values() for kind in kinds}

    def catalogue(self) -> Catalogue:
        """The whole. Raises CatalogueError."""
        written = self._written
        self._refuse_shared_kinds()
        self._refuse_circles()
        self._refuse_strange_notices()
        controller, recipients = self._controller(), dict(self._recipients())
        purposes = {name: self._purpose(name, one) for name, one in written.purposes.items()}
        frames = self._each(written.frame, "frame")
        kinds = dict(self._kinds_by_locale())
        writers = [
            Writer(
                locale,
                frame,
                controller=controller,
                recipients=recipients,
                kinds=kinds[locale],
                sensitive=written.sensitive,
            )
            for locale, frame in frames.items()
        ]
        return Catalogue(
            version=written.version,
            locales=written.locales,
            controller=controller,
            groups=written.groups,
            sensitive=written.sensitive,
            recipients=recipients,
            by_id=purposes,
            notices={name: self._notice(purpose, writers) for name, purpose in purposes.items()},
            names={locale: _names(frame, kinds[locale]) for locale, frame in frames.items()},
        )

    def _each(self, texts: Mapping[Locale, Text], place: str) -> dict[Locale, Text]:
        """The texts in all languages of the catalogue and no other."""
        for locale in self._written.locales:
            if locale not in texts:
                raise CatalogueError(f"{place}.{locale}: missing")
        for locale in texts:
            if locale not in self._written.locales:
                raise CatalogueError(f"{place}.{locale}: not one of the catalogue's languages")
        return {locale: texts[locale] for locale in self._written.locales}

    def _controller(self) -> Controller:
        controller = self._written.controller
        return Controller(
            name=self._each(controller.name, "controller.name"),
            contact=self._each(controller.contact, "controller.contact"),
            address=self._each(controller.address, "controller.address"),
            country=controller.country,
            email=controller.email,
            phone=controller.phone,
            url=controller.url,
            security=self._each(controller.security, "controller.security"),
        )

    def _refuse_shared_kinds(self) -> None:
        home: dict[str, str] = {}
        for group, kinds in self._written.groups.items():
            for kind in kinds:
                if home.setdefault(kind, group) != group:
                    raise CatalogueError(f"groups.{group}: {kind} is already in {home[kind]}")

    def _kinds_by_locale(self) -> Iterator[tuple[Locale, dict[str, str]]]:
        """What kinds are called, in the order in which groups list them."""
        for kind in sorted(self._written.sensitive):
            if kind not in self._known:
                raise CatalogueError(f"sensitive: no group holds the kind {kind}")
        ordered = [kind for kinds in self._written.groups.values() for kind in kinds]
        for kind in ordered:
            if kind not in self._written.kinds:
                raise CatalogueError(f"kinds.{kind}: missing")
        named = {kind: self._each(self._written.kinds[kind], f"kinds.{kind}") for kind in ordered}
        for locale in self._written.locales:
            yield locale, {kind: names[locale] for kind, names in named.items()}

    def _refuse_circles(self) -> None:
        purposes = self._written.purposes
        for name, purpose in purposes.items():
            seen, parent = {name}, purpose.parent
            while parent is not None:
                if parent not in purposes:
                    raise CatalogueError(f"purposes.{name}.parent: there is no purpose {parent}")
                if parent in seen:
                    raise CatalogueError(f"purposes.{name}.parent: leads back to {parent}")
                seen.add(parent)
                parent = purposes[parent].parent

    def _refuse_nameless(self, place: str, purpose: Purpose) -> None:
        for locale, frame in self._each(self._written.frame, "frame").items():
            for subject in purpose.subjects:
                if subject not in frame.subjects:
                    raise CatalogueError(f"frame.{locale}.subjects.{subject}: missing, though {place}.subjects has it")

    def _refuse_strange_notices(self) -> None:
        for name in self._written.notices:
            if name not in self._written.purposes:
                raise CatalogueError(f"notices.{name}: there is no purpose {name}")

    def _recipients(self) -> Iterator[tuple[str, Recipient]]:
        for name, one in self._written.recipients.items():
            place = f"recipients.{name}"
            abroad = one.country != self._written.controller.country
            if abroad and one.transfer is None:
                raise CatalogueError(f"{place}.transfer: needed, because the recipient is abroad (PIPL art. 38)")
            yield (
                name,
                Recipient(
                    id=name,
                    name=self._each(one.name, f"{place}.name"),
                    kind=one.kind,
                    country=one.country,
                    contact=one.contact,
                    safeguards=self._each(one.safeguards, f"{place}.safeguards"),
                    contract=one.contract,
                    transfer=one.transfer,
                ),
            )

    def _purpose(self, name: str, one: PurposeFields) -> Purpose:
        place = f"purposes.{name}"
        assessment = one.assessment
        purpose = Purpose(
            id=name,
            parent=one.parent,
            pipl=one.basis.pipl,
            gdpr=one.basis.gdpr,
            kinds=self._kinds(place, one),
            subjects=one.subjects,
            separate=one.separate,
            sharing=tuple(self._sharing(place, one)),
            retention=Retention(self._each(one.retention.text, f"{place}.retention.text"), one.retention.days),
            minors=one.minors,
            validity_days=one.validity_days,
            reask_days=one.reask_days,
            default=DefaultState(one.default),
            gpc=one.gpc,
            assessment=None if assessment is None else self._assessment(place, assessment),
            description=self._each(one.description, f"{place}.description"),
        )
        self._refuse_contradiction(place, purpose)
        self._refuse_nameless(place, purpose)
        return purpose

    def _assessment(self, place: str, one: AssessmentFields) -> Assessment:
        result = None if one.result is None else self._each(one.result, f"{place}.assessment.result")
        return Assessment(one.reference, one.dated, result)

    def _kinds(self, place: str, one: PurposeFields) -> frozenset[str]:
        groups = self._written.groups
        for group in one.groups:
            if group not in groups:
                raise CatalogueError(f"{place}.groups: there is no group {group}")
        for kind in one.kinds:
            if kind not in self._known:
                raise CatalogueError(f"{place}.kinds: no group holds the kind {kind}")
        needed = frozenset(one.kinds).union(*(groups[group] for group in one.groups))
        if not needed:
            raise CatalogueError(f"{place}: needs no kind of personal data, so it is no purpose here")
        return needed

    def _sharing(self, place: str, one: PurposeFields) -> Iterator[Sharing]:
        needed = self._kinds(place, one)
        for recipient, kinds in one.recipients.items():
            if recipient not in self._written.recipients:
                raise CatalogueError(f"{place}.recipients: the register has no recipient {recipient}")
            if beyond := sorted(set(kinds) - needed):
                raise CatalogueError(f"{place}.recipients.{recipient}: the purpose does not need {beyond[0]}")
            if self._written.recipients[recipient].kind is RecipientKind.CONTROLLER and one.separate is None:
                raise CatalogueError(f"{place}.separate: needed, because {recipient} is another handler (PIPL art. 23)")
            yield Sharing(recipient, frozenset(kinds))

    def _refuse_contradiction(self, place: str, purpose: Purpose) -> None:
        if purpose.rests_on_consent and purpose.validity_days is None:
            raise CatalogueError(f"{place}.validity_days: needed, because the purpose rests on consent")
        if purpose.rests_on_consent and purpose.default is DefaultState.ON:
            raise CatalogueError(f"{place}.default: what rests on consent is off until the person says yes")
        if purpose.gpc and not purpose.rests_on_consent:
            raise CatalogueError(f"{place}.gpc: a signal opts out of what rests on consent only")
        sensitive = sorted(purpose.kinds & self._written.sensitive)
        if purpose.rests_on_consent and sensitive and purpose.separate is None:
            raise CatalogueError(f"{place}.separate: needed, because {sensitive[0]} is sensitive (PIPL art. 29)")
        if purpose.separate is SeparateClass.CROSS_BORDER and not self._abroad(purpose):
            raise CatalogueError(f"{place}.recipients: cross_border needs a recipient abroad")

    def _abroad(self, purpose: Purpose) -> bool:
        home = self._written.controller.country
        return any(self._written.recipients[one.recipient].country != home for one in purpose.sharing)

    def _notice(self, purpose: Purpose, writers: Sequence[Writer]) -> Notice:
        stated = self._written.purposes[purpose.id].notice or self._written.notice
        if purpose.id not in self._written.notices:
            raise CatalogueError(f"notices.{purpose.id}: missing")
        wordings = self._each(self._written.notices[purpose.id], f"notices.{purpose.id}")
        return Notice(
            purpose=purpose.id,
            version=stated.version,
            material=stated.material,
            change=stated.change,
            texts={writer.locale: writer.written(purpose, wordings[writer.locale]) for writer in writers},
        )


def _names(frame: FrameFields, kinds: Mapping[str, str]) -> Names:
    return Names(
        kinds=kinds,
        subjects=frame.subjects,
        countries=frame.countries,
        capacities=frame.capacities,
        transfers=frame.transfers,
    )
