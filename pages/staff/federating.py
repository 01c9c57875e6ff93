"""Signing in by what an organisation's identity provider says: who somebody is, and by their groups what they are here.

A member is made at the first sign-in. Their role is that of their groups at each: it changes in their credential's own row, so
that nobody becomes a second person to themselves by changing the group.
"""

import re
import secrets
from collections.abc import Callable
from hashlib import sha256

from audit.entry import Act, Action, Actor, Group, Outcome, Reason
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from pages.staff import store
from pages.staff.errors import NoRoleError, NotLetInError
from pages.staff.member import Member, Method, State
from pages.staff.members import member_of, read
from pages.staff.provider import Provider
from pages.staff.provider_client import Outsider
from pages.staff.secret_text import StaffSessionText
from pages.staff.sessions import actor_of, begin
from web.accounts import end_bootstrap, open_account
from web.issuance import Grant, Occasion
from web.principal import Role, scopes_of, write_scopes
from web.stored_name import is_personal

_WORK_NAME = re.compile(r"[a-z][a-z0-9._-]{0,63}")
_HANDLE_OCTETS = 32


class Federating:
    """The use case. `bootstrap_ended` is told, after the commit, that the first credential is of no use now."""

    def __init__(self, database: Database, log: AuditLog, *, bootstrap_ended: Callable[[], None]) -> None:
        self._database = database
        self._log = log
        self._bootstrap_ended = bootstrap_ended

    def by_provider(
        self, tenant: int, provider: Provider, outsider: Outsider, device: str, now: Occasion
    ) -> StaffSessionText:
        """Begin a session.

        Raises:
            NoRoleError: they are in no group that has a role here; sessions that they had end.
            NotLetInError: they were let go here.
        """
        role = provider.role_of(outsider.groups)

        def work(tx: Transaction) -> tuple[StaffSessionText, bool] | Reason:
            outside = _digest(provider, outsider)
            known = read(tenant, tx.one(store.MEMBER_OUTSIDE, tenant=tenant, outside=outside))
            refused = Reason.NO_AUTHORITY if role is None else _let_go(known)
            if role is None or refused is not None:
                return self._refuse(tx, tenant, known, refused or Reason.NO_AUTHORITY, now)
            member = known or self._made(tx, tenant, provider, outsider, role=role, now=now)
            if member.role is not role:
                member = self._changed(tx, member, role, now)
            ended = role is Role.ADMIN and end_bootstrap(tx, tenant, now.at)
            self._record(tx, Action.STAFF_SIGN_IN, member, actor_of(member), now)
            verified_at = min(outsider.at, now.at)
            return begin(tx, member, Method.PROVIDER, device, now.at, verified_at), ended

        done = self._database.write(tenant, work)
        if isinstance(done, Reason):
            raise NoRoleError if done is Reason.NO_AUTHORITY else NotLetInError
        if done[1]:
            self._bootstrap_ended()
        return done[0]

    def _made(
        self, tx: Transaction, tenant: int, provider: Provider, outsider: Outsider, *, role: Role, now: Occasion
    ) -> Member:
        outside = _digest(provider, outsider)
        name = _work_name(tx, tenant, provider, outsider)
        account = open_account(tx, tenant, Grant(name=name, role=role), now.at)
        number = tx.reserve("staff", 1)[0]
        handle = secrets.token_bytes(_HANDLE_OCTETS)
        tx.insert(store.INSERT_STAFF, [(number, tenant, account.id, handle, outside, now.at, now.at, None)])
        member = member_of(tx, tenant, number)
        assert member is not None
        self._record(tx, Action.STAFF_ENROL, member, actor_of(member), now)
        return member

    def _changed(self, tx: Transaction, member: Member, role: Role, now: Occasion) -> Member:
        scopes = write_scopes(scopes_of(role))
        tx.run(store.CREDENTIAL_ROLE, tenant=member.tenant, id=member.credential, role=role.value, scopes=scopes)
        tx.run(store.END_SESSIONS, tenant=member.tenant, staff=member.id)
        changed = member_of(tx, member.tenant, member.id)
        assert changed is not None
        group = Group(Outcome.DONE, kind=role.value, rows=[member.id])
        act = Act(Action.STAFF_ROLE, actor_of(changed), member.tenant, now.at, now.request, (group,))
        self._log.append(tx, act)
        return changed

    def _refuse(self, tx: Transaction, tenant: int, known: Member | None, reason: Reason, now: Occasion) -> Reason:
        if known is not None:
            tx.run(store.END_SESSIONS, tenant=tenant, staff=known.id)
        group = Group(Outcome.DENIED, reason, rows=() if known is None else (known.id,))
        self._log.append(tx, Act(Action.STAFF_SIGN_IN, now.actor, tenant, now.at, now.request, (group,)))
        return reason

    def _record(self, tx: Transaction, action: Action, member: Member, actor: Actor, now: Occasion) -> None:
        group = Group(Outcome.DONE, kind=Method.PROVIDER.value, rows=[member.id])
        self._log.append(tx, Act(action, actor, member.tenant, now.at, now.request, (group,)))


def _let_go(known: Member | None) -> Reason | None:
    return Reason.REVOKED if known is not None and known.state is State.DISABLED else None


def _digest(provider: Provider, outsider: Outsider) -> bytes:
    """Who somebody is to a provider: SHA-256 over the issuer, an octet 0 and their subject there (Core 1.0, section 2)."""
    return sha256(f"{provider.issuer}\0{outsider.subject}".encode()).digest()


def _work_name(tx: Transaction, tenant: int, provider: Provider, outsider: Outsider) -> str:
    """What a new member is called: as at the provider, if that is a work name and free; else by the digest of who they are."""
    wanted = outsider.name or ""
    fitting = _WORK_NAME.fullmatch(wanted) and not is_personal(wanted)
    free = fitting and tx.one(store.CREDENTIAL_NAMED, tenant=tenant, name=wanted) is None
    return wanted if free else f"{provider.id}.{_digest(provider, outsider).hex()[:12]}"
