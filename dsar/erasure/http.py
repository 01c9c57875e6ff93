"""Plans and certificates of erasures over HTTP."""

from typing import Any

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from database.columns import rfc3339
from dsar.erasure import messages as m
from dsar.erasure.certifying import Certifying
from dsar.erasure.law import Laws
from dsar.erasure.plan import Line
from dsar.erasure.planning import Planning, Shown
from dsar.erasure.state import Waiting
from dsar.request import By
from web.auth import caller, occasion, require
from web.openapi import blueprint
from web.principal import Scope


class ErasureApi:
    """The operations of this module."""

    def __init__(self, planning: Planning, certifying: Certifying, laws: Laws) -> None:
        self._planning = planning
        self._certifying = certifying
        self._laws = laws

    def blueprint(self) -> APIBlueprint:
        """The operations."""
        api = blueprint("erasures", about="See what an erasure destroys and what stays, and have it certified.")
        read = require(Scope.DSAR_READ)
        planned: dict[Any, Any] = {200: m.PlanAnswer}
        api.get("/requests/<request>/plan", responses=planned)(read(self.get_plan))
        certified: dict[Any, Any] = {200: m.CertificateAnswer}
        api.get("/requests/<request>/certificate", responses=certified)(read(self.get_certificate))
        return api

    def get_plan(self, path: m.ErasurePath, query: m.PlanQuery) -> Response:
        """See what an erasure destroys, what stays and by which law or hold, and how far it is"""
        after = query.cursor or 0
        shown = self._planning.read(caller().tenant, path.request, _by(), after=after, limit=query.limit)
        more = str(after + query.limit) if len(shown.lines) == query.limit else None
        return jsonify({**_plan(shown, self._laws), "next_cursor": more})

    def get_certificate(self, path: m.ErasurePath) -> Response:
        """Get a signed certificate of what an erasure came to

        Until the log's entry is published, up to two seconds after the end, the certificate says so and lacks the proof.
        """
        return jsonify(certificate=self._certifying.certificate(caller().tenant, path.request, _by()))


def _by() -> By:
    now = occasion()
    return By(now.actor, now.request, now.at)


def _plan(shown: Shown, laws: Laws) -> dict[str, Any]:
    erasure = shown.erasure
    return {
        "request": str(erasure.request),
        "phase": erasure.phase.value,
        "made_at": _time(erasure.plan_at),
        "laws": erasure.laws,
        "sha256": None if erasure.plan_digest is None else erasure.plan_digest.hex(),
        "dispose": shown.goes,
        "keep": shown.stays,
        "waiting": None if erasure.waiting is None else _waiting(erasure.waiting),
        "resume_at": _time(erasure.resume_at),
        "items": [_line(line, laws) for line in shown.lines],
    }


def _waiting(waiting: Waiting) -> dict[str, Any]:
    return {
        "holder": waiting.holder,
        "code": waiting.code,
        "since": rfc3339(waiting.since),
        "attempts": waiting.attempts,
    }


def _time(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


def _line(line: Line, laws: Laws) -> dict[str, Any]:
    told = line.fields() | {"since": rfc3339(line.since)}
    if line.kept is not None:
        law = laws.law(line.kept.by)
        told["kept"] |= {"article": None if law is None else law.article, "until": _time(line.kept.until)}
    return told
