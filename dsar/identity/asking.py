"""Asking for codes.

Steps of the argument that the answer says nothing of who is known here:
 1. What was named is looked for by the same statements, whether somebody is found or not, and more than one is nobody.
 2. The bounds of `dsar.identity.guard` are kept by what was named, before anybody is looked for.
 3. A challenge with its claims, and the job that sends, are written in either case. The rows differ in one number.
 4. Codes are drawn and sent by the job, after the answer (`dsar.identity.sending`). For nobody there is nothing to send.
 5. What a challenge takes is told by what was named alone: as many codes as there are phones and addresses in it, or one.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from audit.entry import Act, Action, Group, Outcome, Reason
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from dsar.identity import store
from dsar.identity.errors import AssertedError, NoMessengerError, TooOftenError
from dsar.identity.named import ANY, CHANNELS, Named
from dsar.identity.ports import CodePost, NamedPeople, PeopleByName
from dsar.identity.session import Session
from dsar.request import By, Request
from work.desk import JobDesk
from work.replay import Mac

KIND = "identity_code"
LIFE_MS = 10 * 60_000


@dataclass(frozen=True, slots=True)
class Challenge:
    """What was asked for: it takes so many codes, in the order of what was named, until `expires_at`."""

    id: uuid.UUID
    codes: int
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Who is to show who they are, what counts the tries, and by which channel each takes a code, if it does. `subject` is
    None for nobody."""

    subject: int | None
    claims: Sequence[tuple[bytes, str | None]]
    locale: str
    request: bytes | None = None
    session: bytes | None = None


