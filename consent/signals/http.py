"""Global Privacy Control over HTTP."""

from collections.abc import Collection

from flask import Response, jsonify, request
from flask_openapi.blueprint import APIBlueprint

from audit.entry import Actor, ActorKind, Reason
from consent.errors import SubjectNotFoundError
from consent.records.caller import Caller
from consent.records.consent_id import consent_id
from consent.signals import messages as m
from consent.signals.gpc import GlobalPrivacyControl, said_by
from web.auth import caller, public, require
from web.context import current
from web.edge_problems import INVALID_REQUEST
from web.openapi import blueprint, public_blueprint
from web.principal import Scope
from web.problems import FieldError, ProblemError

HONOURED_SINCE = "2026-11-22"
"""The day of the first version that honours the signal."""

_PERSONAL = FieldError(
    "subject", "subject_is_personal", "an id that reads as a phone, ID, card or e-mail address is not stored"
)


class SignalApi:
    """The operations of signals."""

    def __init__(self, gpc: GlobalPrivacyControl) -> None:
        self._gpc = gpc

    def blueprints(self) -> list[APIBlueprint]:
        """Those for callers with a credential, and those for everybody."""
        api = blueprint("signals", about="What a person's browser says for them.")
        api.post("/signals/gpc", responses={200: m.SignalAnswer})(require(Scope.CONSENT_WRITE)(self.signal_gpc))
        known = public_blueprint("gpc_support", about="That Global Privacy Control is honoured.", prefix="/.well-known")
        known.get("/gpc.json", responses={200: m.GpcSupport})(public(self.get_gpc_support))
        return [api, known]

    def note(self, by: Caller, platform_ids: Collection[str], channel: str | None) -> None:
        """Honour the signal of these people if the call at hand carries it as the header `Sec-GPC`."""
        if said_by(request.headers.getlist("Sec-GPC")):
            self._gpc.opt_out(by, platform_ids, channel)

    def signal_gpc(self, body: m.SignalRequest) -> Response:
        """Honour a Global Privacy Control signal

        The person is opted out of every purpose that the catalogue marks. Repeating a signal changes nothing, and a consent that
        the person gave explicitly after the first one stands.
        """
        principal = caller()
        actor = Actor(ActorKind.CREDENTIAL, principal.credential, principal.role.value)
        by = Caller(principal.tenant, actor, current().request_id)
        answer = self._gpc.opt_out(by, [body.subject], body.channel)[body.subject]
        if answer is Reason.INVALID:
            raise ProblemError(INVALID_REQUEST, errors=[_PERSONAL])
        if isinstance(answer, Reason):
            raise SubjectNotFoundError
        items = [
            {"purpose": one.purpose, "outcome": one.outcome.value, "consent": consent_id(one.event)} for one in answer
        ]
        return jsonify(subject=body.subject, honored=True, items=items)

    def get_gpc_support(self) -> Response:
        """Tell that Global Privacy Control is honoured"""
        return jsonify(gpc=True, lastUpdate=HONOURED_SINCE)
