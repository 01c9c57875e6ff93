"""Showing notices: what a person reads before they decide, with a signed token that proves it.

Whoever has refused is left alone for the time that the catalogue states (Network Data Security Regulations art. 22), unless
they have come back to the question by themselves.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from audit.entry import Act, Action, Group, Outcome, Reason
from audit.log import AuditLog
from consent.catalogue import Edition
from consent.errors import RecentlyRefusedError, UnknownPurposesError
from consent.locale import Locale, closest
from consent.notice import Notice
from consent.ports import Editions, Signer, Subject, SubjectDirectory, Subjects
from consent.records.caller import Caller, micros, pseudonyms
from consent.records.judgement import DAY_MS
from consent.records.past import held_now
from consent.records.presentation import LIFETIME_MS, Presentation, Shown, bound_subject, encode
from consent.records.standing import NOTHING, Held, State
from database.engine import Database
from database.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be shown: to whom, for which purposes, in which language and where. `ticked` are the purposes whose switch
    stands on; `by_person` is whether the person has asked to see it."""

    subject: str
    purposes: Sequence[str]
    locale: str
    channel: str
    ticked: frozenset[str] = frozenset()
    by_person: bool = False


@dataclass(frozen=True, slots=True)
class Presented:
    """A presentation: its token, its language, the notices in order, and its end in milliseconds since the epoch."""

    token: str
    locale: Locale
    notices: Sequence[Notice]
    ticked: frozenset[str]
    expires_at: int


class Presenting:
    """The use case behind `POST /v1/presentations`."""

    def __init__(
        self,
        database: Database,
        subjects: Subjects,
        editions: Editions,
        signer: Signer,
        log: AuditLog,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._subjects = subjects
        self._editions = editions
        self._signer = signer
        self._log = log
        self._now = now

    def present(self, caller: Caller, wish: Wish) -> Presented:
        """The notices in force, and a token for them that is good for an hour. That they were asked for is in the log.

        Raises:
            UnknownPurposesError: the catalogue does not have some of the purposes.
            RecentlyRefusedError: the person may not be asked about some of them yet.
        """
        at = micros(self._now()) // 1000
        self._editions.settle(caller.tenant, at)

        def attempt(directory: SubjectDirectory) -> Edition | RecentlyRefusedError | UnknownPurposesError:
            return self._database.write(caller.tenant, lambda tx: self._judged(tx, directory, caller, wish, at))

        judged = self._subjects.using(caller.tenant, attempt)
        if not isinstance(judged, Edition):
            raise judged
        return self._signed(caller.tenant, wish, judged, at)

    def _judged(
        self, tx: Transaction, directory: SubjectDirectory, caller: Caller, wish: Wish, at: int
    ) -> Edition | RecentlyRefusedError | UnknownPurposesError:
        edition = self._editions.in_force(tx, caller.tenant)
        person = directory.find(tx, [wish.subject], at).get(wish.subject)
        held = NOTHING if person is None else held_now(tx, caller.tenant, [person.number])[person.number]
        unknown = [place for place, name in enumerate(wish.purposes) if not edition.catalogue.knows(name)]
        early = {} if unknown or wish.by_person else _too_early(edition, held, wish.purposes, at)
        groups = _groups(edition, wish, person, early)
        self._log.append(tx, Act(Action.CONSENT_PRESENT, caller.actor, caller.tenant, at, caller.request, groups))
        if unknown:
            return UnknownPurposesError(unknown)
        return RecentlyRefusedError(early) if early else edition

    def _signed(self, tenant: int, wish: Wish, edition: Edition, at: int) -> Presented:
        catalogue = edition.catalogue
        locale = closest(wish.locale, catalogue.locales)
        notices = [catalogue.notice(name) for name in wish.purposes]
        nonce, expires_at = secrets.token_bytes(16), at + LIFETIME_MS
        presentation = Presentation(
            tenant,
            nonce,
            at,
            expires_at,
            bound_subject(tenant, nonce, wish.subject),
            locale.value,
            wish.channel,
            tuple(
                Shown(one.purpose, one.version, bytes.fromhex(one.texts[locale].digest), one.purpose in wish.ticked)
                for one in notices
            ),
        )
        return Presented(encode(presentation, self._signer.sign), locale, notices, wish.ticked, expires_at)


def _too_early(edition: Edition, held: Held, purposes: Sequence[str], at: int) -> dict[int, int]:
    """The places of purposes that the person refused not long ago, and when they may be asked again."""
    found = {}
    for place, name in enumerate(purposes):
        standing = held.standings.get(name)
        if standing is None or standing.state is not State.REFUSED or standing.refused_at is None:
            continue
        again = standing.refused_at + edition.catalogue.purpose(name).reask_days * DAY_MS
        if at < again:
            found[place] = again
    return found


def _groups(edition: Edition, wish: Wish, person: Subject | None, early: Mapping[int, int]) -> list[Group]:
    refs = pseudonyms(person)
    groups = []
    for place, name in enumerate(wish.purposes):
        if not edition.catalogue.knows(name):
            groups.append(Group(Outcome.FAILED, Reason.UNKNOWN, subjects=refs))
        elif place in early:
            groups.append(Group(Outcome.DENIED, Reason.RECENTLY_REFUSED, purpose=name, subjects=refs))
        else:
            groups.append(Group(Outcome.DONE, purpose=name, subjects=refs))
    return groups
