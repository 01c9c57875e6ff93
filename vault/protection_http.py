"""HTTP operations of freezes and honey tokens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from database.columns import rfc3339
from vault import protection_messages as m
from vault.access import Caller
from vault.protection.errors import FreezeNotFoundError, SamePersonError
from vault.protection.freeze import FreezeReason, Frozen
from vault.protection.freezing import Asked, Freezing, Shown
from vault.protection.honey import HoneyTokens
from web.auth import caller, require
from web.context import current
from web.edge_problems import NOT_FOUND
from web.openapi import blueprint
from web.principal import Scope
from web.problems import Problem
from work.http_replay import replay_of_call

FROZEN_BY_YOU = Problem(
    "frozen_by_you",
    409,
    "Another person lifts a freeze",
    "The credential that asked for a freeze does not lift it: it takes a second person to say that the cause is gone.",
    "Have somebody else with the scope protection:manage lift it.",
)
PROBLEMS: Mapping[type[Exception], Problem] = {FreezeNotFoundError: NOT_FOUND, SamePersonError: FROZEN_BY_YOU}


@dataclass(frozen=True, slots=True)
class ProtectionUses:
    """What the operations call."""

    freezing: Freezing
    honey: HoneyTokens


class ProtectionApi:
    """Freezes and honey tokens over HTTP. `region_of` tells the default region of a tenant."""

    def __init__(self, use: ProtectionUses, region_of: Callable[[int], str]) -> None:
        self._use = use
        self._region_of = region_of

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("protection", about="Stop somebody at once, and hear when tokens were taken.")
        guarded = require(Scope.PROTECTION_MANAGE)
        one: dict[Any, Any] = {200: m.FreezeAnswer}
        api.post("/freezes", responses=one)(guarded(self.make_freeze))
        api.get("/freezes", responses={200: m.FreezesPage})(guarded(self.list_freezes))
        api.delete("/freezes/<int:freeze>", responses=one)(guarded(self.lift_freeze))
        api.post("/honey-tokens", responses={200: m.HoneyMade})(guarded(self.make_honey_token))
        api.get("/honey-tokens", responses={200: m.HoneyPage})(guarded(self.list_honey_tokens))
        return api

    def make_freeze(self, body: m.FreezeRequest) -> Response:
        """Freeze a person's data, a courier or a credential, at once

        What is frozen already stays frozen, and the answer is its freeze.
        """
        asked = Asked(body.kind, body.subject, body.credential, FreezeReason(body.reason))
        return jsonify(_freeze(self._use.freezing.freeze(self._caller(), asked)))

    def list_freezes(self, query: m.PageQuery) -> Response:
        """List the freezes in force, by page"""
        found = self._use.freezing.page(self._caller(), after=int(query.cursor or 0), limit=query.limit)
        more = str(found[-1].freeze.id) if len(found) == query.limit else None
        return jsonify(items=[_freeze(one) for one in found], next_cursor=more)

    def lift_freeze(self, path: m.FreezePath) -> Response:
        """Lift a freeze that somebody else asked for"""
        return jsonify(_freeze(self._use.freezing.lift(self._caller(), path.freeze)))

    def make_honey_token(self, body: m.HoneyRequest) -> Response:
        """Make a token that stands for nothing and tells when somebody presents it"""
        token = self._use.honey.make(
            self._caller(), body.kind, body.place, freezes=body.freeze, replay=replay_of_call()
        )
        return jsonify(token=token)

    def list_honey_tokens(self, query: m.PageQuery) -> Response:
        """List honey tokens without their texts, by page"""
        found = self._use.honey.page(self._caller(), after=int(query.cursor or 0), limit=query.limit)
        items = [
            {
                "honey": one.record,
                "kind": one.kind,
                "place": one.place,
                "freeze": one.freezes,
                "made_at": rfc3339(one.made_at),
                "trips": one.trips,
                "tripped_at": None if one.tripped_at is None else rfc3339(one.tripped_at),
            }
            for one in found
        ]
        return jsonify(items=items, next_cursor=str(found[-1].record) if len(found) == query.limit else None)

    def _caller(self) -> Caller:
        principal = caller()
        region = self._region_of(principal.tenant)
        return Caller(principal.tenant, principal.credential, principal.role.value, current().request_id, region)


def _freeze(shown: Shown) -> dict[str, Any]:
    freeze = shown.freeze
    return {
        "freeze": freeze.id,
        "kind": freeze.kind.value,
        "subject": shown.subject,
        "credential": freeze.target if freeze.kind is Frozen.CREDENTIAL else None,
        "reason": freeze.reason.value,
        "by": freeze.frozen_by,
        "since": rfc3339(freeze.frozen_at),
        "lifted_at": None if freeze.lifted_at is None else rfc3339(freeze.lifted_at),
    }
