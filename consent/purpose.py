"""Purposes: what personal data may be used for, on which ground in law, which kinds each needs and who gets them.

A purpose is built by `consent.catalogue_text` only, which refuses what contradicts itself.

PIPL is the Personal Information Protection Law of the People's Republic of China (2021); GDPR is Regulation (EU) 2016/679.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from consent.locale import Localized

GUARDIAN_UNTIL_AGE = 14
"""Below this age in years a parent or guardian consents (PIPL art. 31)."""


class PiplBasis(StrEnum):
    """The grounds of PIPL art. 13(1), in its order; all but the first need no consent."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_DUTY = "legal_duty"
    EMERGENCY = "emergency"
    PUBLIC_INTEREST_NEWS = "public_interest_news"
    ALREADY_PUBLIC = "already_public"
    OTHER_LAW = "other_law"


class GdprBasis(StrEnum):
    """The grounds of GDPR art. 6(1), letters a to f in their order."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"


class SeparateClass(StrEnum):
    """Why PIPL asks for a consent to this purpose alone (单独同意), never covered by a wider one."""

    SENSITIVE = "sensitive"
    """Sensitive personal information: art. 28-29."""
    SHARING = "sharing"
    """Providing it to another handler: art. 23."""
    PUBLICATION = "publication"
    """Disclosing it to the public: art. 25."""
    PUBLIC_IMAGE = "public_image"
    """Images from public places for another use than public safety: art. 26."""
    CROSS_BORDER = "cross_border"
    """Providing it to a recipient abroad: art. 39."""


class Minors(StrEnum):
    """What holds for people under 14 (PIPL art. 31): a guardian consents for them, or they are left out."""

    GUARDIAN = "guardian"
    EXCLUDED = "excluded"


class DefaultState(StrEnum):
    """How the switch of a purpose stands before the person touches it. What rests on consent is always off."""

    OFF = "off"
    ON = "on"


@dataclass(frozen=True, slots=True)
class Sharing:
    """Kinds of personal data that a recipient of the register gets for a purpose."""

    recipient: str
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Retention:
    """How long data are kept for a purpose, in words, and in days from the event named there where a number says it."""

    text: Localized
    days: int | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """The impact assessment of a purpose that is on file (PIPL art. 55-56): where, of which day, and what it came to: whether the
    processing is lawful, legitimate and necessary, what it means for people, and whether the measures fit the risk."""

    reference: str
    dated: date
    result: Localized | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """One purpose. `kinds` are all that it needs; `subjects` are the groups of people it concerns.

    `validity_days` is how long a consent lasts, None where the purpose rests on no consent; `reask_days` how long somebody who
    refused is left alone (Network Data Security Regulations art. 22). `gpc` is whether a Global Privacy Control signal opts out.
    """

    id: str
    parent: str | None
    pipl: PiplBasis
    gdpr: GdprBasis
    kinds: frozenset[str]
    subjects: tuple[str, ...]
    separate: SeparateClass | None
    sharing: tuple[Sharing, ...]
    retention: Retention
    minors: Minors
    validity_days: int | None
    reask_days: int
    default: DefaultState
    gpc: bool
    assessment: Assessment | None
    description: Localized

    @property
    def rests_on_consent(self) -> bool:
        """Whether either law allows this purpose only while the person consents."""
        return self.pipl is PiplBasis.CONSENT or self.gdpr is GdprBasis.CONSENT

    @property
    def needs_assessment(self) -> bool:
        """Whether PIPL art. 55 asks for an impact assessment first, as far as the catalogue tells: sensitive data, data that are
        entrusted, provided or published, and data that leave the country."""
        return self.separate is not None or bool(self.sharing)

    def shared_with(self, recipient: str) -> frozenset[str]:
        """The kinds that a recipient gets for this purpose; none for one that gets nothing."""
        return frozenset().union(*(one.kinds for one in self.sharing if one.recipient == recipient))
