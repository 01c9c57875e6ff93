"""Sessions of people: begun once by a link, by an assertion of the platform or by codes; made surer by a code; ended.

Whatever is presented and does not begin a session is refused alike: NotShownError, after the entry in the log that knows why.
What was never issued here leaves no row and no entry of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar
from uuid import UUID

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Row, Transaction
from dsar.identity import store
from dsar.identity.answering import Binding, Confirmed, answered
from dsar.identity.assertion import read_assertion
from dsar.identity.errors import MalformedSecretError, NoSessionError, NotShownError
from dsar.identity.ports import NamedPeople, PeopleByName
from dsar.identity.public_key import PublicKey
from dsar.identity.secret_text import LinkText, SessionText
from dsar.identity.session import LIFE_MS, Factor, Session
from dsar.request import By

LINK_LIFE_MS = 5 * 60_000
PERSON = Actor(ActorKind.PERSON)

Answer = TypeVar("Answer")


class Opened(NamedTuple):
    """A session that has begun, with the text that opens it, which nobody is shown again."""

    text: SessionText
    session: Session


class _Shown(NamedTuple):
    """Who somebody is, and what shows it."""

    subject: int
    factors: frozenset[Factor]


class Sessions:
    """The use cases of sessions."""

    def __init__(self, database: Database, log: AuditLog, people: PeopleByName) -> None:
        self._database = database
        self._log = log
        self._people = people

    def hand_over(self, tenant: int, platform_id: str, by: By) -> LinkText:
        """A link for a person of the platform who has signed in there. One for somebody who is not known begins nothing."""

        def attempt(people: NamedPeople) -> LinkText:
            def work(tx: Transaction) -> LinkText:
                link = LinkText.draw()
                person = people.find(tx, [platform_id], by.at).get(platform_id)
                number, ref = (None, None) if person is None else (person.number, person.ref)
                tx.insert(store.INSERT_LINKS, [(tenant, link.digest(), number, by.at + LINK_LIFE_MS, None)])
                group = Group(Outcome.DONE, subjects=() if ref is None else (ref,))
                self._log.append(tx, Act(Action.IDENTITY_LINK_CREATE, by.actor, tenant, by.at, by.call, [group]))
                return link

            return self._database.write(tenant, work)

        return self._people.using(tenant, attempt)

    def by_codes(self, tenant: int, challenge: UUID, codes: Sequence[str], by: By) -> Opened:
        """Begin a session by answering a challenge that was asked for by name. Raises NotShownError."""

        def shown(tx: Transaction, people: NamedPeople) -> _Shown | Reason:
            answer = answered(tx, people.mac, tenant, challenge, codes, bound=Binding(), at=by.at)
            if isinstance(answer, Confirmed):
                return _Shown(answer.subject, frozenset(map(Factor, answer.channels)))
            return answer

        return self._begun(tenant, Action.IDENTITY_CODE_VERIFY, shown, by)

    def by_link(self, tenant: int, link: str, by: By) -> Opened:
        """Begin a session by a link, once. Raises NotShownError."""

        def shown(tx: Transaction, _people: NamedPeople) -> _Shown | Reason:
            try:
                digest = LinkText(link).digest()
            except MalformedSecretError:
                return Reason.UNKNOWN
            taken = tx.run(store.TAKE_LINK, tenant=tenant, digest=digest, at=by.at)
            row = tx.one(store.LINK, tenant=tenant, digest=digest)
            if not taken:
                return Reason.UNKNOWN if row is None else Reason.REVOKED if row[2] is not None else Reason.EXPIRED
            if row is None or row[0] is None:
                return Reason.NOT_FOUND
            return _Shown(row[0], frozenset({Factor.PLATFORM}))

        return self._begun(tenant, Action.IDENTITY_LINK_VERIFY, shown, by)

    def by_assertion(self, tenant: int, name: str, assertion: str, by: By) -> Opened:
        """Begin a session by an assertion for the tenant of this name, once. Raises NotShownError."""

        def shown(tx: Transaction, people: NamedPeople) -> _Shown | Reason:
            try:
                read = read_assertion(assertion, _keys(tx, tenant), tenant=name, at=by.at)
            except NotShownError:
                return Reason.UNKNOWN
            if not tx.insert(store.INSERT_ASSERTIONS, [(tenant, read.once, read.kept_until)]):
                return Reason.REVOKED
            number = people.numbers(tx, [read.subject]).get(read.subject)
            return Reason.NOT_FOUND if number is None else _Shown(number, frozenset({Factor.PLATFORM}))

        return self._begun(tenant, Action.IDENTITY_ASSERTION_VERIFY, shown, by)

    def open(self, tenant: int, text: str, at: int) -> Session:
        """The session of a text. Raises NoSessionError."""
        digest = _digest_of(text)
        return _found(tenant, digest, self._database.look(store.SESSION, tenant=tenant, digest=digest, at=at))

    def strengthen(self, session: Session, challenge: UUID, codes: Sequence[str], by: By) -> Session:
        """Let a session rest on codes, too, that it had asked for. Raises NotShownError."""
        tenant = session.tenant

        def attempt(people: NamedPeople) -> Session | Reason:
            def work(tx: Transaction) -> Session | Reason:
                bound = Binding(session=session.digest)
                answer = answered(tx, people.mac, tenant, challenge, codes, bound=bound, at=by.at)
                row = tx.one(store.SESSION, tenant=tenant, digest=session.digest, at=by.at)
                if isinstance(answer, Reason) or row is None:
                    reason = answer if isinstance(answer, Reason) else Reason.EXPIRED
                    group = _of(people, tx, session.subject, by, reason)
                    self._record(tx, tenant, Action.IDENTITY_CODE_VERIFY, group, by)
                    return reason
                stronger = _stronger(_session(tenant, session.digest, row), answer.channels, by.at)
                tx.run(
                    store.STRENGTHEN_SESSION,
                    tenant=tenant,
                    digest=session.digest,
                    sms_at=stronger.sms_at,
                    email_at=stronger.email_at,
                )
                self._record(tx, tenant, Action.IDENTITY_CODE_VERIFY, _of(people, tx, session.subject, by), by)
                return stronger

            return self._database.write(tenant, work)

        return _shown_or_raise(self._people.using(tenant, attempt))

    def end(self, session: Session, by: By) -> None:
        """End it now."""

        def attempt(people: NamedPeople) -> None:
            def work(tx: Transaction) -> None:
                tx.run(store.END_SESSION, tenant=session.tenant, digest=session.digest)
                group = _of(people, tx, session.subject, by)
                self._record(tx, session.tenant, Action.IDENTITY_SESSION_END, group, by)

            self._database.write(session.tenant, work)

        self._people.using(session.tenant, attempt)

    def _begun(
        self,
        tenant: int,
        action: Action,
        shown: Callable[[Transaction, NamedPeople], _Shown | Reason],
        by: By,
    ) -> Opened:
        def attempt(people: NamedPeople) -> Opened | Reason:
            def work(tx: Transaction) -> Opened | Reason:
                found = shown(tx, people)
                if found is Reason.UNKNOWN:
                    return found
                if not isinstance(found, Reason):
                    group = _of(people, tx, found.subject, by)
                    found = found if group.subjects else Reason.ERASED
                if isinstance(found, Reason):
                    self._record(tx, tenant, action, Group(Outcome.DENIED, found), by)
                    return found
                opened = _opened(tenant, found, by.at)
                one = opened.session
                row = (tenant, one.digest, one.subject, one.platform_at, one.sms_at, one.email_at, one.expires_at)
                tx.insert(store.INSERT_SESSIONS, [row])
                self._record(tx, tenant, action, group, by)
                return opened

            return self._database.write(tenant, work)

        return _shown_or_raise(self._people.using(tenant, attempt))

    def _record(self, tx: Transaction, tenant: int, action: Action, group: Group, by: By) -> None:
        actor = PERSON if group.subjects and by.actor.kind is ActorKind.SOURCE else by.actor
        self._log.append(tx, Act(action, actor, tenant, by.at, by.call, [group]))


def session_of(tx: Transaction, tenant: int, text: str, at: int) -> Session:
    """The session of a text that is open now. Raises NoSessionError."""
    digest = _digest_of(text)
    return _found(tenant, digest, tx.one(store.SESSION, tenant=tenant, digest=digest, at=at))


def _digest_of(text: str) -> bytes:
    try:
        return SessionText(text).digest()
    except MalformedSecretError:
        raise NoSessionError from None


def _found(tenant: int, digest: bytes, row: Row | None) -> Session:
    if row is None:
        raise NoSessionError
    return _session(tenant, digest, row)


def _session(tenant: int, digest: bytes, row: Row) -> Session:
    subject, platform_at, sms_at, email_at, expires_at = row
    return Session(
        tenant=tenant,
        digest=digest,
        subject=subject,
        platform_at=platform_at,
        sms_at=sms_at,
        email_at=email_at,
        expires_at=expires_at,
    )


def _opened(tenant: int, shown: _Shown, at: int) -> Opened:
    text = SessionText.draw()
    times = {factor: at if factor in shown.factors else None for factor in Factor}
    session = Session(
        tenant=tenant,
        digest=text.digest(),
        subject=shown.subject,
        platform_at=times[Factor.PLATFORM],
        sms_at=times[Factor.SMS],
        email_at=times[Factor.EMAIL],
        expires_at=at + LIFE_MS,
    )
    return Opened(text, session)


def _stronger(session: Session, channels: frozenset[str], at: int) -> Session:
    sms_at = at if Factor.SMS in channels else session.sms_at
    email_at = at if Factor.EMAIL in channels else session.email_at
    return replace(session, sms_at=sms_at, email_at=email_at)


def _keys(tx: Transaction, tenant: int) -> Mapping[str, PublicKey]:
    rows = tx.all(store.KEYS, tenant=tenant)
    return {thumbprint: PublicKey.of_der(bytes(der)) for thumbprint, der, _ in rows}


def _of(people: NamedPeople, tx: Transaction, subject: int, by: By, reason: Reason | None = None) -> Group:
    """Done by a person, or refused them for a reason; whoever was erased or does not open is not named."""
    found = people.by_number(tx, [subject], by.at).get(subject)
    outcome = Outcome.DONE if reason is None else Outcome.DENIED
    return Group(outcome, reason, subjects=() if found is None or found.ref is None else (found.ref,))


def _shown_or_raise(answer: Answer | Reason) -> Answer:
    if isinstance(answer, Reason):
        raise NotShownError(unknown=answer is Reason.UNKNOWN)
    return answer
