"""Signing in, and showing once more who one is.

Whatever does not let somebody in raises NotLetInError, after the entry in the log that knows why; the page says the same for all.
For a name that nobody has the same is written as for one that somebody has, and the same is compared. What was never issued here,
and tries while it is locked, leave no entry of their own, so that nobody can fill the disk: the error says what to count.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from pages.staff import one_time, store
from pages.staff.errors import NotLetInError
from pages.staff.factors import ANYBODY, Factors, take_challenge, take_code
from pages.staff.member import Member, Method, Signed, State
from pages.staff.members import member_named, member_to_change
from pages.staff.relying_party import Answered
from pages.staff.secret_text import StaffSessionText
from pages.staff.sessions import actor_of, begin
from web.issuance import Occasion

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Refused:
    reason: Reason
    staff: int | None = None
    counted: bool = False


class Entering:
    """The use cases of signing in."""

    def __init__(self, database: Database, log: AuditLog, factors: Factors) -> None:
        self._database = database
        self._log = log
        self._factors = factors

    def by_passkey(self, tenant: int, answer: str, device: str, now: Occasion) -> StaffSessionText:
        """Begin a session by a passkey. Raises NotLetInError."""
        answered = self._factors.party.read(answer)

        def work(tx: Transaction) -> StaffSessionText | _Refused:
            found = self._holder(tx, tenant, answered, ANYBODY, now.at)
            if isinstance(found, _Refused):
                return self._refuse(tx, Action.STAFF_SIGN_IN, tenant, found, now)
            return self._let_in(tx, found, Method.PASSKEY, device, now)

        return _or_raise(self._database.write(tenant, work))

    def by_code(self, tenant: int, name: str, code: str, device: str, now: Occasion) -> StaffSessionText:
        """Begin a session by a name and a code of an app. Raises NotLetInError."""
        named = self._database.read(tenant, lambda tx: member_named(tx, tenant, name))
        found = None if named is None else self._factors.code_secret(tenant, named.id)
        secret = found or one_time.NO_SECRET

        def work(tx: Transaction) -> StaffSessionText | _Refused:
            member = None if named is None or found is None else member_to_change(tx, tenant, named.id)
            refused = self._guarded(
                tx, tenant, name, now.at, lambda: self._coded(tx, tenant, member, secret, code, now.at)
            )
            if refused is not None or member is None:
                return self._refuse(tx, Action.STAFF_SIGN_IN, tenant, refused or _Refused(Reason.UNKNOWN), now)
            return self._let_in(tx, member, Method.CODE, device, now)

        return _or_raise(self._database.write(tenant, work))

    def again_by_passkey(self, signed: Signed, answer: str, now: Occasion) -> None:
        """Let a session count as fresh, by a passkey of its holder. Raises NotLetInError."""
        tenant = signed.principal.tenant
        answered = self._factors.party.read(answer)

        def work(tx: Transaction) -> _Refused | None:
            found = self._holder(tx, tenant, answered, signed.staff, now.at)
            refused = found if isinstance(found, _Refused) else None
            if refused is None and isinstance(found, Member) and found.id != signed.staff:
                refused = _Refused(Reason.UNKNOWN, signed.staff)
            return self._again(tx, signed, refused, now)

        _or_raise(self._database.write(tenant, work))

    def again_by_code(self, signed: Signed, code: str, now: Occasion) -> None:
        """Let a session count as fresh, by a code of its holder's app. Raises NotLetInError."""
        tenant = signed.principal.tenant
        secret = self._factors.code_secret(tenant, signed.staff) or one_time.NO_SECRET

        def work(tx: Transaction) -> _Refused | None:
            member = member_to_change(tx, tenant, signed.staff)
            refused = self._guarded(
                tx, tenant, signed.principal.name, now.at, lambda: self._coded(tx, tenant, member, secret, code, now.at)
            )
            return self._again(tx, signed, refused, now)

        _or_raise(self._database.write(tenant, work))

    def _holder(self, tx: Transaction, tenant: int, answered: Answered, staff: int, at: int) -> Member | _Refused:
        """Whose passkey has signed a challenge that was given to `staff`."""
        row = tx.one(store.PASSKEY, tenant=tenant, id=answered.key)
        try:
            take_challenge(tx, tenant, answered.challenge, staff, at)
            if row is None:
                return _Refused(Reason.UNKNOWN, counted=True)
            signs = self._factors.party.verified(answered, bytes(row[1]), row[2])
        except NotLetInError:
            return _Refused(Reason.INVALID, None if row is None else row[0], counted=row is None)
        member = member_to_change(tx, tenant, row[0])
        if member is None or member.state is not State.ACTIVE:
            return _Refused(Reason.REVOKED, row[0])
        tx.run(store.PASSKEY_USED, tenant=tenant, id=answered.key, signs=signs, at=at)
        return member

    def _coded(
        self, tx: Transaction, tenant: int, member: Member | None, secret: str, code: str, at: int
    ) -> _Refused | None:
        if member is None or member.state is not State.ACTIVE:
            one_time.matching_step(secret, code, at, 0)
            return _Refused(Reason.UNKNOWN, None if member is None else member.id)
        try:
            take_code(tx, tenant, member.id, secret, code, at)
        except NotLetInError:
            return _Refused(Reason.INVALID, member.id)
        return None

    def _guarded(
        self, tx: Transaction, tenant: int, name: str, at: int, attempt: Callable[[], _Refused | None]
    ) -> _Refused | None:
        """An attempt, unless there were too many wrong ones; written the same whether anybody has the name."""
        place = one_time.place_of(name)
        row = tx.one(store.GUARD, tenant=tenant, place=place)
        guard = one_time.Guard() if row is None else one_time.Guard(*row)
        if row is None:
            tx.insert(store.INSERT_GUARD, [(tenant, place, 0, 0)])
        if guard.locked(at):
            return _Refused(Reason.RATE, counted=True)
        refused = attempt()
        after = one_time.Guard() if refused is None else guard.failed(at)
        tx.run(store.GUARDED, tenant=tenant, place=place, failures=after.failures, locked_until=after.locked_until)
        return refused

    def _let_in(self, tx: Transaction, member: Member, method: Method, device: str, now: Occasion) -> StaffSessionText:
        group = Group(Outcome.DONE, kind=method.value, rows=[member.id])
        act = Act(Action.STAFF_SIGN_IN, actor_of(member), member.tenant, now.at, now.request, (group,))
        self._log.append(tx, act)
        return begin(tx, member, method, device, now.at)

    def _again(self, tx: Transaction, signed: Signed, refused: _Refused | None, now: Occasion) -> _Refused | None:
        tenant, who = signed.principal.tenant, signed.principal
        actor = Actor(ActorKind.CREDENTIAL, who.credential, who.role.value)
        if refused is not None:
            return self._refuse(tx, Action.STAFF_VERIFY, tenant, refused, now, actor)
        tx.run(store.SESSION_VERIFIED, tenant=tenant, digest=signed.digest, at=now.at)
        group = Group(Outcome.DONE, rows=[signed.staff])
        self._log.append(tx, Act(Action.STAFF_VERIFY, actor, tenant, now.at, now.request, (group,)))
        return None

    def _refuse(
        self, tx: Transaction, action: Action, tenant: int, refused: _Refused, now: Occasion, actor: Actor | None = None
    ) -> _Refused:
        if refused.counted:
            return refused
        rows = () if refused.staff is None else (refused.staff,)
        group = Group(Outcome.DENIED, refused.reason, rows=rows)
        self._log.append(tx, Act(action, actor or now.actor, tenant, now.at, now.request, (group,)))
        return refused


def _or_raise(answer: Answer | _Refused) -> Answer:
    if isinstance(answer, _Refused):
        raise NotLetInError(answer.reason if answer.counted else None)
    return answer
