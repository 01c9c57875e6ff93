"""HTTP operations on breaches, for privacy officers."""

from typing import Any

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from database.columns import millis, rfc3339
from dsar.alerts import messages as m
from dsar.alerts.breach import Breach, Facts
from dsar.alerts.reporting import Breaches
from dsar.request import By
from web.auth import caller, occasion, require
from web.openapi import blueprint
from web.principal import Scope
from work.http_replay import replay_of_call


class BreachApi:
    """Breaches over HTTP."""

    def __init__(self, breaches: Breaches) -> None:
        self._breaches = breaches

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("breaches", about="Tell people of a breach of security that concerns them.")
        manage = require(Scope.DSAR_MANAGE)
        made: dict[Any, Any] = {201: m.ReportedAnswer}
        api.post("/breaches", responses=made)(manage(self.report_breach))
        api.get("/breaches", responses={200: m.BreachesPage})(manage(self.list_breaches))
        api.get("/breaches/<breach>", responses={200: m.BreachAnswer})(manage(self.get_breach))
        return api

    def report_breach(self, body: m.BreachRequest) -> tuple[Response, int]:
        """Report a breach and the people whom it concerns

        They are told, each in their own language, once a second person has approved the job.
        """
        facts = Facts(
            kinds=tuple(dict.fromkeys(body.kinds)),
            cause=body.cause,
            harms=tuple(dict.fromkeys(body.harms)),
            measures=tuple(dict.fromkeys(body.measures)),
            advice=tuple(dict.fromkeys(body.advice)),
            happened_at=millis(body.happened_at),
        )
        made = self._breaches.report(caller().tenant, facts, body.subjects, _by(), replay_of_call())
        return jsonify(breach=str(made.id), job=str(made.job), people=made.people, unknown=made.unknown), 201

    def list_breaches(self, query: m.BreachesQuery) -> Response:
        """List breaches, the latest first"""
        found = self._breaches.page(caller().tenant, _by(), before=query.cursor, limit=query.limit)
        more = str(found[-1].id) if len(found) == query.limit else None
        return jsonify(items=[_answer(one) for one in found], next_cursor=more)

    def get_breach(self, path: m.BreachPath) -> Response:
        """Look how far the telling of a breach is"""
        return jsonify(_answer(self._breaches.get(caller().tenant, path.breach, _by())))


def _by() -> By:
    now = occasion()
    return By(now.actor, now.request, now.at)


def _answer(one: Breach) -> dict[str, Any]:
    facts = one.facts
    return {
        "breach": str(one.id),
        "kinds": list(facts.kinds),
        "cause": facts.cause,
        "harms": list(facts.harms),
        "measures": list(facts.measures),
        "advice": list(facts.advice),
        "happened_at": rfc3339(facts.happened_at),
        "reported_at": rfc3339(one.reported_at),
        "job": str(one.job),
        "people": one.people,
        "told": one.told,
        "unreachable": one.unreachable,
    }
