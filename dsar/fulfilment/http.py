"""HTTP operations of the lesser rights."""

from typing import Any

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from dsar.fulfilment import messages as m
from dsar.fulfilment.correcting import CorrectionDesk
from dsar.fulfilment.errors import CorrectionRefusedError
from dsar.fulfilment.lifting import LiftDesk
from dsar.fulfilment.problems import CORRECTION_REFUSED
from dsar.request import By
from web.auth import caller, occasion, require
from web.openapi import blueprint
from web.principal import Scope
from web.problems import FieldError, ProblemError


class FulfilmentApi:
    """Corrections, and the end of restrictions, over HTTP."""

    def __init__(self, corrections: CorrectionDesk, lifting: LiftDesk) -> None:
        self._corrections = corrections
        self._lifting = lifting

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("fulfilment", about="What some rights need beside their request.")
        manage = require(Scope.DSAR_MANAGE)
        api.put("/requests/<request>/corrections", responses={204: None})(manage(self.put_corrections))
        accepted: dict[Any, Any] = {202: m.LiftAnswer}
        api.post("/requests/<request>/lift", responses=accepted)(manage(self.lift_restriction))
        return api

    def put_corrections(self, path: m.RequestPath, body: m.CorrectionsRequest) -> tuple[str, int]:
        """Say what a rectification is to put right

        The values are kept sealed until the request has been carried out. Said again, they take the place of those before.
        """
        said = {field: value.get_secret_value() for field, value in body.fields.items()}
        try:
            self._corrections.submit(caller().tenant, path.request, said, _by(), allowed=lambda _: True)
        except CorrectionRefusedError as error:
            field = FieldError(f"fields.{error.field}", error.code, "This cannot be what the field says.")
            raise ProblemError(CORRECTION_REFUSED, errors=[field]) from None
        return "", 204

    def lift_restriction(self, path: m.RequestPath) -> tuple[Response, int]:
        """End what a request for restriction has restricted; the person is told"""
        job = self._lifting.lift(caller().tenant, path.request, _by())
        return jsonify(request=str(path.request), job=str(job)), 202


def _by() -> By:
    now = occasion()
    return By(now.actor, now.request, now.at)
