"""HTTP operations for switches."""

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from masking.relay.asking import CallEvents, Router
from masking.relay.bound import By
from masking.relay.decision import Collect
from masking.relay.routing import Answer, Connected
from masking.relay.switch import messages as m
from masking.relay.switch.events import events_of
from web.auth import caller, occasion, require
from web.openapi import blueprint
from web.principal import Scope


class SwitchApi:
    """Answers switches over HTTP, and listens to them."""

    def __init__(self, router: Router, events: CallEvents) -> None:
        self._router = router
        self._events = events

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("relay_switch", about="Where calls to relay numbers go, and what became of them: for switches.")
        switch = require(Scope.RELAY_ROUTE)
        told: dict[Any, Any] = {204: None}
        api.post("/relay/route", responses={200: m.RouteAnswer})(switch(self.route_call))
        api.post("/relay/events", responses=told)(switch(self.tell_call))
        return api

    def route_call(self, body: m.RouteRequest) -> Response:
        """Ask where a call or a text goes

        A call that may not be connected is answered `reject` with its reason, whoever calls and whatever was dialled. A switch
        that gets no answer, or one that it does not understand, connects nobody.
        """
        now = occasion()
        by = By(caller().tenant, now.actor, now.request, now.at)
        answer = self._router.route(
            by,
            called=body.called.get_secret_value(),
            caller=body.caller.get_secret_value(),
            kind=body.kind,
            digits=body.digits,
        )
        return jsonify(answer_of(answer))

    def tell_call(self, body: m.EventRequest) -> tuple[str, int]:
        """Tell what became of a call

        Of a call that nobody knows, or not any more, nothing is noted.
        """
        at = occasion().at
        self._events.tell(caller().tenant, events_of(body, at), at)
        return "", 204


def answer_of(answer: Answer) -> Mapping[str, Any]:
    """A decision as a switch is told it. `to` is the only field that holds somebody's number."""
    if isinstance(answer, Connected):
        return {
            "action": "connect",
            "to": answer.to,
            "present": answer.present,
            "binding": answer.binding,
            "leg": answer.leg,
            "max_seconds": answer.max_seconds,
            "record": answer.record,
        }
    if isinstance(answer, Collect):
        return {"action": "collect", "digits": answer.digits}
    return {"action": "reject", "reason": answer.reason.value}
