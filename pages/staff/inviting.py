"""Members are invited, listed and let go; a colleague who has lost what they sign in with is helped by two others."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from audit.entry import Act, Action, Group, Outcome, Reason
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from pages.staff import store
from pages.staff.errors import SamePersonError, StaffNotFoundError
from pages.staff.member import LINK_LIFE_MS, RECOVERY_LIFE_MS, Member, Signed, State
from pages.staff.members import member_named, member_of, member_to_change, read
from pages.staff.secret_text import EnrolmentText
from web.accounts import close_account, open_account
from web.issuance import Grant, Occasion
from web.principal import Role

_HANDLE_OCTETS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Somebody's word that a colleague has lost what they sign in with. The numbers are those of credentials."""

    id: int
    staff: int
    name: str
    asked_by: int
    asker: str
    asked_at: int
    approved_by: int | None
    approved_at: int | None


class Inviting:
    """The use cases around who is staff."""

    def __init__(self, database: Database, log: AuditLog) -> None:
        self._database = database
        self._log = log

    def invite(self, tenant: int, name: str, role: Role, now: Occasion) -> tuple[Member, EnrolmentText]:
        """Make a member, and the text of the address at which they enrol within fifteen minutes, once.

        Until then their credential ends with the address, so that an administrator who never came counts as none.

        Raises:
            CredentialNameTakenError: a credential that is not revoked has the name.
        """

        def work(tx: Transaction) -> tuple[Member, EnrolmentText]:
            grant = Grant(name=name, role=role, expires_at=now.at + LINK_LIFE_MS)
            account = open_account(tx, tenant, grant, now.at)
            number = tx.reserve("staff", 1)[0]
            handle = secrets.token_bytes(_HANDLE_OCTETS)
            tx.insert(store.INSERT_STAFF, [(number, tenant, account.id, handle, None, now.at, None, None)])
            member = member_of(tx, tenant, number)
            assert member is not None
            self._record(tx, Action.STAFF_INVITE, tenant, now, rows=[number], kind=role.value)
            return member, self._link(tx, member, recovery=False, at=now.at)

        return self._database.write(tenant, work)

    def invite_again(self, tenant: int, number: int, now: Occasion) -> EnrolmentText:
        """Another address for somebody who has not enrolled yet; the one before ends.

        Raises:
            StaffNotFoundError: there is no such member, or they have enrolled.
        """

        def work(tx: Transaction) -> EnrolmentText:
            member = member_to_change(tx, tenant, number)
            if member is None or member.state is not State.INVITED:
                raise StaffNotFoundError
            tx.run(store.CREDENTIAL_UNTIL, tenant=tenant, id=member.credential, at=now.at + LINK_LIFE_MS)
            self._record(tx, Action.STAFF_INVITE, tenant, now, rows=[number], kind=member.role.value)
            return self._link(tx, member, recovery=False, at=now.at)

        return self._database.write(tenant, work)

    def page(self, tenant: int, now: Occasion, *, after: int, limit: int) -> Sequence[Member]:
        """Members with a number above `after`, those who were let go too."""

        def work(tx: Transaction) -> Sequence[Member]:
            rows = tx.all(store.MEMBERS_PAGE, tenant=tenant, after=after, limit=limit)
            self._record(tx, Action.STAFF_LIST, tenant, now, count=len(rows))
            return [member for row in rows if (member := read(tenant, row)) is not None]

        return self._database.write(tenant, work)

    def member(self, tenant: int, number: int) -> Member:
        """One of them. Raises StaffNotFoundError."""
        found = self._database.read(tenant, lambda tx: member_of(tx, tenant, number))
        if found is None:
            raise StaffNotFoundError
        return found

    def disable(self, tenant: int, number: int, now: Occasion) -> None:
        """Let a member go: their sessions end now, and their credential with them. Doing it again is recorded again.

        Raises:
            StaffNotFoundError: there is no such member.
        """

        def work(tx: Transaction) -> None:
            member = member_to_change(tx, tenant, number)
            if member is None:
                raise StaffNotFoundError
            tx.run(store.DISABLE, tenant=tenant, id=number, at=now.at)
            tx.run(store.END_SESSIONS, tenant=tenant, staff=number)
            tx.run(store.END_LINKS, tenant=tenant, staff=number, at=now.at)
            close_account(tx, tenant, member.credential, now.at)
            self._record(tx, Action.STAFF_DISABLE, tenant, now, rows=[number])

        self._database.write(tenant, work)

    def recoveries(self, tenant: int, at: int) -> Sequence[Recovery]:
        """What was asked and is not over, the latest first."""
        rows = self._database.read(tenant, lambda tx: tx.all(store.RECOVERIES, tenant=tenant, at=at))
        names = ("id", "staff", "name", "asked_by", "asker", "asked_at", "approved_by", "approved_at")
        return [Recovery(**dict(zip(names, row, strict=True))) for row in rows]

    def ask_recovery(self, by: Signed, name: str, now: Occasion) -> None:
        """Say that a colleague has lost what they sign in with. A name that no active colleague has is taken as silently.

        Raises:
            SamePersonError: they are the asker.
        """
        tenant = by.principal.tenant
        if name == by.principal.name:
            raise SamePersonError

        def work(tx: Transaction) -> None:
            member = member_named(tx, tenant, name)
            if member is None or member.state is not State.ACTIVE:
                self._record(tx, Action.STAFF_RECOVERY_ASK, tenant, now, refused=Reason.UNKNOWN)
                return
            if tx.one(store.RECOVERY_OPEN, tenant=tenant, staff=member.id, at=now.at) is None:
                number = tx.reserve("staff_recovery", 1)[0]
                ends_at = now.at + RECOVERY_LIFE_MS
                row = (number, tenant, member.id, by.principal.credential, now.at, None, None, None, ends_at)
                tx.insert(store.INSERT_RECOVERY, [row])
            self._record(tx, Action.STAFF_RECOVERY_ASK, tenant, now, rows=[member.id])

        self._database.write(tenant, work)

    def approve_recovery(self, by: Signed, number: int, now: Occasion) -> None:
        """Say the same as a second person.

        Raises:
            StaffNotFoundError: nothing of that number was asked, or it is over.
            SamePersonError: the asker, or whoever it is about; recorded.
        """
        tenant, credential = by.principal.tenant, by.principal.credential

        def work(tx: Transaction) -> bool:
            row = tx.one(store.RECOVERY, tenant=tenant, id=number, at=now.at)
            if row is None or row[2] is not None:
                raise StaffNotFoundError
            staff, asked_by, _ = row
            if credential == asked_by or by.staff == staff:
                self._record(tx, Action.STAFF_RECOVERY_APPROVE, tenant, now, rows=[staff], refused=Reason.SAME_PERSON)
                return False
            tx.run(store.APPROVE_RECOVERY, tenant=tenant, id=number, by=credential, at=now.at)
            self._record(tx, Action.STAFF_RECOVERY_APPROVE, tenant, now, rows=[staff])
            return True

        if not self._database.write(tenant, work):
            raise SamePersonError

    def take_recovery(self, by: Signed, number: int, now: Occasion) -> EnrolmentText:
        """The text of a new enrolment, for whoever asked and was agreed with; once.

        Raises:
            StaffNotFoundError: it was not they who asked, or nobody has agreed, or it is over.
        """
        tenant = by.principal.tenant

        def work(tx: Transaction) -> EnrolmentText:
            row = tx.one(store.RECOVERY, tenant=tenant, id=number, at=now.at)
            member = None if row is None else member_of(tx, tenant, row[0])
            if row is None or row[1] != by.principal.credential or row[2] is None or member is None:
                raise StaffNotFoundError
            tx.run(store.USE_RECOVERY, tenant=tenant, id=number, at=now.at)
            self._record(tx, Action.STAFF_INVITE, tenant, now, rows=[member.id], kind=member.role.value)
            return self._link(tx, member, recovery=True, at=now.at)

        return self._database.write(tenant, work)

    def _link(self, tx: Transaction, member: Member, *, recovery: bool, at: int) -> EnrolmentText:
        text = EnrolmentText.draw()
        tx.run(store.END_LINKS, tenant=member.tenant, staff=member.id, at=at)
        tx.insert(store.INSERT_LINK, [(member.tenant, text.digest(), member.id, recovery, at + LINK_LIFE_MS, None)])
        return text

    def _record(
        self,
        tx: Transaction,
        action: Action,
        tenant: int,
        now: Occasion,
        *,
        rows: Sequence[int] = (),
        kind: str | None = None,
        count: int | None = None,
        refused: Reason | None = None,
    ) -> None:
        outcome = Outcome.DONE if refused is None else Outcome.DENIED
        group = Group(outcome, refused, kind=kind, rows=rows, count=count)
        self._log.append(tx, Act(action, now.actor, tenant, now.at, now.request, (group,)))
