"""Drawing and sending the codes of a challenge, after it was asked for.

A code is drawn for this moment: its digest is stored, it is sent, and that it was sent is noted. It exists nowhere else. A
process that dies in between draws and sends another, and only that one counts. What is sent to a person is counted for the
person, too, whatever name was used.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from dsar.identity import store
from dsar.identity.answering import code_digest
from dsar.identity.asking import LIFE_MS
from dsar.identity.ports import CodePost, NamedPeople, PeopleByName
from work.replay import Mac

DIGITS = 6
MESSAGES_AN_HOUR = 10
"""To one person, by all names together."""


class _Drawn(NamedTuple):
    """A code to be sent."""

    subject: int
    place: int
    channel: str
    code: str
    locale: str


class Sending:
    """The use case of the job that follows a challenge."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        people: PeopleByName,
        post: CodePost,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._people = people
        self._post = post
        self._now = now

    def send(self, tenant: int, challenge: UUID) -> int:
        """Draw and send what has not been sent; tells how many codes that were.

        Raises:
            OSError: a message did not leave.
        """
        drawn = self._people.using(tenant, lambda people: self._drawn(people, tenant, challenge))
        failed = None
        for one in drawn:
            try:
                self._send(tenant, challenge, one)
            except OSError as error:  # the others leave all the same
                failed = error
        if failed is not None:
            raise failed
        return len(drawn)

    def _drawn(self, people: NamedPeople, tenant: int, challenge: UUID) -> list[_Drawn]:
        def work(tx: Transaction) -> list[_Drawn]:
            at = millis(self._now())
            row = tx.one(store.CHALLENGE_TO_CHANGE, tenant=tenant, id=challenge.bytes)
            if row is None or row[0] is None or row[6] is not None or at >= row[5]:
                return []
            subject, locale = row[0], row[3]
            claims = tx.all(store.CLAIMS_OF, tenant=tenant, challenge=challenge.bytes)
            waiting = [claim for claim in claims if claim[2] is not None and claim[5] is None]
            if not _may_disturb(tx, tenant, people.mac, subject, at):
                return []
            drawn = [_Drawn(subject, claim[0], claim[2], _code(), locale) for claim in waiting]
            for one in drawn:
                digest = code_digest(people.mac, challenge.bytes, one.place, one.code)
                tx.run(store.DRAW_CODE, tenant=tenant, challenge=challenge.bytes, place=one.place, digest=digest)
            return drawn

        return self._database.write(tenant, work)

    def _send(self, tenant: int, challenge: UUID, one: _Drawn) -> None:
        minutes = LIFE_MS // 60_000
        left_by = self._post.send(tenant, one.subject, one.channel, code=one.code, minutes=minutes, locale=one.locale)
        self._people.using(tenant, lambda people: self._note(people, tenant, challenge, one, left_by))

    def _note(self, people: NamedPeople, tenant: int, challenge: UUID, one: _Drawn, left_by: str | None) -> None:
        def work(tx: Transaction) -> None:
            at = millis(self._now())
            if left_by is not None:
                number = challenge.bytes
                tx.run(store.NOTE_SENT, tenant=tenant, challenge=number, place=one.place, sent_by=left_by, at=at)
            ref = people.by_number(tx, [one.subject], at)[one.subject].ref
            outcome, reason = (Outcome.FAILED, Reason.NOT_FOUND) if left_by is None else (Outcome.DONE, None)
            group = Group(outcome, reason, subjects=() if ref is None else (ref,))
            act = Act(Action.IDENTITY_CODE_SEND, Actor(ActorKind.SYSTEM), tenant, at, str(uuid7(at)), [group])
            self._log.append(tx, act)

        self._database.write(tenant, work)


def _may_disturb(tx: Transaction, tenant: int, mac: Mac, subject: int, at: int) -> bool:
    """Whether the person has not had too many messages of late; counts this one."""
    who = mac.digest(b"%d" % subject, label=b"identity-messages/v1")
    guard = store.guards_to_change(tx, tenant, [who])[who].asked(at)
    store.set_guards(tx, tenant, {who: guard})
    return guard.sends <= MESSAGES_AN_HOUR


def _code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
