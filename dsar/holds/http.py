"""HTTP operations on legal holds."""

from typing import Any

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from database.columns import millis, rfc3339
from dsar.holds import messages as m
from dsar.holds.errors import HoldScopeError
from dsar.holds.placing import HoldDesk, Listed, Wanted
from dsar.holds.problems import HOLD_SCOPE
from dsar.request import By
from web.auth import caller, occasion, require
from web.openapi import blueprint
from web.principal import Scope
from web.problems import FieldError, ProblemError
from work.http_replay import replay_of_call

_WORDS = {
    "scope_empty": "A hold names a subject, a kind or a ref.",
    "unknown_kind": "There is no such kind.",
    "unknown_subject": "The vault knows no such person, or not any more.",
    "ref_is_personal": "The id reads as a phone, document or card number, or an e-mail.",
    "case_is_personal": "The id reads as a phone, document or card number, or an e-mail.",
}


class HoldApi:
    """Holds over HTTP."""

    def __init__(self, desk: HoldDesk) -> None:
        self._desk = desk

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("holds", about="Keep what a case needs, against every erasure and every purge.")
        manage = require(Scope.DSAR_HOLDS)
        one = "/holds/<int:hold>"
        api.post("/holds", responses={201: m.HoldAnswer})(manage(self.place_hold))
        api.get("/holds", responses={200: m.HoldsPage})(manage(self.list_holds))
        api.get(one, responses={200: m.HoldAnswer})(manage(self.get_hold))
        api.post(f"{one}/review", responses={200: m.HoldAnswer})(manage(self.review_hold))
        accepted: dict[Any, Any] = {202: m.ReleaseAnswer}
        api.delete(one, responses=accepted)(manage(self.release_hold))
        return api

    def place_hold(self, body: m.HoldRequest) -> tuple[Response, int]:
        """Hold what a case needs

        It beats every retention policy and every erasure, and holds until it is released.
        """
        scope = body.scope
        wanted = Wanted(scope.subject, scope.kind, scope.ref, body.reason, body.case, millis(body.review_at))
        by = _by()
        try:
            made = self._desk.place(caller().tenant, wanted, by, replay_of_call())
        except HoldScopeError as error:
            raise ProblemError(HOLD_SCOPE, errors=[FieldError(error.field, error.code, _WORDS[error.code])]) from None
        return jsonify(_answer(Listed(made, scope.subject), by.at)), 201

    def list_holds(self, query: m.HoldsQuery) -> Response:
        """List holds, by page"""
        found = self._desk.page(caller().tenant, released=query.released, after=query.cursor, limit=query.limit)
        more = str(found[-1].hold.id) if len(found) == query.limit else None
        at = occasion().at
        return jsonify({"items": [_answer(one, at) for one in found], "next_cursor": more})

    def get_hold(self, path: m.HoldPath) -> Response:
        """Look at a hold"""
        return jsonify(_answer(self._desk.get(caller().tenant, path.hold), occasion().at))

    def review_hold(self, path: m.HoldPath, body: m.ReviewRequest) -> Response:
        """Note that a hold is still needed, until a further date"""
        by = _by()
        return jsonify(_answer(self._desk.review(caller().tenant, path.hold, millis(body.review_at), by), by.at))

    def release_hold(self, path: m.HoldPath) -> tuple[Response, int]:
        """Ask for the release of a hold, which a second person must approve

        Requests that waited for it go on by themselves then.
        """
        job = self._desk.ask_release(caller().tenant, path.hold, _by())
        return jsonify(hold=path.hold, job=str(job)), 202


def _by() -> By:
    now = occasion()
    return By(now.actor, now.request, now.at)


def _answer(listed: Listed, at: int) -> dict[str, Any]:
    hold = listed.hold
    return {
        "hold": hold.id,
        "scope": {"subject": listed.subject, "kind": hold.scope.kind or None, "ref": hold.scope.ref or None},
        "reason": hold.reason.value,
        "case": hold.case,
        "placed_by": hold.placed_by,
        "placed_at": rfc3339(hold.placed_at),
        "review_at": rfc3339(hold.review_at),
        "overdue": hold.overdue(at),
        "released_at": None if hold.released_at is None else rfc3339(hold.released_at),
    }
