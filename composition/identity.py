"""Identity of requesters in a deployment: whom names lead to, how codes reach them, and what the desk asks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from composition.foundation import Foundation
from composition.messages import VaultContacts, transport_of
from composition.part import Part
from database.transaction import Transaction
from dsar.desk.deciding import Deciding
from dsar.desk.intake import Intake
from dsar.desk.requests import RequestDesk
from dsar.identity.asking import KIND, Asking
from dsar.identity.assurance import LevelAssurance
from dsar.identity.forgetting import Forgetting
from dsar.identity.http import IdentityApi, IdentityUseCases
from dsar.identity.jobs import CodeTask
from dsar.identity.level_policy import shipped_policy
from dsar.identity.named import ANY, Named, NameKind
from dsar.identity.own import OwnRequests
from dsar.identity.person_http import PersonApi, PersonUseCases
from dsar.identity.platform_keys import PlatformKeys
from dsar.identity.ports import Answer, NamedPeople
from dsar.identity.problems import FURTHER, PROBLEMS
from dsar.identity.sending import Sending
from dsar.identity.sessions import Sessions
from dsar.identity.verifying import Verifying
from vault.contact import Contacts
from vault.errors import KeysUnavailableError
from vault.holdings import Holdings
from vault.identifier import KINDS, InvalidIdentifier, Sensitivity, normal_form
from vault.means import Means
from vault.reachable import people_at
from vault.subject_lookup import Directory, SubjectLookup
from web.messages.ports import Channel, Contact, Transport
from web.messages.post import Post
from web.messages.texts import Texts
from web.tenancy import TenantDesk

TEMPLATE = "verification_code"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NamedDirectory(Directory):
    """The people of a tenant, also by phones and e-mail addresses; `region` is that of numbers which name none."""

    region: str

    def normal(self, named: Named) -> Named:
        """In normal form. Raises ValueError, with a code and a detail."""
        if named.kind is NameKind.ACCOUNT:
            return named
        try:
            return Named(named.kind, normal_form(KINDS[named.kind], named.value, region=self.region))
        except InvalidIdentifier as invalid:
            raise ValueError(invalid.code, invalid.detail) from None

    def known_by(self, tx: Transaction, named: Sequence[Named]) -> int | None:
        """The one person whom all of these name."""
        found = [self._known(tx, one) for one in named]
        people = frozenset.intersection(*found)
        return next(iter(people)) if len(people) == 1 else None

    def _known(self, tx: Transaction, named: Named) -> frozenset[int]:
        if named.kind is NameKind.ACCOUNT:
            return frozenset(self.numbers(tx, [named.value]).values())
        return people_at(tx, self.keys, self.tenant, kind=KINDS[named.kind], normal=named.value)


class NamedLookup:
    """Opens such directories."""

    def __init__(self, means: Means, region_of: Callable[[int], str]) -> None:
        self._subjects = SubjectLookup(means)
        self._region_of = region_of

    def using(self, tenant: int, attempt: Callable[[NamedPeople], Answer]) -> Answer:
        """What `attempt` returns; it runs again when the keys have moved on."""
        region = self._region_of(tenant)
        return self._subjects.using(
            tenant, lambda people: attempt(NamedDirectory(people.means, people.keys, people.tenant, region))
        )


class OneChannel:
    """The address of a person's profile for some channels only."""

    def __init__(self, book: VaultContacts, wanted: Sequence[Channel]) -> None:
        self._book = book
        self._wanted = wanted

    def contact(self, tenant: int, subject: int, channels: Sequence[Channel]) -> Contact | None:
        """The address for the first channel that is wanted and has one."""
        return self._book.contact(tenant, subject, [channel for channel in channels if channel in self._wanted])


class ProfilePost:
    """Sends codes to people's profiles by the deployment's transport, if there is one."""

    def __init__(self, contacts: Contacts, transport: Transport | None) -> None:
        self._book = VaultContacts(contacts, profile_only=True)
        self._transport = transport
        self._texts = Texts.shipped()

    def carries(self, channel: str) -> bool:
        """Whether it can send by a channel, or by any."""
        return bool(self._wanted(channel))

    def send(self, tenant: int, subject: int, channel: str, *, code: str, minutes: int, locale: str) -> str | None:
        """Send a code. Raises OSError where it did not leave."""
        if self._transport is None:
            return None
        post = Post(OneChannel(self._book, self._wanted(channel)), self._transport, self._texts)
        values = {"code": code, "minutes": str(minutes)}
        return post.send(tenant, subject, template=TEMPLATE, locale=locale, values=values)

    def _wanted(self, channel: str) -> list[Channel]:
        carried = () if self._transport is None else self._transport.channels
        return [one for one in carried if channel in (ANY, one.value)]


class HeldKinds:
    """Whether what the vault keeps of a person is sensitive."""

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings

    def sensitive(self, tx: Transaction, tenant: int, subject: int) -> bool:
        """Whether any of it is."""
        kinds = frozenset[str]().union(*self._holdings.kinds(tx, tenant, subject).values())
        return any(KINDS[kind].sensitivity is Sensitivity.SENSITIVE for kind in kinds)


def level_assurance(means: Means) -> LevelAssurance:
    """What the desk asks before it accepts."""
    return LevelAssurance(shipped_policy(), HeldKinds(Holdings(means)))


@dataclass(frozen=True, slots=True)
class Identity:
    """What people themselves call, and what identity adds to a deployment."""

    persons: PersonUseCases
    verifying: Verifying
    part: Part


def identity_part(
    base: Foundation, means: Means, tenants: TenantDesk, desk: RequestDesk, intake: Intake, assurance: LevelAssurance
) -> Identity:
    """Codes, sessions, verification, and what people do themselves."""

    def nudge() -> None:
        base.jobs.nudge()

    people = NamedLookup(means, tenants.region_of)
    post = ProfilePost(Contacts(means, tenants.region_of), transport_of(base.chosen))
    asking = Asking(base.database, base.log, base.jobs, people, post)
    sessions = Sessions(base.database, base.log, people)
    verifying = Verifying(
        base.database,
        base.log,
        people,
        desk,
        assurance=assurance,
        asking=asking,
        nudge=nudge,
    )
    deciding = Deciding(base.database, SubjectLookup(means), base.log, desk, nudge)
    own = OwnRequests(base.database, desk, intake, deciding, verifying)
    keys = PlatformKeys(base.database, base.log)
    officers = IdentityUseCases(
        sessions=sessions,
        verifying=verifying,
        keys=keys,
        name_of=cache(tenants.name_of),
        origin=base.chosen.privacy_url,
    )
    persons = PersonUseCases(asking=asking, sessions=sessions, own=own, number_of=tenants.number_of)
    forgetting = Forgetting(base.database)

    def forget_jobs(at: int) -> None:
        base.database.write(None, lambda tx: base.jobs.forget_ended(tx, KIND, at - JOBS_KEPT_MS))

    part = Part(
        blueprints=[IdentityApi(officers).blueprint(), PersonApi(persons).blueprint()],
        tables=[PROBLEMS],
        problems=FURTHER,
        tasks=[CodeTask(Sending(base.database, base.log, people, post, base.now))],
        transient=[KeysUnavailableError],
        sweeps=[forgetting.sweep, forget_jobs],
    )
    return Identity(persons, verifying, part)


JOBS_KEPT_MS = 3_600_000
"""Jobs of codes say nothing once they have ended."""
