"""Coming in without showing anything, which only a demo has.

A person is handed over as the platform would hand them over, by a link that is used at once. A member of staff gets a session as
if a provider had vouched for them. Both stand in the log as any other sign-in does.
"""

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from dsar.identity.sessions import Sessions
from dsar.request import By
from pages.staff.errors import NotLetInError
from pages.staff.member import Method, State
from pages.staff.members import member_named
from pages.staff.secret_text import StaffSessionText
from pages.staff.sessions import actor_of, begin
from web.issuance import Occasion

_DEMO = Actor(ActorKind.SYSTEM)


class Entering:
    """The use cases of the front page."""

    def __init__(self, database: Database, log: AuditLog, sessions: Sessions) -> None:
        self._database = database
        self._log = log
        self._sessions = sessions

    def as_person(self, tenant: int, subject: str, now: Occasion) -> str:
        """The text of a session of a person. Raises NotShownError: they were erased."""
        by = By(now.actor, now.request, now.at)
        link = self._sessions.hand_over(tenant, subject, By(_DEMO, now.request, now.at))
        return self._sessions.by_link(tenant, link.reveal(), by).text.reveal()

    def as_official(self, tenant: int, name: str, device: str, now: Occasion) -> StaffSessionText:
        """A session of a member of staff. Raises NotLetInError: they were let go."""

        def work(tx: Transaction) -> StaffSessionText | None:
            member = member_named(tx, tenant, name)
            if member is None or member.state is not State.ACTIVE:
                return None
            group = Group(Outcome.DONE, kind=Method.PROVIDER.value, rows=[member.id])
            self._log.append(tx, Act(Action.STAFF_SIGN_IN, actor_of(member), tenant, now.at, now.request, (group,)))
            return begin(tx, member, Method.PROVIDER, device, now.at)

        text = self._database.write(tenant, work)
        if text is None:
            raise NotLetInError
        return text
