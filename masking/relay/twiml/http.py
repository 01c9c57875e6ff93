"""Webhooks of switches that fetch TwiML. Each is posted by the switch, signed, and counts once."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint

from database.engine import Database
from masking.relay.accounts.seen import first_time
from masking.relay.asking import CallEvents, Router
from masking.relay.decision import RefusalReason, Refuse
from masking.relay.routing import Answer
from masking.relay.telling import LOCALES, told
from masking.relay.text.passing import Passed, Texts, Written
from masking.relay.twiml.answering import TRIES, Addresses, answered, recording_notice
from masking.relay.twiml.entering import Entrance, Posted, posted
from masking.relay.twiml.errors import MalformedFormError, RepeatedError
from masking.relay.twiml.events import events_of
from masking.relay.twiml.verbs import CONTENT_TYPE, Reply
from web.auth import marked
from web.context import current
from web.json_body import Body
from web.logs import failure_line
from web.openapi import public_blueprint

_DOCUMENT: dict[Any, Any] = {
    200: {"description": "TwiML", "content": {"text/xml": {"schema": {"type": "string"}}}},
}


class AccountPath(Body):
    account: int


class TwimlApi:
    """The webhooks."""

    def __init__(
        self, database: Database, entrance: Entrance, router: Router, events: CallEvents, texts: Texts
    ) -> None:
        self._database = database
        self._entrance = entrance
        self._router = router
        self._events = events
        self._texts = texts

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = public_blueprint(
            "relay_twiml", about="Webhooks of switches that fetch TwiML, which sign what they post.", prefix="/v1"
        )
        signed = marked(self._entrance.access())
        views: dict[str, Callable[..., Any]] = {
            "voice": self.twiml_voice,
            "after": self.twiml_after,
            "status": self.twiml_status,
            "notice": self.twiml_notice,
            "messages": self.twiml_messages,
        }
        for name, view in views.items():
            api.post(f"/relay/twiml/<int:account>/{name}", responses=_DOCUMENT)(signed(view))
        return api

    def twiml_voice(self, path: AccountPath) -> Response:  # noqa: ARG002 - the door has read it
        """A call came in, or its caller has keyed in digits"""
        came = posted()
        tries = _tries()
        self._once(came, f"voice {came.form.need('CallSid')} {tries}")
        called, digits = came.form.need("To"), came.form.get("Digits")
        answer = self._answer(came, called, digits if tries > 1 else None)
        where = Addresses(f"/v1/relay/twiml/{came.account.id}")
        return _document(answered(answer, came.account.language, where, tries=tries, keyed=len(digits)))

    def twiml_after(self, path: AccountPath) -> Response:  # noqa: ARG002
        """A call that was connected is over"""
        came = posted()
        self._tell(came, came.form.get("DialCallStatus"), came.form.number("DialCallDuration"))
        return _document(Reply(came.account.language).hang_up().octets())

    def twiml_status(self, path: AccountPath) -> Response:  # noqa: ARG002
        """Whoever is called rings, answers or hangs up"""
        came = posted()
        self._tell(came, came.form.get("CallStatus"), came.form.number("CallDuration"))
        return _document(Reply(came.account.language).octets())

    def twiml_notice(self, path: AccountPath) -> Response:  # noqa: ARG002
        """Whoever is called has answered a call that is recorded"""
        return _document(recording_notice(posted().account.language))

    def twiml_messages(self, path: AccountPath) -> Response:  # noqa: ARG002
        """A text came in

        Pictures and other media are not passed on.
        """
        came = posted()
        form = came.form
        self._once(came, f"message {form.need('MessageSid')}")
        text = "STOP" if form.get("OptOutType") == "STOP" else form.get("Body")
        passed = self._texts.pass_on(came.by(), Written(form.need("To"), form.get("From"), text))
        reply = Reply(came.account.language)
        if isinstance(passed, Passed):
            reply.message(passed.to, present=passed.present, text=passed.text)
        elif passed.word is not None:
            reply.write_back(told(passed.word, LOCALES[came.account.language]))
        return _document(reply.octets())

    def _answer(self, came: Posted, called: str, digits: str | None) -> Answer:
        """What the relay says; that it cannot say anything is a refusal as well, which its caller hears."""
        try:
            return self._router.route(came.by(), called=called, caller=came.form.get("From"), digits=digits)
        except Exception as error:
            failure_line(error, current().request_id)
            return Refuse(RefusalReason.UNAVAILABLE)

    def _tell(self, came: Posted, status: str, seconds: int | None) -> None:
        at = current().at
        leg = _leg()
        if leg is not None and (events := events_of(leg, status, seconds, at)):
            self._events.tell(came.account.tenant, events, at)

    def _once(self, came: Posted, what: str) -> None:
        """Raises RepeatedError: it came before."""
        place = {"tenant": came.account.tenant, "account": came.account.id, "at": current().at}
        if not self._database.write(came.account.tenant, lambda tx: first_time(tx, what=what, **place)):
            raise RepeatedError


def _document(octets: bytes) -> Response:
    return Response(octets, content_type=CONTENT_TYPE)


def _tries() -> int:
    """Which asking this is. Raises MalformedFormError: the query, which is signed, was not made here."""
    written = request.args.get("try", "1")
    if written not in {str(one) for one in range(1, TRIES + 1)}:
        raise MalformedFormError
    return int(written)


def _leg() -> str | None:
    try:
        return str(UUID(request.args.get("leg", "")))
    except ValueError:
        return None
