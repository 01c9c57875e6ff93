"""HTTP operations of the handover of orders."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from vault import handover_messages as m
from vault import messages as vault_messages
from vault.access import Caller
from vault.handover.assigning import Handover
from vault.handover.declaring import Declaring
from vault.handover.errors import PickupRefusedError, ShiftRulesRefusedError, TableRefusedError
from vault.handover.picking_up import PickingUp
from vault.handover.preferences import Preferences
from vault.handover.statement import Statement
from web.auth import caller, require
from web.context import current
from web.openapi import blueprint
from web.principal import Scope
from web.problems import Problem, ProblemError

PICKUP_REFUSED = Problem(
    "pickup_refused",
    403,
    "The pick-up code is not taken",
    "The code is not the one of this order and its courier, or too many wrong ones were tried. The refusal has been recorded.",
    "Ask the courier to look again. After five wrong codes none is taken until the order is given to another courier.",
)
HANDOVER_TABLE = Problem(
    "handover_table",
    422,
    "The table cannot be used",
    "The YAML does not say which role sees what at which stage in the form that the service knows, or shows what is never shown.",
    "Look at the field that the answer names, and try with `moat handover table check`.",
)
SHIFT_RULES = Problem(
    "shift_rules",
    422,
    "The rules of shifts cannot be used",
    "The YAML has the hours of a shift and how many plain values a courier may be shown in it, as whole numbers.",
    "Look at the field that the answer names, and try with `moat handover shift check`.",
)
PROBLEMS: Mapping[type[Exception], Problem] = {PickupRefusedError: PICKUP_REFUSED}
FURTHER = [HANDOVER_TABLE, SHIFT_RULES]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverUses:
    """What the operations call."""

    handover: Handover
    picking_up: PickingUp
    preferences: Preferences
    declaring: Declaring
    shift_rules: Declaring


class HandoverApi:
    """The handover over HTTP. `region_of` tells the default region of a tenant."""

    def __init__(self, use: HandoverUses, region_of: Callable[[int], str]) -> None:
        self._use = use
        self._region_of = region_of

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("handover", about="Who has an order, how far it is, and what may be seen of it meanwhile.")
        api.put("/orders/<order>/assignment", responses={200: m.AssignmentAnswer})(
            require(Scope.VAULT_ORDERS)(self.put_assignment)
        )
        api.post("/orders/<order>/pickup", responses={200: m.PickupAnswer})(
            require(Scope.VAULT_PICKUP)(self.post_pickup)
        )
        preferences = "/subjects/<subject>/preferences"
        answer: dict[Any, Any] = {200: m.PreferencesAnswer}
        api.get(preferences, responses=answer)(require(Scope.VAULT_SUBJECTS)(self.get_preferences))
        api.put(preferences, responses=answer)(require(Scope.VAULT_SUBJECTS)(self.put_preferences))
        table: dict[Any, Any] = {200: m.TableAnswer}
        api.get("/handover/table", responses=table)(require(Scope.HANDOVER_READ)(self.get_handover_table))
        api.put("/handover/table", responses=table)(require(Scope.HANDOVER_MANAGE)(self.put_handover_table))
        rules: dict[Any, Any] = {200: m.RulesAnswer}
        api.get("/handover/shift-rules", responses=rules)(require(Scope.HANDOVER_READ)(self.get_shift_rules))
        api.put("/handover/shift-rules", responses=rules)(require(Scope.HANDOVER_MANAGE)(self.put_shift_rules))
        return api

    def put_assignment(self, path: vault_messages.OrderPath, body: m.AssignmentRequest) -> Response:
        """Record which courier has an order, and how far it is

        The same call can be made again and again. Statements with a version are ordered by it, however late they arrive.
        """
        said = Statement(
            order=path.order,
            courier=body.courier,
            stage=body.stage,
            version=body.version,
            customer=body.customer,
            merchant=body.merchant,
            anonymous=body.anonymous,
        )
        assigned = self._use.handover.assign(self._caller(), said)
        relay = {"available": assigned.relay is not None, "x": assigned.relay} if assigned.relayed else None
        return jsonify(
            order=assigned.order,
            courier=assigned.courier,
            stage=assigned.stage.value,
            version=assigned.version,
            applied=assigned.applied,
            alias=assigned.alias,
            pickup_code=assigned.pickup_code,
            relay=relay,
        )

    def post_pickup(self, path: vault_messages.OrderPath, body: m.PickupRequest) -> Response:
        """Take the pick-up code of an anonymous order

        The right code makes the order picked up. After five wrong ones none is taken until another courier comes.
        """
        taken = self._use.picking_up.pick_up(self._caller(), path.order, body.code)
        return jsonify(order=taken.order, stage=taken.stage.value, alias=taken.alias)

    def get_preferences(self, path: vault_messages.SubjectPath) -> Response:
        """Tell what a person has chosen for their orders"""
        chosen = self._use.preferences.get(self._caller(), path.subject)
        return jsonify(subject=path.subject, **chosen)

    def put_preferences(self, path: vault_messages.SubjectPath, body: m.PreferencesRequest) -> Response:
        """Store what a person chooses for their orders"""
        wanted = {name: value for name, value in body.model_dump().items() if value is not None}
        chosen = self._use.preferences.put(self._caller(), path.subject, wanted)
        return jsonify(subject=path.subject, **chosen)

    def get_handover_table(self) -> Response:
        """Show the table of what each role sees of an order at each stage"""
        return jsonify(**self._use.declaring.present(self._caller())._asdict())

    def put_handover_table(self, body: m.TableRequest) -> Response:
        """Put another table in force, at once and in every process"""
        try:
            declared = self._use.declaring.apply(self._caller(), body.source)
        except TableRefusedError as refused:
            raise ProblemError(HANDOVER_TABLE, detail=refused.detail) from None
        return jsonify(**declared._asdict())

    def get_shift_rules(self) -> Response:
        """Show how long a courier's shift lasts, and how many plain values they may be shown in it"""
        return jsonify(**self._use.shift_rules.present(self._caller())._asdict())

    def put_shift_rules(self, body: m.RulesRequest) -> Response:
        """Put other rules of shifts in force

        A process that has taken part of somebody's allowance, at most a tenth of it, may still spend that part.
        """
        try:
            declared = self._use.shift_rules.apply(self._caller(), body.source)
        except ShiftRulesRefusedError as refused:
            raise ProblemError(SHIFT_RULES, detail=refused.detail) from None
        return jsonify(**declared._asdict())

    def _caller(self) -> Caller:
        principal = caller()
        region = self._region_of(principal.tenant)
        return Caller(principal.tenant, principal.credential, principal.role.value, current().request_id, region)
