"""What a record of consent is made from: everything that happened to one person's consent to a purpose, and what it rests on."""

from dataclasses import dataclass
from uuid import UUID

from audit.entry import SubjectRef
from consent.catalogue import Catalogue
from consent.locale import Locale
from consent.purpose import Purpose
from consent.records.standing import GRANTS, ExpressedBy, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One event. Times are in milliseconds since the epoch: `said_at` when the person said it, `recorded_at` when it was written
    down. `presentation` and `proof` are SHA-256 digests in hexadecimal; `act` is the id of the audit log's act."""

    event: int
    state: State
    said_at: int
    recorded_at: int
    valid_until: int | None
    expressed_by: ExpressedBy
    method: str
    channel: str | None
    recipients: frozenset[str]
    notice_version: int | None
    locale: str | None
    presentation: str | None
    evidence: str | None
    proof: str | None
    act: UUID

    @property
    def grants(self) -> bool:
        return self.state in GRANTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The exact words of a notice that the person was shown. `sha256` is of the text's UTF-8 octets, in hexadecimal."""

    version: int
    locale: Locale
    title: str
    text: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`person` is the log's pseudonym of the person; `occurrences` are in order, at least one. `purpose` is as the catalogue had
    it when the last of them happened, None where it had it no more; `wording` is of the last notice that was shown."""

    person: SubjectRef
    purpose_id: str
    purpose: Purpose | None
    catalogue: Catalogue
    wording: Wording | None
    occurrences: tuple[Occurrence, ...]

    @property
    def latest(self) -> Occurrence:
        return self.occurrences[-1]

    @property
    def locale(self) -> Locale:
        """The language that the record is in: that of the notice."""
        return self.catalogue.locales[0] if self.wording is None else self.wording.locale

    @property
    def recipients(self) -> tuple[str, ...]:
        """Who was to get the data by the last consent, in order."""
        consented = [one.recipients for one in self.occurrences if one.grants]
        return tuple(sorted(consented[-1])) if consented else ()

    @property
    def description(self) -> str:
        """What the purpose is, in the record's language."""
        return self.purpose_id if self.purpose is None else self.purpose.description[self.locale]


def duration(occurrence: Occurrence) -> str | None:
    """For how long a consent was given, as an ISO 8601 duration; None for what gives none, or has no end."""
    if not occurrence.grants or occurrence.valid_until is None:
        return None
    seconds = (occurrence.valid_until - occurrence.said_at) // 1000
    return f"P{seconds // 86_400}D" if seconds % 86_400 == 0 else f"PT{seconds}S"
