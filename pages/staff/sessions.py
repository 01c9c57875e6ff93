"""Sessions of staff: begun, looked up, seen in a list, ended. Short: fifteen minutes without a page, eight hours in all."""

from collections.abc import Sequence

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from dsar.identity.errors import MalformedSecretError
from pages.staff import store
from pages.staff.member import IDLE_MS, LIFE_MS, SEEN_EVERY_MS, Member, Method, Opened, Signed
from pages.staff.secret_text import StaffSessionText
from web.issuance import Occasion
from web.principal import Principal, Role, read_scopes

_MARK_OCTETS = 6


class StaffSessions:
    """The use cases of sessions."""

    def __init__(self, database: Database, log: AuditLog) -> None:
        self._database = database
        self._log = log

    def find(self, text: str, at: int) -> Signed | None:
        """Whose session a text opens now, and keep that it was used."""
        try:
            digest = StaffSessionText(text).digest()
        except MalformedSecretError:
            return None
        row = self._database.look(store.SESSION, digest=digest)
        if row is None:
            return None
        tenant, staff, credential, name, role, scopes, method, device, begun, seen, verified, expires = row[:12]
        *shut_at, ends_at = row[12:]  # let go, revoked, frozen
        over = expires <= at or seen + IDLE_MS <= at or (ends_at is not None and ends_at <= at)
        if over or any(moment is not None for moment in shut_at):
            return None
        if seen + SEEN_EVERY_MS <= at:
            self._database.write(tenant, lambda tx: tx.run(store.SESSION_SEEN, tenant=tenant, digest=digest, at=at))
        return Signed(
            staff=staff,
            principal=Principal(tenant, credential, name, Role(role), read_scopes(scopes), test=False),
            digest=digest,
            method=Method(method),
            device=device,
            begun_at=begun,
            seen_at=seen,
            verified_at=verified,
            expires_at=expires,
        )

    def of(self, signed: Signed, at: int) -> Sequence[Opened]:
        """The open sessions of whoever has this one, the latest first."""
        tenant = signed.principal.tenant
        rows = self._database.read(
            tenant,
            lambda tx: tx.all(store.SESSIONS, tenant=tenant, staff=signed.staff, at=at, idle_since=at - IDLE_MS),
        )
        return [
            Opened(
                mark=mark_of(bytes(digest)),
                method=Method(method),
                device=device,
                begun_at=begun_at,
                seen_at=seen_at,
                current=bytes(digest) == signed.digest,
            )
            for digest, method, device, begun_at, seen_at in rows
        ]

    def end(self, signed: Signed, now: Occasion, mark: str | None = None) -> None:
        """End this session, or another of the same member by its mark. One that is over is none, and nothing happens."""
        tenant = signed.principal.tenant

        def work(tx: Transaction) -> None:
            rows = tx.all(store.SESSIONS, tenant=tenant, staff=signed.staff, at=now.at, idle_since=now.at - IDLE_MS)
            digests = [bytes(row[0]) for row in rows]
            ended = [signed.digest] if mark is None else [one for one in digests if mark_of(one) == mark]
            for digest in ended:
                tx.run(store.END_SESSION, tenant=tenant, staff=signed.staff, digest=digest)
                self._log.append(tx, self._act(signed, now, 1))

        self._database.write(tenant, work)

    def end_others(self, signed: Signed, now: Occasion) -> int:
        """End all other sessions of the same member; how many there were."""
        tenant = signed.principal.tenant

        def work(tx: Transaction) -> int:
            ended = tx.run(store.END_OTHER_SESSIONS, tenant=tenant, staff=signed.staff, digest=signed.digest)
            self._log.append(tx, self._act(signed, now, ended))
            return ended

        return self._database.write(tenant, work)

    def sweep(self, at: int) -> None:
        """Forget what is over."""

        def work(tx: Transaction) -> None:
            tx.run(store.FORGET_SESSIONS, at=at, idle_since=at - IDLE_MS)
            tx.run(store.FORGET_CHALLENGES, at=at)
            tx.run(store.FORGET_LINKS, at=at)
            tx.run(store.FORGET_RECOVERIES, at=at)

        self._database.write(None, work)

    def _act(self, signed: Signed, now: Occasion, count: int) -> Act:
        group = Group(Outcome.DONE, count=count)
        return Act(Action.STAFF_SIGN_OUT, now.actor, signed.principal.tenant, now.at, now.request, (group,))


def begin(
    tx: Transaction, member: Member, method: Method, device: str, at: int, verified_at: int | None = None
) -> StaffSessionText:
    """Begin a session of a member within the transaction that found out who they are, now or at `verified_at`."""
    text = StaffSessionText.draw()
    shown_at = at if verified_at is None else verified_at
    row = (member.tenant, text.digest(), member.id, method.value, device, at, at, shown_at, at + LIFE_MS)
    tx.insert(store.INSERT_SESSION, [row])
    return text


def actor_of(member: Member) -> Actor:
    """A member as the log names them."""
    return Actor(ActorKind.CREDENTIAL, member.credential, member.role.value)


def mark_of(digest: bytes) -> str:
    """What names a session or a passkey in a list of its owner's."""
    return digest[:_MARK_OCTETS].hex()
