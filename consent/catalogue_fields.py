"""The shape of a catalogue's text, as pydantic reads it: which names there are, and what each may hold.

`consent.catalogue_text` goes on from here with what concerns two places at once.
"""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from consent.locale import Locale
from consent.notice import Section
from consent.purpose import DefaultState, GdprBasis, Minors, PiplBasis, SeparateClass
from consent.recipient import RecipientKind, Transfer

LONGEST_DAYS = 36_525

_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
_Line = Annotated[str, StringConstraints(pattern=r"^[^\r\n]{1,400}$", strip_whitespace=True)]
_Paragraph = Annotated[str, StringConstraints(min_length=1, max_length=4_000, strip_whitespace=True)]
_Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
_Version = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
_Days = Annotated[int, Field(strict=True, ge=1, le=LONGEST_DAYS)]
_CLOSED = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _Fields(BaseModel):
    model_config = _CLOSED


class BasisFields(_Fields):
    pipl: PiplBasis
    gdpr: GdprBasis


class RetentionFields(_Fields):
    text: dict[Locale, _Paragraph]
    days: _Days | None = None


class AssessmentFields(_Fields):
    reference: _Line
    dated: date
    result: dict[Locale, _Paragraph] | None = None


class NoticeVersionFields(_Fields):
    """Which version a notice has, and whether it changes what was consented to before."""

    version: _Version
    material: bool = True
    change: str = Field(default="", max_length=400)


class PurposeFields(_Fields):
    parent: _Name | None = None
    basis: BasisFields
    separate: SeparateClass | None = None
    groups: tuple[_Name, ...] = ()
    kinds: tuple[_Name, ...] = ()
    subjects: Annotated[tuple[_Name, ...], Field(min_length=1)]
    recipients: dict[_Name, Annotated[tuple[_Name, ...], Field(min_length=1)]] = {}
    retention: RetentionFields
    minors: Minors = Minors.GUARDIAN
    validity_days: _Days | None = None
    reask_days: _Days = 180
    default: DefaultState = DefaultState.OFF
    gpc: bool = False
    assessment: AssessmentFields | None = None
    notice: NoticeVersionFields | None = None
    description: dict[Locale, _Line]


class RecipientFields(_Fields):
    name: dict[Locale, _Line]
    kind: RecipientKind
    country: _Country
    contact: _Line
    safeguards: dict[Locale, _Paragraph]
    contract: _Line | None = None
    transfer: Transfer | None = None


class ControllerFields(_Fields):
    name: dict[Locale, _Line]
    contact: dict[Locale, _Line]
    address: dict[Locale, _Line]
    country: _Country
    email: _Line
    phone: _Line | None = None
    url: _Line | None = None
    security: dict[Locale, _Paragraph]


class WordingFields(_Fields):
    """What is written by hand for one purpose in one language; the rest of a notice follows from the catalogue."""

    title: _Line
    what: _Paragraph
    why: _Paragraph
    necessity: _Paragraph | None = None
    withdrawal: _Paragraph


class FrameFields(_Fields):
    """The words around every notice in one language, and the names that records show."""

    headings: dict[Section, _Line]
    between: Annotated[str, Field(min_length=1, max_length=4)]
    recipient: _Line
    nobody: _Line
    abroad: _Line
    validity: _Line
    separate: dict[SeparateClass, _Paragraph]
    minors: dict[Minors, _Paragraph]
    contact: _Paragraph
    capacities: dict[RecipientKind, _Line]
    transfers: dict[Transfer, _Line]
    countries: dict[_Country, _Line]
    subjects: dict[_Name, _Line]


class CatalogueFields(_Fields):
    version: _Version
    notice: NoticeVersionFields
    locales: Annotated[tuple[Locale, ...], Field(min_length=1)]
    controller: ControllerFields
    groups: dict[_Name, tuple[_Name, ...]]
    kinds: dict[_Name, dict[Locale, _Line]]
    sensitive: frozenset[_Name] = frozenset()
    recipients: dict[_Name, RecipientFields] = {}
    purposes: Annotated[dict[_Name, PurposeFields], Field(min_length=1)]
    frame: dict[Locale, FrameFields]
    notices: dict[_Name, dict[Locale, WordingFields]]
