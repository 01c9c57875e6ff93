"""Whether the service is alive, whether it can do its work, and its metrics."""

from collections.abc import Callable, Mapping, Sequence

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint
from pydantic import BaseModel

from web.answers import problem_response
from web.auth import public, require
from web.context import FailureLine, current
from web.edge_problems import NOT_READY
from web.errors import NotReadyError
from web.metrics import EdgeMetrics
from web.openapi import blueprint, public_blueprint
from web.principal import Scope
from web.problems import FieldError, ProblemError

Check = Callable[[], None]
"""Returns if what it looks at works, and raises otherwise: NotReadyError with a code that the answer names, or anything."""

Warn = Callable[[], str | None]
"""The code of a warning, while there is reason for one."""


class Alive(BaseModel):
    """The process answers."""

    status: str


class Ready(BaseModel):
    """All checks pass. Warnings are about the deployment itself: what it cannot find out the way it is set up."""

    status: str
    checks: list[str]
    warnings: list[str]


class HealthApi:
    """GET /healthz and /readyz for whoever routes traffic, and /metrics for a credential with its scope."""

    def __init__(
        self, checks: Mapping[str, Check], warnings: Sequence[Warn], metrics: EdgeMetrics, failure_line: FailureLine
    ) -> None:
        self._checks = checks
        self._warnings = warnings
        self._metrics = metrics
        self._failure_line = failure_line

    def blueprints(self) -> list[APIBlueprint]:
        """The operations of this module."""
        health = public_blueprint("health", about="Whether the service lives and can work.")
        health.get("/healthz", responses={200: Alive})(public(self.healthz))
        health.get("/readyz", responses={200: Ready})(public(self.readyz))
        figures = blueprint("metrics", about="Figures for monitoring.", prefix="")
        content = {"text/plain": {"schema": {"type": "string"}}}
        figures.get("/metrics", responses={200: {"content": content}})(require(Scope.METRICS_READ)(self.metrics))
        return [health, figures]

    def healthz(self) -> Response:
        """Tell that the process answers"""
        return jsonify(status="alive")

    def readyz(self) -> Response:
        """Tell whether the database, the key provider and the rest are usable"""
        codes = {name: code for name, check in self._checks.items() if (code := self._trouble(check)) is not None}
        if codes:
            detail = "The check failed; its cause is in the log."
            errors = [FieldError(name, code, detail) for name, code in codes.items()]
            return problem_response(ProblemError(NOT_READY, detail=f"Failed: {', '.join(codes)}.", errors=errors))
        warnings = [code for warn in self._warnings if (code := warn()) is not None]
        return jsonify(status="ready", checks=list(self._checks), warnings=warnings)

    def metrics(self) -> Response:
        """Give all metrics in Prometheus' text format"""
        return self._metrics.exposition()

    def _trouble(self, check: Check) -> str | None:
        """The code of what is wrong."""
        try:
            check()
        except NotReadyError as error:
            return error.code
        except Exception as error:  # any failure is an answer here
            self._failure_line(error, current().request_id)
            return "failed"
        return None
