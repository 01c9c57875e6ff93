"""Making sure of who has made a request: by codes, by a session, by documents that an officer has seen.

What was shown is kept for the request as {proof, method, level, at, verifier} and nothing else: no image or copy of a document
reaches this service at all, so there is none to delete (EDPB guidelines 01/2022, paragraphs 77 to 79).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from audit.entry import Act, Action, Group, Outcome, Reason, SubjectRef
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from dsar.desk.errors import RequestNotFoundError
from dsar.desk.requests import RequestDesk
from dsar.identity import store
from dsar.identity.answering import Binding, Confirmed, answered
from dsar.identity.asking import Asking, Challenge
from dsar.identity.assurance import LevelAssurance, missing
from dsar.identity.errors import NoSessionError, NotShownError
from dsar.identity.level_policy import Proof, Required
from dsar.identity.ports import NamedPeople, PeopleByName
from dsar.identity.session import Factor, Session, level_of
from dsar.identity.sessions import session_of
from dsar.request import By, Level, Request, RequestState
from dsar.right import Requester

_FACTORS = frozenset(factor.value for factor in Factor)


class Document(StrEnum):
    """What an officer can have looked at."""

    ID_CARD = "id_card"
    PASSPORT = "passport"
    NETWORK_ID = "network_id"
    HOUSEHOLD_REGISTER = "household_register"
    COURT_DECISION = "court_decision"
    SIGNED_AUTHORITY = "signed_authority"
    DEATH_CERTIFICATE = "death_certificate"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a request is: its level, and what it takes and lacks. `verified` is whether nothing is lacking."""

    request: Request
    level: Level
    required: Required
    lacking: frozenset[Proof]

    @property
    def verified(self) -> bool:
        """Whether it can be accepted."""
        return self.level >= self.required.level and not self.lacking


class _Shown(NamedTuple):
    """One thing that was shown."""

    proof: Proof
    method: str
    level: Level
    at: int


