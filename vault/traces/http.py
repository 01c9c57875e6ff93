"""HTTP operations on couriers' positions."""

from typing import Any

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from database.columns import millis, rfc3339
from vault.access import Acting, Caller
from vault.messages import OrderPath
from vault.traces import messages as m
from vault.traces.position import CELL_DEGREES, CELL_METRES, UNKNOWN_ACCURACY, Cell, Position
from vault.traces.tracking import Tracking
from web.auth import caller, demand, occasion, require
from web.context import current
from web.edge_problems import INVALID_REQUEST
from web.openapi import blueprint
from web.principal import Scope
from web.problems import FieldError, ProblemError
from work.http_replay import replay_of_call

CUSTOMER = "customer"
PAST_MS = 6 * 3_600_000
AHEAD_MS = 300_000
"""How far a device's clock may be from this one's."""


class TraceApi:
    """Positions over HTTP."""

    def __init__(self, tracking: Tracking) -> None:
        self._tracking = tracking

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint(
            "positions", about="Where the courier of an order is: exactly for its customer, coarsely for others."
        )
        positions = "/orders/<order>/positions"
        api.post(positions, responses={204: None})(require(Scope.TRACES_WRITE)(self.record_positions))
        api.get(positions, responses={200: m.PositionsAnswer})(require(Scope.TRACES_READ)(self.show_positions))
        return api

    def record_positions(self, path: OrderPath, body: m.PositionsRequest) -> tuple[str, int]:
        """Store positions of the courier who has an order"""
        now = occasion().at
        found = [Position.of(one.latitude, one.longitude, millis(one.at), one.accuracy) for one in body.positions]
        for place, one in enumerate(found):
            if not now - PAST_MS <= one.at <= now + AHEAD_MS:
                field = FieldError(f"positions.{place}.at", "out_of_time", "Up to six hours ago, and not to come.")
                raise ProblemError(INVALID_REQUEST, errors=[field])
        self._tracking.record(_caller(), path.order, body.courier, found, replay_of_call())
        return "", 204

    def show_positions(self, path: OrderPath, query: m.PositionsQuery) -> Response:
        """Show where the courier of an order is, or which cells they went through"""
        if query.customer is not None:
            demand(Scope.ACT_AS_CUSTOMER)
        asked = _caller(query.customer)
        seen = self._tracking.look(asked, path.order, purpose=query.purpose, limit=query.limit)
        if query.customer is not None:
            return jsonify(view="plain", positions=[_position(one) for one in seen.positions])
        shown = [_cell(one) for one in seen.cells]
        return jsonify(view="masked", cells=shown, cell_degrees=CELL_DEGREES, cell_metres=CELL_METRES)


def _caller(customer: str | None = None) -> Caller:
    principal = caller()
    acting = None if customer is None else Acting(CUSTOMER, customer)
    return Caller(principal.tenant, principal.credential, principal.role.value, current().request_id, acting=acting)


def _position(one: Position) -> dict[str, Any]:
    latitude, longitude = one.degrees
    accuracy = None if one.accuracy == UNKNOWN_ACCURACY else one.accuracy
    return {"latitude": latitude, "longitude": longitude, "at": rfc3339(one.at), "accuracy": accuracy}


def _cell(one: Cell) -> dict[str, Any]:
    latitude, longitude = one.degrees
    return {"latitude": latitude, "longitude": longitude, "at": rfc3339(one.at)}
