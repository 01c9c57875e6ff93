"""Whether what somebody says about a consent may be recorded, before anything is.

A consent is recorded only where it is proved which wording the person saw, for this purpose, untouched and not bundled (GDPR
art. 7 and recital 32, PIPL art. 14). A refusal, a deferral and above all a withdrawal need no proof and no reason (GDPR art.
7(3), PIPL art. 15): for them only the purpose must exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from consent.catalogue import Edition
from consent.purpose import Minors, Purpose
from consent.records.presentation import Presentation, purposes_of
from consent.records.standing import ExpressedBy, Held, State

DAY_MS = 86_400_000


class Fault(StrEnum):
    """Why something is not recorded. These words stand in answers and, as reasons, in the log."""

    UNKNOWN_PURPOSE = "unknown_purpose"
    NOT_NECESSARY = "not_necessary"
    PROOF_MISSING = "proof_missing"
    PRESENTATION_INVALID = "presentation_invalid"
    FOREIGN_TENANT = "foreign_tenant"
    OTHER_SUBJECT = "other_subject"
    EXPIRED = "expired"
    NOT_SHOWN = "not_shown"
    PRE_TICKED = "pre_ticked"
    BUNDLED = "bundled"
    UNKNOWN_NOTICE = "unknown_notice"
    WORDING_MISMATCH = "wording_mismatch"
    STALE_NOTICE = "stale_notice"
    MINOR_WITHOUT_GUARDIAN = "minor_without_guardian"
    MINORS_EXCLUDED = "minors_excluded"
    IN_THE_FUTURE = "in_the_future"
    FROZEN = "frozen"
    SUBJECT_ERASED = "subject_erased"
    SUBJECT_IS_PERSONAL = "subject_is_personal"
    INTEGRITY = "integrity"
    INVALID = "invalid"


DETAILS: Mapping[Fault, str] = {
    Fault.UNKNOWN_PURPOSE: "the catalogue has no such purpose",
    Fault.NOT_NECESSARY: "the purpose does not need a kind that was asked for",
    Fault.PROOF_MISSING: "a consent needs the presentation that the person saw, or evidence of it",
    Fault.PRESENTATION_INVALID: "not a presentation that was made here",
    Fault.FOREIGN_TENANT: "the presentation was made for another tenant",
    Fault.OTHER_SUBJECT: "the presentation was shown to somebody else",
    Fault.EXPIRED: "the presentation has expired: show the notice again",
    Fault.NOT_SHOWN: "the presentation did not show a notice of this purpose",
    Fault.PRE_TICKED: "the switch stood on before the person touched it, which is no consent",
    Fault.BUNDLED: "the purpose asks for a separate consent, and was shown together with others",
    Fault.UNKNOWN_NOTICE: "no notice of this version was published in this language",
    Fault.WORDING_MISMATCH: "the wording that was shown is not the one that was published",
    Fault.STALE_NOTICE: "the notice has changed in substance since then: show the present one",
    Fault.MINOR_WITHOUT_GUARDIAN: "a child under 14 needs the consent of a parent or guardian",
    Fault.MINORS_EXCLUDED: "the purpose is not for children under 14",
    Fault.IN_THE_FUTURE: "the evidence is from the future",
    Fault.FROZEN: "the person's data is frozen; a withdrawal or a refusal is recorded all the same",
    Fault.SUBJECT_ERASED: "the person was erased",
    Fault.SUBJECT_IS_PERSONAL: "the subject id reads as a phone, document or card number, or an e-mail address",
    Fault.INTEGRITY: "the person's stored key does not open; the operator has been told",
    Fault.INVALID: "not recorded, because another item of the atomic batch failed",
}


class Evidence(NamedTuple):
    """What proves a consent that no presentation of ours does: a paper, a call, the records of an earlier system.

    `kind` is a code and `digest` the SHA-256 of the proof, which stays where it is. `version`, `locale` say which notice was
    shown (the one in force, in the catalogue's first language, unless stated), `shown` what was shown beside it, `at` when,
    in milliseconds.
    """

    kind: str
    digest: bytes | None = None
    version: int | None = None
    locale: str | None = None
    ticked: bool = False
    shown: tuple[str, ...] = ()
    at: int | None = None


class Submission(NamedTuple):
    """One thing that a person, or a guardian for them, has said, as it came. `presentation` has been read already; a text
    that is none is a Fault. `child` is what the caller knows of the person's age, None where it says nothing."""

    subject: str
    purpose: str
    state: State
    presentation: Presentation | Fault | None = None
    presentation_digest: bytes | None = None
    evidence: Evidence | None = None
    wording: bytes | None = None
    kinds: frozenset[str] = frozenset()
    method: str = "api"
    channel: str | None = None
    expressed_by: ExpressedBy = ExpressedBy.SELF
    guardian_evidence: str | None = None
    guardian_digest: bytes | None = None
    child: bool | None = None
    expires_in: int | None = None


class NoticeSeen(NamedTuple):
    """Which notice a submission says was shown: version, language, digest as far as it is known, switch, and what stood
    beside it."""

    version: int
    locale: str
    wording: bytes | None
    ticked: bool
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What may be recorded. `valid_until` and `stated_at` are in milliseconds; None stands for no end and for now."""

    seen: NoticeSeen | None
    stated_at: int | None
    valid_until: int | None
    recipients: frozenset[str]


WordingOf = Mapping[tuple[str, int, str], bytes]
"""The digests of published wordings by purpose, version and language."""


def seen_in(edition: Edition, submission: Submission) -> NoticeSeen | None:
    """The notice that a submission is about, None where it proves none."""
    presentation, evidence = submission.presentation, submission.evidence
    if isinstance(presentation, Presentation):
        shown = presentation.of(submission.purpose)
        if shown is None:
            return None
        others = tuple(name for name in purposes_of(presentation.notices) if name != submission.purpose)
        return NoticeSeen(shown.version, presentation.locale, shown.wording, shown.ticked, others)
    if evidence is not None and submission.purpose in edition.catalogue.by_id:
        version = evidence.version or edition.catalogue.notices[submission.purpose].version
        locale = evidence.locale or edition.catalogue.locales[0].value
        others = tuple(name for name in evidence.shown if name != submission.purpose)
        return NoticeSeen(version, locale, submission.wording, evidence.ticked, others)
    return None


def judged(
    edition: Edition,
    held: Held,
    submission: Submission,
    wordings: WordingOf,
    at: int,
    *,
    tenant: int,
    child: bool,
) -> Accepted | Fault:
    """What is recorded of a submission at `at` (milliseconds), or why nothing is. `child` is whether the person is under 14, by
    whatever is known of them."""
    purpose = edition.catalogue.by_id.get(submission.purpose)
    if purpose is None:
        known = submission.purpose in held.standings
        return Accepted(None, None, None, frozenset()) if known and _ends(submission) else Fault.UNKNOWN_PURPOSE
    if submission.evidence is not None and submission.evidence.at is not None and submission.evidence.at > at:
        return Fault.IN_THE_FUTURE
    stated_at = None if submission.evidence is None else submission.evidence.at
    if submission.state is not State.GIVEN:
        return Accepted(_proved(edition, submission, wordings), stated_at, None, frozenset())
    fault = _fault_of_proof(submission, at, tenant=tenant) or _fault_of_person(purpose, submission, child=child)
    if fault is not None:
        return fault
    seen = seen_in(edition, submission)
    fault = Fault.NOT_SHOWN if seen is None else _fault_of_notice(edition, purpose, submission, seen, wordings)
    if seen is None or fault is not None:
        return fault or Fault.NOT_SHOWN
    published = wordings[purpose.id, seen.version, seen.locale]
    return Accepted(
        _stored(edition, seen, published),
        stated_at,
        _valid_until(purpose, submission, at if stated_at is None else stated_at),
        frozenset(sharing.recipient for sharing in purpose.sharing),
    )


def _ends(submission: Submission) -> bool:
    return submission.state in {State.WITHDRAWN, State.REFUSED}


def _proved(edition: Edition, submission: Submission, wordings: WordingOf) -> NoticeSeen | None:
    """What a refusal was an answer to, where that can be told for sure."""
    seen = seen_in(edition, submission)
    published = None if seen is None else wordings.get((submission.purpose, seen.version, seen.locale))
    return None if seen is None or published is None else _stored(edition, seen, published)


def _stored(edition: Edition, seen: NoticeSeen, published: bytes) -> NoticeSeen:
    """What is kept of the notice: the published digest, and no word that the catalogue does not have."""
    shown = tuple(name for name in seen.shown if edition.catalogue.knows(name))
    return seen._replace(wording=published, shown=shown)


def _fault_of_proof(submission: Submission, at: int, *, tenant: int) -> Fault | None:
    presentation = submission.presentation
    if isinstance(presentation, Fault):
        return presentation
    if presentation is None:
        return Fault.PROOF_MISSING if submission.evidence is None else None
    if presentation.tenant != tenant:
        return Fault.FOREIGN_TENANT
    if not presentation.is_for(submission.subject):
        return Fault.OTHER_SUBJECT
    return Fault.EXPIRED if presentation.expires_at <= at else None


def _fault_of_person(purpose: Purpose, submission: Submission, *, child: bool) -> Fault | None:
    if not submission.kinds <= purpose.kinds:
        return Fault.NOT_NECESSARY
    if not child:
        return None
    if submission.expressed_by is not ExpressedBy.GUARDIAN:
        return Fault.MINOR_WITHOUT_GUARDIAN
    return Fault.MINORS_EXCLUDED if purpose.minors is Minors.EXCLUDED else None


def _fault_of_notice(
    edition: Edition, purpose: Purpose, submission: Submission, seen: NoticeSeen, wordings: WordingOf
) -> Fault | None:
    if seen.ticked:
        return Fault.PRE_TICKED
    if purpose.separate is not None and seen.shown:
        return Fault.BUNDLED
    published = wordings.get((purpose.id, seen.version, seen.locale))
    if published is None:
        return Fault.UNKNOWN_NOTICE
    if published != (seen.wording or published) or published != (submission.wording or published):
        return Fault.WORDING_MISMATCH
    return Fault.STALE_NOTICE if edition.stale(purpose.id, seen.version) else None


def _valid_until(purpose: Purpose, submission: Submission, begins: int) -> int | None:
    """The end of the time that a consent holds for: that of the catalogue, or the sooner one that the caller asks for."""
    ends = [] if purpose.validity_days is None else [begins + purpose.validity_days * DAY_MS]
    if submission.expires_in is not None:
        ends.append(begins + submission.expires_in * 1000)
    return min(ends, default=None)
