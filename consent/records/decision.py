"""Whether personal data may be used: what the catalogue and a person's standings say to one question.

The order of the checks, which is also the order of what a caller is told:

    1. purpose    the catalogue has it
    2. kind       the purpose needs it (PIPL art. 6, GDPR art. 5(1)(c))
    3. recipient  it gets this for the purpose (PIPL art. 23, GDPR art. 13(1)(e))
    4. basis      another ground than consent: allowed without one
    5. no         the person refused or withdrew a purpose above this one
    6. consent    to this purpose, or to one above it that covers it: never where a separate one is asked for

A purpose that rests on consent is denied unless a consent allows it.
"""

from dataclasses import dataclass
from typing import NamedTuple

from consent.catalogue import Edition
from consent.purpose import PiplBasis, Purpose
from consent.records.standing import GRANTS, NO_TO_ALL_BELOW, ExpressedBy, Held, Standing


class Question(NamedTuple):
    """What is to be done with a person's data: for which purpose and, where the asker says so, with which kind and for whom."""

    purpose: str
    kind: str | None = None
    recipient: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer. `event` is the consent event that it rests on, `None` where it rests on none. `obligations` are codes of
    what the caller has to see to. `by_consent` is whether a withdrawal could change it."""

    allowed: bool
    reason: str
    event: int | None = None
    notice_version: int | None = None
    obligations: tuple[str, ...] = ()
    by_consent: bool = False


def decide(edition: Edition, held: Held, question: Question, at: int) -> Verdict:
    """The verdict at `at`, in milliseconds since the epoch of time."""
    purpose = edition.catalogue.by_id.get(question.purpose)
    barred = "unknown_purpose" if purpose is None else _barred(purpose, question)
    if purpose is None or barred is not None:
        return Verdict(allowed=False, reason=barred or "")
    if not purpose.rests_on_consent:
        return Verdict(allowed=True, reason=_ground(purpose), obligations=_obligations(purpose, question))
    for ancestor in edition.catalogue.ancestors(purpose.id):
        above = held.standings.get(ancestor.id)
        if above is not None and above.state in NO_TO_ALL_BELOW:
            return _denied(above, _no(above))
    named, standing = _own_or_covering(edition, held, purpose)
    if standing is None:
        return Verdict(allowed=False, reason="no_record", by_consent=True)
    reason = _fault(edition, named, standing, question, at)
    if reason is not None:
        return _denied(standing, reason)
    return Verdict(
        allowed=True,
        reason=standing.state.value,
        event=standing.event,
        notice_version=standing.notice_version,
        obligations=_obligations(purpose, question),
        by_consent=True,
    )


def _barred(purpose: Purpose, question: Question) -> str | None:
    """Checks 2 and 3, which no consent can mend."""
    if question.kind is not None and question.kind not in purpose.kinds:
        return "not_necessary"
    if question.recipient is not None and not _gets(purpose, question.recipient, question.kind):
        return "recipient_not_covered"
    return None


def _own_or_covering(edition: Edition, held: Held, purpose: Purpose) -> tuple[str, Standing | None]:
    """The standing that decides, and the purpose that it is about."""
    here, found = purpose, held.standings.get(purpose.id)
    while found is None and here.separate is None and here.parent is not None:
        here = edition.catalogue.by_id[here.parent]
        found = held.standings.get(here.id)
    return here.id, found


def _fault(edition: Edition, purpose: str, standing: Standing, question: Question, at: int) -> str | None:
    """Why the standing does not allow, None where it does."""
    if standing.state not in GRANTS:
        return _no(standing)
    if not standing.grants(at):
        return "expired"
    if standing.notice_version is None or edition.stale(purpose, standing.notice_version):
        return "stale_notice"
    if question.recipient is not None and question.recipient not in standing.recipients:
        return "recipient_not_covered"
    return None


def _no(standing: Standing) -> str:
    """By what a standing that grants nothing denies."""
    return "gpc" if standing.expressed_by is ExpressedBy.SIGNAL else standing.state.value


def _denied(standing: Standing, reason: str) -> Verdict:
    return Verdict(
        allowed=False, reason=reason, event=standing.event, notice_version=standing.notice_version, by_consent=True
    )


def _gets(purpose: Purpose, recipient: str, kind: str | None) -> bool:
    shared = purpose.shared_with(recipient)
    return kind in shared if kind is not None else bool(shared)


def _ground(purpose: Purpose) -> str:
    """The stricter of the two grounds has a name of its own under PIPL, art. 13(1) items 2 to 7."""
    return purpose.pipl.value if purpose.pipl is not PiplBasis.CONSENT else purpose.gdpr.value


def _obligations(purpose: Purpose, question: Question) -> tuple[str, ...]:
    """What a use that is allowed still asks of the user."""
    asked = []
    if purpose.minors.value == "excluded":
        asked.append("not_for_children")
    if question.recipient is not None:
        asked.append("record_sharing")
    if purpose.rests_on_consent:
        asked.append("stop_on_withdrawal")
    return tuple(asked)
