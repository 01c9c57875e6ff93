"""What people do with requests of their own, in a session. Whatever is another's is not there."""

import uuid
from uuid import UUID

from database.engine import Database
from database.transaction import Transaction
from dsar.desk.deciding import Case, Deciding
from dsar.desk.errors import RequestNotFoundError
from dsar.desk.intake import Asked, Intake
from dsar.desk.requests import RequestDesk
from dsar.identity.session import Session
from dsar.identity.verifying import Standing, Verifying
from dsar.request import By, Request
from work.replay import Replay

LAST = uuid.UUID(int=2**128 - 1)


class OwnRequests:
    """The use cases of a person. Each raises RequestNotFoundError for a request that is not the person's own."""

    def __init__(
        self, database: Database, desk: RequestDesk, intake: Intake, deciding: Deciding, verifying: Verifying
    ) -> None:
        self._database = database
        self._desk = desk
        self._intake = intake
        self._deciding = deciding
        self._verifying = verifying

    def ask(self, session: Session, asked: Asked, by: By, replay: Replay | None = None) -> Standing:
        """Make a request, which is verified as surely as the session makes. `asked` names the session's person.

        Raises:
            RegimeNotKnownError, RightNotKnownError, IdempotencyMismatchError: as `Intake.open`.
        """
        assert asked.subject == session.subject
        made = self._intake.open(session.tenant, asked, by, replay)
        if made.request.ended:
            return self._verifying.standing(session.tenant, made.id)
        return self._verifying.own(session, made.id, by)

    def page(self, session: Session, *, before: UUID, limit: int) -> list[Request]:
        """Their requests, the latest first, older than `before`."""
        return self._database.read(
            session.tenant,
            lambda tx: self._desk.of_person(tx, session.tenant, session.subject, before=before, limit=limit),
        )

    def get(self, session: Session, request: UUID) -> Standing:
        """One of them."""
        self._require(session, request)
        return self._verifying.standing(session.tenant, request)

    def verify(self, session: Session, request: UUID, by: By) -> Standing:
        """Let the session as it is now show who has made it."""
        return self._verifying.own(session, request, by)

    def withdraw(self, session: Session, request: UUID, by: By) -> Standing:
        """Take it back. Raises RequestStateError where it is too late."""
        self._require(session, request)
        self._deciding.withdraw(Case(session.tenant, request, by))
        return self._verifying.standing(session.tenant, request)

    def _require(self, session: Session, request: UUID) -> None:
        def found(tx: Transaction) -> Request:
            return self._desk.find(tx, session.tenant, request)

        if self._database.read(session.tenant, found).subject != session.subject:
            raise RequestNotFoundError
