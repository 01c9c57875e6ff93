"""What packages of a deployment are made from, and whom they are for: the vault's people, the catalogues, the published log, the
sessions of people, and the way to receivers of transfers."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from audit.entry import SubjectRef
from audit.published import Place, PublishedLogs
from audit.reader import entries_of_act
from composition.receipts import PublishedProofs
from consent.locale import closest
from consent.ports import Editions
from consent.purpose import PiplBasis
from consent.ropa.record import Activity, record_of
from database.engine import Database
from dsar.disclosure.errors import ReceiverAwayError, ReceiverRefusedError
from dsar.disclosure.ports import Answered, Proved, Rule, Rules, Visitor
from dsar.identity.errors import NoSessionError
from dsar.identity.sessions import session_of
from vault.means import Means
from vault.people import People
from web.egress import Egress
from web.errors import EgressFailedError, EgressRefusedError

ENTRIES_AT_ONCE = 500

_GIVEN = frozenset({PiplBasis.CONSENT, PiplBasis.CONTRACT})


class LogNames:
    """Pseudonyms of people, by the vault."""

    def __init__(self, means: Means) -> None:
        self._people = People(means)

    def ref(self, tenant: int, subject: int) -> SubjectRef | None:
        """Of a person; None of whoever is not there, or erased."""
        known = self._people.people(tenant, [subject]).get(subject)
        return None if known is None else known.ref


class CatalogueRules:
    """The rules of processing, by the catalogue that is in force."""

    def __init__(self, database: Database, editions: Editions) -> None:
        self._database = database
        self._editions = editions

    def rules(self, tenant: int, locale: str, at: int) -> Rules:
        """In the catalogue's language that is nearest."""
        self._editions.settle(tenant, at)
        edition = self._database.read(tenant, lambda tx: self._editions.in_force(tx, tenant))
        record = record_of(edition, closest(locale, edition.catalogue.locales), at)
        given = {one.id for one in edition.catalogue.by_id.values() if one.pipl in _GIVEN}
        return Rules(
            controller=record.controller,
            contact=record.contact,
            address=record.address,
            email=record.email,
            phone=record.phone or "",
            url=record.url or "",
            security=record.security,
            version=record.catalogue_version,
            rules=tuple(_rule(one, given=one.id in given) for one in record.activities),
        )


def _rule(activity: Activity, *, given: bool) -> Rule:
    return Rule(
        purpose=activity.id,
        title=activity.title,
        description=activity.description,
        ground=activity.pipl,
        kinds=tuple(kind.name for kind in activity.kinds),
        recipients=tuple(f"{one.name} ({one.capacity})" for one in activity.recipients),
        transfers=tuple(f"{one.name}, {one.country}: {one.transfer}" for one in activity.transfers),
        retention=activity.retention,
        given=given,
    )


class LogAccesses:
    """What the published log says of a person, a page at a time."""

    def __init__(self, logs: PublishedLogs) -> None:
        self._logs = logs

    def of(self, tenant: int, ref: SubjectRef) -> Iterator[Mapping[str, Any]]:
        """The newest first."""
        after: Place | None = None
        while True:
            page = self._logs.accesses([ref], tenant, after=after, newest_first=True, limit=ENTRIES_AT_ONCE)
            for one in page.entries:
                yield {**one.fields, "items": one.items}
            if (after := page.next) is None:
                return


class ActProofs:
    """Proofs of what was put into the log just now."""

    def __init__(self, database: Database, published: PublishedProofs) -> None:
        self._database = database
        self._published = published

    def of(self, tenant: int, act: UUID) -> Proved | None:
        """The first entry of an act with its proof; None until this host has published it."""
        stored = self._database.read(tenant, lambda tx: entries_of_act(tx, tenant, act))
        if not stored or stored[0].log is None or stored[0].leaf is None:
            return None
        found = self._published.of(stored[0].log, stored[0].leaf)
        return None if found is None else Proved(stored[0].body, found.proof)


class PersonSessions:
    """Sessions of people, as identity keeps them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def who(self, tenant: int, session: str, at: int) -> Visitor | None:
        """Whose session a text is, and how sure it makes at this moment."""
        try:
            found = self._database.read(tenant, lambda tx: session_of(tx, tenant, session, at))
        except NoSessionError:
            return None
        return Visitor(tenant, found.subject, found.level(at))


class Outward:
    """The way to receivers of transfers: to origins that the operator allows, with short answers."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Make one call. Raises ReceiverRefusedError where it is not allowed and ReceiverAwayError where no answer came."""
        try:
            answer = self._egress.call(method, url, headers=headers, body=body)
        except EgressRefusedError:
            raise ReceiverRefusedError from None
        except EgressFailedError:
            raise ReceiverAwayError from None
        return Answered(answer.status, answer.body)