class Verifying:
    """The use cases of verification. `nudge` is told, after a commit, that there may be something to do.

    Every member raises RequestNotFoundError where the tenant has no such request, RequestStateError where it has ended, and,
    where something is presented that does not show who has made the request, NotShownError.
    """

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        people: PeopleByName,
        desk: RequestDesk,
        *,
        assurance: LevelAssurance,
        asking: Asking,
        nudge: Callable[[], None],
    ) -> None:
        self._database = database
        self._log = log
        self._people = people
        self._desk = desk
        self._assurance = assurance
        self._asking = asking
        self._nudge = nudge

    def standing(self, tenant: int, request: UUID) -> Standing:
        """How far it is."""
        return self._database.read(tenant, lambda tx: self._standing(tx, self._desk.find(tx, tenant, request)))

    def ask(self, tenant: int, request: UUID, channels: Sequence[str], locale: str, by: By) -> Challenge:
        """Have codes sent to the person. Raises NoMessengerError, TooOftenError."""

        def wanted(tx: Transaction) -> Request:
            return self._desk.find(tx, tenant, request)

        def noted(tx: Transaction) -> Request:
            return self._desk.verifying(tx, wanted(tx), by.at, by=by)

        return self._asking.for_request(wanted, noted, channels, locale, by, tenant=tenant)

    def by_codes(self, tenant: int, request: UUID, challenge: UUID, codes: Sequence[str], by: By) -> Standing:
        """Answer a challenge that was asked for by `ask`."""

        def shown(tx: Transaction, people: NamedPeople, found: Request) -> Reason | None:
            bound = Binding(request=found.id.bytes)
            answer = answered(tx, people.mac, tenant, challenge, codes, bound=bound, at=by.at)
            if isinstance(answer, Confirmed):
                for channel in answer.channels:
                    _keep(tx, found, _Shown(Proof.IDENTITY, channel, Level.CHANNEL, by.at), by)
                return None
            return answer

        return self._settled(tenant, request, Action.IDENTITY_CODE_VERIFY, shown, by)

    def by_session(self, tenant: int, request: UUID, text: str, by: By) -> Standing:
        """Let the person's own session show who they are."""

        def shown(tx: Transaction, _people: NamedPeople, found: Request) -> Reason | None:
            try:
                session = session_of(tx, tenant, text, by.at)
            except NoSessionError:
                return Reason.NOT_FOUND
            if session.subject != found.subject:
                return Reason.INVALID
            _keep_session(tx, found, session, by)
            return None

        return self._settled(tenant, request, Action.IDENTITY_SESSION_VERIFY, shown, by)

    def by_document(self, tenant: int, request: UUID, proof: Proof, document: Document, by: By) -> Standing:
        """Note that an officer has seen what shows something."""
        level = Level.DOCUMENT if proof is Proof.IDENTITY else Level.NONE

        def shown(tx: Transaction, _people: NamedPeople, found: Request) -> Reason | None:
            _keep(tx, found, _Shown(proof, document.value, level, by.at), by)
            return None

        return self._settled(tenant, request, Action.IDENTITY_PROOF, shown, by)

    def own(self, session: Session, request: UUID, by: By) -> Standing:
        """Let a session show that its person has made one of their own requests. Another's is not found."""

        def shown(tx: Transaction, _people: NamedPeople, found: Request) -> Reason | None:
            if found.subject != session.subject:
                raise RequestNotFoundError
            _keep_session(tx, found, session, by)
            return None

        return self._settled(session.tenant, request, Action.IDENTITY_SESSION_VERIFY, shown, by)

    def _settled(
        self,
        tenant: int,
        request: UUID,
        action: Action,
        shown: Callable[[Transaction, NamedPeople, Request], Reason | None],
        by: By,
    ) -> Standing:
        def attempt(people: NamedPeople) -> Standing | None:
            def work(tx: Transaction) -> Standing | None:
                found = self._desk.find(tx, tenant, request)
                reason = shown(tx, people, found)
                outcome = Outcome.DONE if reason is None else Outcome.DENIED
                group = Group(outcome, reason, refs=[found.ref], subjects=_refs(tx, people, found, by.at))
                self._log.append(tx, Act(action, by.actor, tenant, by.at, by.call, [group]))
                return self._moved(tx, found, by) if reason is None else None

            return self._database.write(tenant, work)

        standing = self._people.using(tenant, attempt)
        if standing is None:
            raise NotShownError
        self._nudge()
        return standing

    def _moved(self, tx: Transaction, request: Request, by: By) -> Standing:
        """Tell the desk how sure the requester is, once nothing else is lacking."""
        standing = self._standing(tx, request, by.at)
        if standing.lacking or request.state is RequestState.DUPLICATE:
            return standing
        moved = self._desk.verified(tx, request, standing.level, by.at, by=by)
        return Standing(moved, max(standing.level, moved.level), standing.required, standing.lacking)

    def _standing(self, tx: Transaction, request: Request, at: int | None = None) -> Standing:
        required = self._assurance.required(tx, request)
        rows = tx.all(store.PROOFS_OF, tenant=request.tenant, request=request.id.bytes)
        identity = [row for row in rows if row[0] == Proof.IDENTITY]
        own_word = request.requester is Requester.AGENT  # the agent's document does not say that the person wants it
        documents = [Level(row[2]) for row in identity if row[1] not in _FACTORS and not own_word]
        level = max([request.level, *documents])
        if at is not None:
            level = max(level, level_of({Factor(row[1]): row[4] for row in identity if row[1] in _FACTORS}, at))
        return Standing(request, level, required, missing(tx, request, required))


def _keep_session(tx: Transaction, request: Request, session: Session, by: By) -> None:
    times = {Factor.PLATFORM: session.platform_at, Factor.SMS: session.sms_at, Factor.EMAIL: session.email_at}
    for factor, shown_at in times.items():
        if shown_at is not None:
            _keep(tx, request, _Shown(Proof.IDENTITY, factor.value, Level.CHANNEL, shown_at), by)


def _keep(tx: Transaction, request: Request, shown: _Shown, by: By) -> None:
    tx.run(
        store.PUT_PROOF,
        tenant=request.tenant,
        request=request.id.bytes,
        proof=shown.proof.value,
        method=shown.method,
        level=int(shown.level),
        verifier=by.actor.id,
        at=shown.at,
    )


def _refs(tx: Transaction, people: NamedPeople, request: Request, at: int) -> list[SubjectRef]:
    """The person as the log names them, if it can."""
    if request.subject is None:
        return []
    found = people.by_number(tx, [request.subject], at).get(request.subject)
    return [] if found is None or found.ref is None else [found.ref]
