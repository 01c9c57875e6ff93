"""Whether the service is alive, whether it can do its work, and its metrics."""

from collections.abc import Callable, Mapping, Sequence

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint
from pydantic import BaseModel

from web.answers import problem_response
from web.auth import public, require
from web.context import FailureLine, current
from web.edge_problems import NOT_READY
from web.metrics import EdgeMetrics
from web.openapi import blueprint, public_blueprint
from web.principal import Scope
from web.problems import FieldError, ProblemError

Check = Callable[[], None]
"""Returns if what it looks at works, and raises otherwise."""


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
        self, checks: Mapping[str, Check], warnings: Sequence[str], metrics: EdgeMetrics, failure_line: FailureLine
    ) -> None:
        self._checks = checks
        self._warnings = list(warnings)
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
        failed = [name for name, check in self._checks.items() if not self._passes(check)]
        if failed:
            errors = [FieldError(name, "failed", "The check failed; its cause is in the log.") for name in failed]
            return problem_response(ProblemError(NOT_READY, detail=f"Failed: {', '.join(failed)}.", errors=errors))
        return jsonify(status="ready", checks=list(self._checks), warnings=self._warnings)

    def metrics(self) -> Response:
        """Give all metrics in Prometheus' text format"""
        return self._metrics.exposition()

    def _passes(self, check: Check) -> bool:
        try:
            check()
        except Exception as error:  # any failure is an answer here
            self._failure_line(error, current().request_id)
            return False
        return True
