"""Withdrawing a person's consents in their name, because they asked for it by a request of theirs (PIPL 15, GDPR 7(3))."""

from collections.abc import Collection
from uuid import UUID

from audit.entry import Actor, ActorKind
from consent.records import store
from consent.records.caller import Caller
from consent.records.judgement import Submission
from consent.records.recording import Recorded, Recording
from consent.records.standing import GRANTS, State
from database.engine import Database

METHOD = "request"


class RequestedWithdrawal:
    """Withdraws what is in force."""

    def __init__(self, database: Database, recording: Recording) -> None:
        self._database = database
        self._recording = recording

    def withdraw(
        self, tenant: int, subject: int, platform_id: str, *, purposes: Collection[str] | None, request: UUID
    ) -> list[str]:
        """Withdraw the consents of a person, by the internal number and the platform's id, to these purposes or to all; the
        purposes whose consent was withdrawn. What is not in force any more is left as it is. `request` stands in the log."""
        rows = self._database.read(tenant, lambda tx: tx.all(store.STANDINGS, rows=[(subject,)], tenant=tenant))
        given = sorted(purpose for _, purpose, state, *_ in rows if State(state) in GRANTS)
        wanted = [purpose for purpose in given if purposes is None or purpose in purposes]
        if not wanted:
            return []
        items = [Submission(platform_id, purpose, State.WITHDRAWN, method=METHOD) for purpose in wanted]
        caller = Caller(tenant, Actor(ActorKind.SYSTEM), str(request))
        answers = self._recording.record(caller, items)
        return [purpose for purpose, answer in zip(wanted, answers, strict=True) if isinstance(answer, Recorded)]
