"""Enrolling by a one-time address: whoever holds it makes a passkey, or sets up an app, and has a session.

A recovery replaces what the member had: their other passkeys, their app and their sessions end in the same transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from dsar.identity.errors import MalformedSecretError
from pages.staff import one_time, store
from pages.staff.errors import LinkEndedError, NotLetInError
from pages.staff.factors import Factors, add_passkey, set_app, take_challenge
from pages.staff.member import Member, Method, State
from pages.staff.members import member_of, member_to_change
from pages.staff.secret_text import EnrolmentText, StaffSessionText
from pages.staff.sessions import actor_of, begin
from web.accounts import end_bootstrap
from web.issuance import Occasion
from web.principal import Role


@dataclass(frozen=True, slots=True)
class Enrolment:
    """An address that still works: whose it is, and its digest."""

    member: Member
    digest: bytes
    recovery: bool


class Enrolling:
    """The use cases of enrolment. `bootstrap_ended` is told, after the commit, that the first credential is of no use now."""

    def __init__(
        self, database: Database, log: AuditLog, factors: Factors, *, bootstrap_ended: Callable[[], None]
    ) -> None:
        self._database = database
        self._log = log
        self._factors = factors
        self._bootstrap_ended = bootstrap_ended

    def find(self, text: str, at: int) -> Enrolment:
        """Whose address it is. Looking does not use it up.

        Raises:
            LinkEndedError: it is none, or over, or used.
        """
        try:
            digest = EnrolmentText(text).digest()
        except MalformedSecretError:
            raise LinkEndedError from None
        row = self._database.look(store.LINK_TENANT, digest=digest)
        if row is None:
            raise LinkEndedError
        tenant: int = row[0]
        return self._database.read(tenant, lambda tx: _enrolment(tx, tenant, digest, at))

    def by_passkey(self, enrolment: Enrolment, answer: str, device: str, now: Occasion) -> StaffSessionText:
        """Enrol with a passkey.

        Raises:
            NotLetInError: what the authenticator answered is not for this.
            LinkEndedError: somebody was faster.
        """
        key, challenge = self._factors.party.made(answer)
        member = enrolment.member

        def work(tx: Transaction) -> tuple[StaffSessionText, bool]:
            take_challenge(tx, member.tenant, challenge, member.id, now.at)
            return self._enrol(
                tx,
                enrolment,
                Method.PASSKEY,
                device,
                now,
                lambda: add_passkey(tx, member.tenant, member.id, key, now.at),
            )

        return self._done(self._database.write(member.tenant, work))

    def by_app(self, enrolment: Enrolment, secret: str, code: str, device: str, now: Occasion) -> StaffSessionText:
        """Enrol with an app, which shows by a code that it has the secret.

        Raises:
            NotLetInError: the code is wrong.
            LinkEndedError: somebody was faster.
        """
        member = enrolment.member
        step = one_time.matching_step(secret, code, now.at, 0)
        if step is None:
            raise NotLetInError
        sealed = self._factors.sealed(member.tenant, member.id, secret)

        def work(tx: Transaction) -> tuple[StaffSessionText, bool]:
            return self._enrol(
                tx,
                enrolment,
                Method.CODE,
                device,
                now,
                lambda: set_app(tx, member.tenant, member.id, sealed, now.at, step),
            )

        return self._done(self._database.write(member.tenant, work))

    def _enrol(
        self,
        tx: Transaction,
        enrolment: Enrolment,
        method: Method,
        device: str,
        now: Occasion,
        add: Callable[[], None],
    ) -> tuple[StaffSessionText, bool]:
        tenant, number = enrolment.member.tenant, enrolment.member.id
        if not tx.run(store.TAKE_LINK, tenant=tenant, digest=enrolment.digest, at=now.at):
            raise LinkEndedError
        member = _enrolling(tx, enrolment)
        tx.run(store.REMOVE_PASSKEYS, tenant=tenant, staff=number)
        tx.run(store.REMOVE_TOTP, tenant=tenant, staff=number)
        tx.run(store.END_SESSIONS, tenant=tenant, staff=number)
        add()
        tx.run(store.ENROL, tenant=tenant, id=number, at=now.at)
        tx.run(store.CREDENTIAL_UNTIL, tenant=tenant, id=member.credential, at=None)
        ended = member.role is Role.ADMIN and end_bootstrap(tx, tenant, now.at)
        group = Group(Outcome.DONE, kind=method.value, rows=[number])
        self._log.append(tx, Act(Action.STAFF_ENROL, actor_of(member), tenant, now.at, now.request, (group,)))
        return begin(tx, member, method, device, now.at), ended

    def _done(self, done: tuple[StaffSessionText, bool]) -> StaffSessionText:
        text, ended = done
        if ended:
            self._bootstrap_ended()
        return text


def _enrolment(tx: Transaction, tenant: int, digest: bytes, at: int) -> Enrolment:
    row = tx.one(store.LINK, tenant=tenant, digest=digest, at=at)
    member = None if row is None else member_of(tx, tenant, row[0])
    if row is None or member is None or member.state is State.DISABLED:
        raise LinkEndedError
    return Enrolment(member, digest, bool(row[1]))


def _enrolling(tx: Transaction, enrolment: Enrolment) -> Member:
    """The member as they are within this transaction: they may have been let go since."""
    member = member_to_change(tx, enrolment.member.tenant, enrolment.member.id)
    if member is None or member.state is State.DISABLED:
        raise LinkEndedError
    return member
