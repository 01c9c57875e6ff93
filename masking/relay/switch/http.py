"""HTTP operations for switches."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from audit.entry import Actor, ActorKind
from masking.relay.asking import CallEvents, Router
from masking.relay.bound import By
from masking.relay.calls.events import Taken
from masking.relay.decision import Collect
from masking.relay.routing import Answer, Connected
from masking.relay.switch import messages as m
from masking.relay.switch.events import events_of
from masking.relay.switch.problems import UNKNOWN_LEG
from web.auth import caller, occasion, require
from web.direct import DirectCall, DirectOperation
from web.json_body import strict_text
from web.openapi import blueprint
from web.principal import Scope
from web.problems import ProblemError


class SwitchApi:
    """Answers switches over HTTP, and listens to them."""

    def __init__(self, router: Router, events: CallEvents) -> None:
        self._router = router
        self._events = events

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("relay_switch", about="Where calls to relay numbers go, and what became of them: for switches.")
        switch, asks = require(Scope.RELAY_ROUTE), require(Scope.RELAY_ROUTE, remembered=True)
        told: dict[Any, Any] = {204: None}
        api.post("/relay/route", responses={200: m.RouteAnswer})(asks(self.route_call))
        api.post("/relay/events", responses=told)(switch(self.tell_call))
        return api

    def route_call(self, body: m.RouteRequest) -> Response:
        """Ask where a call or a text goes

        A call that may not be connected is answered `reject` with its reason, whoever calls and whatever was dialled. A switch
        that gets no answer, or one that it does not understand, connects nobody.
        """
        now = occasion()
        return jsonify(self._answer(By(caller().tenant, now.actor, now.request, now.at), body))

    def direct(self) -> DirectOperation:
        """The same without the ways of the framework, which take longer than the call has."""
        return DirectOperation(path="/v1/relay/route", scope=Scope.RELAY_ROUTE, answer=self._directly, works=True)

    def _directly(self, call: DirectCall) -> bytes | None:
        actor = Actor(ActorKind.CREDENTIAL, call.principal.credential, call.principal.role.value)
        by = By(call.principal.tenant, actor, call.request, call.at, call.secret)
        try:
            return orjson.dumps(self._answer(by, m.RouteRequest.model_validate_json(strict_text(call.body))))
        except Exception:  # nobody was connected; what is wrong is found and told on the ordinary way
            return None

    def _answer(self, by: By, body: m.RouteRequest) -> Mapping[str, Any]:
        return answer_of(
            self._router.route(
                by,
                called=body.called.get_secret_value(),
                caller=body.caller.get_secret_value(),
                kind=body.kind,
                digits=body.digits,
            )
        )

    def tell_call(self, body: m.EventRequest) -> tuple[str, int]:
        """Tell what became of a call

        Late, twice and in any order. A leg that was not given out here, or whose record is gone, is answered 404, and nothing is
        noted.
        """
        at = occasion().at
        taken = self._events.take(caller().tenant, events_of(body, at), at)
        if Taken.UNKNOWN_LEG in taken:
            raise ProblemError(UNKNOWN_LEG)
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
