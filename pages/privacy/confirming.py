"""Entering one more code in a session: before a value is shown, and where a request takes two factors.

What is to be done afterwards stands in the form and never in an address: `then` is what, `what` is for which value or request.
"""

from collections.abc import Callable
from uuid import UUID

from flask import Response, request

from dsar.identity.errors import NoMessengerError, NotShownError, TooOftenError
from dsar.identity.session import Session
from pages.privacy.around import Around
from pages.privacy.sign_in import challenge_given, code_given, seconds
from pages.privacy.visitors import by_person

WHAT_AT_MOST = 128


class Confirming:
    """One way of asking for a code and of taking it, for all pages that need it."""

    def __init__(self, around: Around) -> None:
        self._around = around

    def ask(self, action: str, title: str, back: str, *, channels: tuple[str, ...] = ()) -> Response:
        """Have a code sent and show where to enter it; the form goes to `action` with what this request's form said."""
        session = self._around.who().session
        try:
            sent = self._around.use.asking.for_session(session, channels, self._around.locale(), by_person())
        except TooOftenError as early:
            return self._page(action, title, back, None, error="too_often", wait=seconds(early), status=429)
        except NoMessengerError:
            return self._page(action, title, back, None, error="no_messenger", status=503)
        return self._page(action, title, back, sent.id)

    def taken(self, action: str, title: str, back: str, then: Callable[[Session], Response]) -> Response:
        """What follows once the code is right; the form again where it is not."""
        challenge, code = challenge_given(), code_given()
        if challenge is None or code is None:
            return self._page(action, title, back, challenge, error="code_malformed", status=422)
        session = self._around.who().session
        try:
            stronger = self._around.use.sessions.strengthen(session, challenge, [code], by_person())
        except NotShownError:
            return self._page(action, title, back, challenge, error="code_wrong", status=422)
        return then(stronger)

    def _page(
        self,
        action: str,
        title: str,
        back: str,
        challenge: UUID | None,
        *,
        error: str | None = None,
        wait: int = 0,
        status: int = 200,
    ) -> Response:
        return self._around.page(
            "confirm",
            status=status,
            action=action,
            heading=title,
            back=back,
            challenge=None if challenge is None else str(challenge),
            what=request.form.get("what", "")[:WHAT_AT_MOST],
            error=error,
            wait=wait,
        )


def other_channel(session: Session) -> tuple[str, ...]:
    """The channel that would make two factors with what the session rests on; any where the platform's word stands already."""
    if session.platform_at is not None:
        return ()
    return ("email",) if session.sms_at is not None else ("sms",)
