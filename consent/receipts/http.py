"""Receipts, records and the keys that sign receipts, over HTTP."""

from typing import Any

import orjson
from flask import Response
from flask_openapi.blueprint import APIBlueprint

from audit.entry import Actor, ActorKind
from consent.receipts import messages as m
from consent.receipts.issuing import Receipts
from consent.receipts.jws import jwk
from consent.receipts.receipt import Shape
from consent.records.caller import Caller
from consent.records.consent_id import event_of
from web.auth import caller, public, require
from web.context import current
from web.edge_problems import NOT_FOUND
from web.openapi import blueprint, public_blueprint
from web.principal import Scope
from web.problems import ProblemError

_CONTENT_TYPES = {Shape.JSON: "application/json", Shape.JSONLD: "application/ld+json"}


class ReceiptApi:
    """The operations of receipts."""

    def __init__(self, receipts: Receipts) -> None:
        self._receipts = receipts

    def blueprints(self) -> list[APIBlueprint]:
        """Those for callers with a credential, and those for everybody."""
        api = blueprint("receipts", about="What a person can keep of a consent and prove to anybody.")
        read = require(Scope.CONSENT_READ)
        one: dict[Any, Any] = {200: m.ReceiptAnswer}
        api.get("/subjects/<subject>/consents/<event>/receipt", responses=one)(read(self.get_receipt))
        listed: dict[Any, Any] = {200: m.RecordsAnswer}
        api.get("/subjects/<subject>/consent-records", responses=listed)(read(self.get_consent_records))
        known = public_blueprint("receipt_keys", about="The keys that sign receipts.", prefix="/.well-known")
        keys: dict[Any, Any] = {200: m.KeysAnswer}
        known.get("/jwks.json", responses=keys)(public(self.get_receipt_keys))
        return [api, known]

    def get_receipt(self, path: m.ReceiptPath, query: m.ShapeQuery) -> Response:
        """Get the signed receipt of a consent, a refusal or a withdrawal

        It holds the words that were shown and the proof that the log has the event. Until the entry is published, its log says
        pending: fetch it again after two seconds.
        """
        event = event_of(path.event)
        if event is None:
            raise ProblemError(NOT_FOUND)
        return _written(self._receipts.receipt(_caller(), path.subject, event, query.format), query.format)

    def get_consent_records(self, path: m.PersonPath, query: m.ShapeQuery) -> Response:
        """Export the records of a person's consents, one for each purpose"""
        return _written({"items": self._receipts.records(_caller(), path.subject, query.format)}, query.format)

    def get_receipt_keys(self) -> Response:
        """Get the public keys that have signed receipts, the newest first

        Whoever verifies a receipt takes them from elsewhere: a key that comes with the receipt proves nothing.
        """
        return _written({"keys": [jwk(one) for one in self._receipts.publics()]}, Shape.JSON)


def _caller() -> Caller:
    principal = caller()
    actor = Actor(ActorKind.CREDENTIAL, principal.credential, principal.role.value)
    return Caller(principal.tenant, actor, current().request_id)


def _written(answer: dict[str, Any], shape: Shape) -> Response:
    return Response(orjson.dumps(answer), content_type=_CONTENT_TYPES[shape])
