"""A person's requests: the list, and each with its story, its due date, what is still needed, and what can be done about it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request

from dsar.desk.errors import RequestNotFoundError, RequestStateError
from dsar.desk.moves import Move
from dsar.desk.own_story import Happening, Letter, Story
from dsar.disclosure.choosing import DISCLOSED
from dsar.disclosure.errors import PackageNotFoundError
from dsar.disclosure.fetching import NEEDED, NEEDED_FOR_RULES
from dsar.disclosure.ports import Visitor
from dsar.identity.errors import NotShownError
from dsar.identity.own import LAST
from dsar.identity.session import Session
from dsar.identity.verifying import Standing
from dsar.request import ENDED, Request, RequestState
from dsar.right import Right
from pages.privacy.around import Around
from pages.privacy.asking import OFFERED, offered
from pages.privacy.confirming import Confirming, other_channel
from pages.privacy.visitors import at, by_person
from web.context import current
from web.edge_problems import NOT_FOUND
from web.problems import ProblemError

PAGE = 20
WORDS = {right: what for what, right in OFFERED.items()}
WORDS[Right.CONSENT_WITHDRAWAL] = "withdraw"
"""The word of each right in the texts."""

BAD = frozenset({Move.DENY, Move.EXPIRE, Move.BREACH, Move.RESTRICT})
_WAITS_FOR_PERSON = frozenset(
    {RequestState.RECEIVED, RequestState.ACKNOWLEDGED, RequestState.VERIFYING, RequestState.NEEDS_INFO}
)


class Requests:
    """The views of requests that were made."""

    def __init__(self, around: Around, confirming: Confirming) -> None:
        self._around = around
        self._confirming = confirming

    def add(self, pages: Blueprint) -> None:
        """Enter the views."""
        inside = self._around.doors.inside
        one = "/requests/<number>"
        pages.add_url_rule("/requests", "requests", inside(self.list), methods=["GET"])
        pages.add_url_rule(one, "request", inside(self.show), methods=["GET"])
        pages.add_url_rule(f"{one}/withdraw", "withdraw", inside(self.ask_withdrawal), methods=["GET"])
        pages.add_url_rule(f"{one}/withdraw", "take_back", inside(self.withdraw), methods=["POST"])
        pages.add_url_rule(f"{one}/confirm", "confirm", inside(self.confirm), methods=["POST"])
        pages.add_url_rule(f"{one}/confirm/code", "confirm_by_code", inside(self.confirm_by_code), methods=["POST"])
        pages.add_url_rule(f"{one}/package", "fetch", inside(self.fetch), methods=["POST"])
        pages.add_url_rule(f"{one}/package/code", "fetch_by_code", inside(self.fetch_by_code), methods=["POST"])

    def list(self, tenant: str) -> Response:  # noqa: ARG002 - stands in every address
        """All of them, the latest first, and what can be asked for."""
        person, before = self._around.who(), _number(request.args.get("before", "")) or LAST
        found = self._around.use.own.page(person.session, before=before, limit=PAGE)
        more = at("requests", before=str(found[-1].id)) if len(found) == PAGE else None
        return self._around.page(
            "requests",
            requests=[_row(one) for one in found],
            offered=offered(self._around.use.regime_of(person.tenant)),
            next=more,
            first=at("requests") if before != LAST else None,
        )

    def show(self, tenant: str, number: str) -> Response:  # noqa: ARG002 - stands in every address
        """One with its story."""
        return self._shown(number)

    def ask_withdrawal(self, tenant: str, number: str) -> Response:  # noqa: ARG002 - stands in every address
        """Whether it is really to be taken back."""
        self._story(number)
        site = self._around.site
        return site.page(
            "shell/confirm.html",
            title=site.say("privacy.withdraw.title"),
            about=site.say("privacy.withdraw.about"),
            action=at("take_back", number=number),
            yes=site.say("privacy.withdraw.confirm"),
            no_url=at("request", number=number),
        )

    def withdraw(self, tenant: str, number: str) -> Response:  # noqa: ARG002 - stands in every address
        """Take it back."""
        session = self._around.who().session
        try:
            self._around.use.own.withdraw(session, _required(number), by_person())
        except RequestStateError:
            return self._around.site.go(at("request", number=number), said="privacy.said.too_late")
        except RequestNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        return self._around.site.go(at("request", number=number), said="privacy.said.taken_back")

    def confirm(self, tenant: str, number: str) -> Response:  # noqa: ARG002 - stands in every address
        """Show that it is really oneself: by the session as it is, or by one more code."""
        session, standing = self._around.who().session, self._standing(number)
        if session.level(current().at) >= standing.required.level:
            return self._verified(session, number)
        action, back = at("confirm_by_code", number=number), at("request", number=number)
        return self._confirming.ask(action, "privacy.confirm.request", back, channels=other_channel(session))

    def confirm_by_code(self, tenant: str, number: str) -> Response:  # noqa: ARG002 - stands in every address
        """By the code that was sent."""
        self._standing(number)
        action, back = at("confirm_by_code", number=number), at("request", number=number)
        return self._confirming.taken(
            action, "privacy.confirm.request", back, lambda session: self._verified(session, number)
        )

    def fetch(self, tenant: str, number: str) -> Response:  # noqa: ARG002 - stands in every address
        """A new link to what was made for it, which leads to its page; a code first where the session is not sure enough."""
        session, story = self._around.who().session, self._story(number)
        needed = NEEDED_FOR_RULES if story.record.right is Right.EXPLANATION else NEEDED
        if session.level(current().at) >= needed:
            return self._fetched(session, number)
        action, back = at("fetch_by_code", number=number), at("request", number=number)
        return self._confirming.ask(action, "privacy.confirm.package", back, channels=other_channel(session))

    def fetch_by_code(self, tenant: str, number: str) -> Response:  # noqa: ARG002 - stands in every address
        """By the code that was sent."""
        self._story(number)
        action, back = at("fetch_by_code", number=number), at("request", number=number)
        return self._confirming.taken(
            action, "privacy.confirm.package", back, lambda session: self._fetched(session, number)
        )

    def _verified(self, session: Session, number: str) -> Response:
        try:
            standing = self._around.use.own.verify(session, _required(number), by_person())
        except (NotShownError, RequestStateError):
            return self._around.site.go(at("request", number=number), said="privacy.said.too_late")
        said = "confirmed" if standing.verified else "confirmed_partly"
        return self._around.site.go(at("request", number=number), said=f"privacy.said.{said}")

    def _fetched(self, session: Session, number: str) -> Response:
        visitor = Visitor(session.tenant, session.subject, session.level(current().at))
        try:
            link = self._around.use.fetching.linked(visitor, _required(number), by_person())
        except PackageNotFoundError:
            return self._around.site.go(at("request", number=number), said="privacy.said.no_package")
        return self._around.site.go(at("package", link=link.text))

    def _shown(self, number: str) -> Response:
        story, standing = self._story(number), self._standing(number)
        record, moments = story.record, self._around.site.moments()
        waits = record.state in _WAITS_FOR_PERSON and not standing.verified
        late = record.state not in ENDED and record.stands_since is None and current().at > record.due_at
        done = record.state is RequestState.COMPLETED and record.right in DISCLOSED
        return self._around.page(
            "request",
            number=number,
            what=WORDS[record.right],
            state=_state(record.state, standing),
            ended=record.state in ENDED,
            late=late,
            received_at=record.received_at,
            due_at=record.due_at,
            now=moments.now,
            needs_code=waits and not standing.lacking,
            twin=None if record.twin is None else str(record.twin),
            withdrawable=story.withdrawable,
            downloadable=done,
            steps=[self._step(one, last=one is story.happenings[-1], story=story) for one in story.happenings],
        )

    def _step(self, one: Happening, *, last: bool, story: Story) -> dict[str, Any]:
        """One line of the timeline; the message that the person got stands under it."""
        state = "bad" if one.move in BAD else "now" if last and story.record.state not in ENDED else "done"
        return {
            "title": self._around.site.say(f"privacy.moves.{one.move}"),
            "at": one.at,
            "hint": None if one.letter is None else self._letter(one.letter),
            "state": state,
        }

    def _letter(self, letter: Letter) -> str:
        written = self._around.use.letters.written(letter.template, self._around.locale(), letter.values)
        return written.text

    def _story(self, number: str) -> Story:
        person = self._around.who()
        try:
            return self._around.use.stories.of(person.tenant, person.number, _required(number), self._around.locale())
        except RequestNotFoundError:
            raise ProblemError(NOT_FOUND) from None

    def _standing(self, number: str) -> Standing:
        try:
            return self._around.use.own.get(self._around.who().session, _required(number))
        except RequestNotFoundError:
            raise ProblemError(NOT_FOUND) from None


def _state(state: RequestState, standing: Standing) -> str:
    """The state in the words of the pages: whoever has shown who they are waits for us, and not we for them."""
    return "checked" if state is RequestState.VERIFYING and standing.verified else state.value


def _row(one: Request) -> dict[str, Any]:
    return {
        "number": str(one.id),
        "what": WORDS[one.right],
        "state": one.state.value,
        "ended": one.ended,
        "received_at": one.received_at,
        "due_at": one.due_at,
    }


def _number(text: str) -> UUID | None:
    """The number of a request, in the one form that addresses have."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None


def _required(text: str) -> UUID:
    found = _number(text)
    if found is None:
        raise ProblemError(NOT_FOUND)
    return found
