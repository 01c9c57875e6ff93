"""The record of processing activities of one edition of a catalogue, in one language, as it is shown.

It holds what GDPR art. 30(1) lists (controller and contact, purposes, people and data, recipients, transfers, periods, security),
the grounds of PIPL art. 13, and for each activity whether PIPL art. 55 asks for an impact assessment, and the one on file. The
same edition, language and time make the same record.
"""

from dataclasses import dataclass

from consent.catalogue import Catalogue, Edition
from consent.locale import Locale
from consent.purpose import Purpose
from consent.recipient import Recipient
from consent.ropa.words import WORDS
from database.columns import rfc3339


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of personal data and its name."""

    id: str
    name: str
    sensitive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gets:
    """A recipient of an activity, what it gets, and what protects it. `transfer` is the ground of a transfer abroad, if it is
    one."""

    id: str
    name: str
    capacity: str
    country: str
    kinds: tuple[Kind, ...]
    safeguards: str
    contract: str | None
    contact: str
    transfer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One purpose as the record shows it. `assessment` is what is on file; `assessment_missing` that one is needed and is not."""

    id: str
    parent: str | None
    title: str
    description: str
    pipl: str
    gdpr: str
    subjects: tuple[str, ...]
    kinds: tuple[Kind, ...]
    recipients: tuple[Gets, ...]
    retention: str
    retention_days: int | None
    separate: str | None
    minors: str
    validity_days: int | None
    reask_days: int
    notice_version: int
    material_version: int
    notice_sha256: str
    assessment: str | None
    assessment_result: str | None
    assessment_needed: bool

    @property
    def assessment_missing(self) -> bool:
        return self.assessment_needed and self.assessment is None

    @property
    def transfers(self) -> tuple[Gets, ...]:
        """The recipients abroad."""
        return tuple(one for one in self.recipients if one.transfer is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The whole record. Times are RFC 3339."""

    locale: Locale
    controller: str
    contact: str
    address: str
    country: str
    email: str
    phone: str | None
    url: str | None
    security: str
    catalogue_version: int
    catalogue_sha256: str
    in_force_since: str
    made_at: str
    activities: tuple[Activity, ...]


def record_of(edition: Edition, locale: Locale, made_at: int) -> Record:
    """The record as of `made_at` (milliseconds since the epoch). The language is one of the catalogue's."""
    catalogue, controller = edition.catalogue, edition.catalogue.controller
    return Record(
        locale=locale,
        controller=controller.name[locale],
        contact=controller.contact[locale],
        address=controller.address[locale],
        country=catalogue.names[locale].countries[controller.country],
        email=controller.email,
        phone=controller.phone,
        url=controller.url,
        security=controller.security[locale],
        catalogue_version=edition.version,
        catalogue_sha256=edition.digest,
        in_force_since=rfc3339(edition.applied_at),
        made_at=rfc3339(made_at),
        activities=tuple(_activity(edition, purpose, locale) for purpose in catalogue.by_id.values()),
    )


def _activity(edition: Edition, purpose: Purpose, locale: Locale) -> Activity:
    catalogue, words = edition.catalogue, WORDS[locale]
    notice = catalogue.notice(purpose.id)
    on_file = purpose.assessment
    return Activity(
        id=purpose.id,
        parent=purpose.parent,
        title=notice.texts[locale].title,
        description=purpose.description[locale],
        pipl=words.pipl[purpose.pipl],
        gdpr=words.gdpr[purpose.gdpr],
        subjects=tuple(catalogue.names[locale].subjects[one] for one in purpose.subjects),
        kinds=_kinds(catalogue, purpose.kinds, locale),
        recipients=tuple(
            _gets(catalogue, catalogue.recipients[one.recipient], one.kinds, locale) for one in purpose.sharing
        ),
        retention=purpose.retention.text[locale],
        retention_days=purpose.retention.days,
        separate=None if purpose.separate is None else words.separate[purpose.separate],
        minors=words.minors[purpose.minors],
        validity_days=purpose.validity_days if purpose.rests_on_consent else None,
        reask_days=purpose.reask_days,
        notice_version=notice.version,
        material_version=edition.material[purpose.id],
        notice_sha256=notice.texts[locale].digest,
        assessment=None
        if on_file is None
        else words.headings["on_file"].format(reference=on_file.reference, date=on_file.dated.isoformat()),
        assessment_result=on_file.result[locale] if on_file is not None and on_file.result else None,
        assessment_needed=purpose.needs_assessment or bool(purpose.kinds & catalogue.sensitive),
    )


def _gets(catalogue: Catalogue, recipient: Recipient, kinds: frozenset[str], locale: Locale) -> Gets:
    names = catalogue.names[locale]
    abroad = recipient.country != catalogue.controller.country
    return Gets(
        id=recipient.id,
        name=recipient.name[locale],
        capacity=names.capacities[recipient.kind],
        country=names.countries[recipient.country],
        kinds=_kinds(catalogue, kinds, locale),
        safeguards=recipient.safeguards[locale],
        contract=recipient.contract,
        contact=recipient.contact,
        transfer=names.transfers[recipient.transfer] if abroad and recipient.transfer else None,
    )


def _kinds(catalogue: Catalogue, kinds: frozenset[str], locale: Locale) -> tuple[Kind, ...]:
    named = catalogue.names[locale].kinds.items()
    return tuple(Kind(kind, name, kind in catalogue.sensitive) for kind, name in named if kind in kinds)
