"""HTTP operations of the lesser rights."""

from typing import Any

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from dsar.fulfilment import messages as m
from dsar.fulfilment.lifting import LiftDesk
from dsar.request import By
from web.auth import caller, occasion, require
from web.openapi import blueprint
from web.principal import Scope


class FulfilmentApi:
    """The end of restrictions, over HTTP."""

    def __init__(self, lifting: LiftDesk) -> None:
        self._lifting = lifting

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("fulfilment", about="What comes after some requests.")
        accepted: dict[Any, Any] = {202: m.LiftAnswer}
        api.post("/requests/<request>/lift", responses=accepted)(require(Scope.DSAR_MANAGE)(self.lift_restriction))
        return api

    def lift_restriction(self, path: m.RequestPath) -> tuple[Response, int]:
        """End what a request for restriction has restricted; the person is told"""
        now = occasion()
        job = self._lifting.lift(caller().tenant, path.request, By(now.actor, now.request, now.at))
        return jsonify(request=str(path.request), job=str(job)), 202