class Asking:
    """The use cases of asking for codes."""

    def __init__(self, database: Database, log: AuditLog, jobs: JobDesk, people: PeopleByName, post: CodePost) -> None:
        self._database = database
        self._log = log
        self._jobs = jobs
        self._people = people
        self._post = post

    def by_name(self, tenant: int, named: Sequence[Named], locale: str, at: int) -> Challenge:
        """Ask for a session by codes to what was named. It leaves no entry in the log, which nobody must be able to fill: that
        a code was sent to somebody is one.

        Raises:
            AssertedError: something named is not of its kind's form.
            NoMessengerError: the deployment cannot send what this takes.
            TooOftenError: not yet again, or locked.
        """
        channels = channels_of(named)
        self._require_post(channels)

        def attempt(people: NamedPeople) -> Challenge | TooOftenError:
            normal = [_normal(people, place, one) for place, one in enumerate(named)]
            whos = [people.mac.digest(_text(one), label=b"identity-name/v1") for one in normal]

            def work(tx: Transaction) -> Challenge | TooOftenError:
                target = Target(
                    subject=people.known_by(tx, normal),
                    claims=list(zip(whos, channels, strict=True)),
                    locale=locale,
                )
                return self._asked(tx, tenant, target, at)

            return self._database.write(tenant, work)

        return self._answered(self._people.using(tenant, attempt))

    def for_request(
        self,
        wanted: Callable[[Transaction], Request],
        noted: Callable[[Transaction], object],
        channels: Sequence[str],
        locale: str,
        by: By,
        *,
        tenant: int,
    ) -> Challenge:
        """Ask the person whom a request names for codes by each channel, or by any where none is given. `wanted` gives the
        request in the transaction, and `noted` notes there that it was asked. For one that names nobody it is asked alike.

        Raises:
            NoMessengerError, TooOftenError: as above.
        """

        def target(tx: Transaction, mac: Mac) -> Target:
            request = wanted(tx)
            who = person_of(mac, request.subject, request.id.bytes)
            claims = [(who, channel) for channel in named_channels(channels)]
            return Target(subject=request.subject, claims=claims, locale=locale, request=request.id.bytes)

        return self._of_person(tenant, target, channels, by, noted)

    def for_session(self, session: Session, channels: Sequence[str], locale: str, by: By) -> Challenge:
        """Ask the person of a session for codes, so that it makes two factors.

        Raises:
            NoMessengerError, TooOftenError: as above.
        """

        def target(_tx: Transaction, mac: Mac) -> Target:
            who = person_of(mac, session.subject, b"")
            claims = [(who, channel) for channel in named_channels(channels)]
            return Target(subject=session.subject, claims=claims, locale=locale, session=session.digest)

        return self._of_person(session.tenant, target, channels, by)

    def _of_person(
        self,
        tenant: int,
        target: Callable[[Transaction, Mac], Target],
        channels: Sequence[str],
        by: By,
        noted: Callable[[Transaction], object] = lambda _tx: None,
    ) -> Challenge:
        self._require_post(named_channels(channels))

        def attempt(people: NamedPeople) -> Challenge | TooOftenError:
            def work(tx: Transaction) -> Challenge | TooOftenError:
                asked = self._asked(tx, tenant, target(tx, people.mac), by.at)
                if isinstance(asked, Challenge):
                    noted(tx)
                    self._record(tx, tenant, by, Group(Outcome.DONE, count=asked.codes))
                else:
                    self._record(tx, tenant, by, Group(Outcome.DENIED, Reason.RATE))
                return asked

            return self._database.write(tenant, work)

        return self._answered(self._people.using(tenant, attempt))

    def _asked(self, tx: Transaction, tenant: int, target: Target, at: int) -> Challenge | TooOftenError:
        guards = store.guards_to_change(tx, tenant, [who for who, _ in target.claims])
        if wait := max(guard.wait_to_ask(at) for guard in guards.values()):
            return TooOftenError(wait)
        store.set_guards(tx, tenant, {who: guard.asked(at) for who, guard in guards.items()})
        codes = sum(channel is not None for _, channel in target.claims)
        challenge = Challenge(uuid.uuid4(), codes, at + LIFE_MS)
        number, bound = challenge.id.bytes, (target.request, target.session)
        row = (tenant, number, target.subject, *bound, target.locale, 0, at, challenge.expires_at, None)
        tx.insert(store.INSERT_CHALLENGES, [row])
        claims = [(tenant, number, place, *claim) for place, claim in enumerate(target.claims)]
        tx.insert(store.INSERT_CLAIMS, claims)
        self._jobs.submit(tx, tenant, KIND, {"challenge": challenge.id.hex}, at)
        return challenge

    def _answered(self, asked: Challenge | TooOftenError) -> Challenge:
        if isinstance(asked, TooOftenError):
            raise asked
        self._jobs.nudge()
        return asked

    def _record(self, tx: Transaction, tenant: int, by: By, group: Group) -> None:
        self._log.append(tx, Act(Action.IDENTITY_CODE_ASK, by.actor, tenant, by.at, by.call, [group]))

    def _require_post(self, channels: Sequence[str | None]) -> None:
        if not all(channel is None or self._post.carries(channel) for channel in channels):
            raise NoMessengerError


def channels_of(named: Sequence[Named]) -> list[str | None]:
    """By which channel each thing that was named takes a code: a phone and an address by their own; an account by none of its
    own, unless nothing else was named."""
    channels = [CHANNELS.get(one.kind) for one in named]
    return channels if any(channels) else [ANY, *channels[1:]]


def named_channels(channels: Sequence[str]) -> list[str]:
    """Each channel once; any where none is named."""
    return list(dict.fromkeys(channels)) or [ANY]


def person_of(mac: Mac, subject: int | None, request: bytes) -> bytes:
    """What counts the tries of a person who is known by a number; of nobody, those of the request."""
    named = b"nobody:" + request if subject is None else b"person:%d" % subject
    return mac.digest(named, label=b"identity-name/v1")


def _normal(people: NamedPeople, place: int, named: Named) -> Named:
    try:
        return people.normal(named)
    except ValueError as wrong:
        code, detail = wrong.args
        raise AssertedError(place, code, detail) from None


def _text(named: Named) -> bytes:
    return f"{named.kind.value}:{named.value}".encode()
