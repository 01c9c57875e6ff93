"""The composition of the web edge: one Flask application, from the parts that the composition root gives."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from flask import Blueprint, Response, request
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.openapi import OpenAPI
from prometheus_client import CollectorRegistry

from audit.log import AuditLog
from database.engine import Database
from web.answers import PageAnswer, ProblemAnswers
from web.auth import Gate, access_of, refuse_unmarked
from web.context import Envelope, RequestContext, current
from web.direct import DirectAnswers, DirectOperation
from web.edge_problems import BAD_REQUEST, BUSY, EDGE_PROBLEMS, NOT_THROUGH_PROXY
from web.edge_problems import PROBLEMS as EDGE_TABLE
from web.health import Check, HealthApi, Warn
from web.limits import Slots, TokenBuckets
from web.logs import access_line, failure_line
from web.metrics import EdgeMetrics
from web.openapi import document, new_app
from web.pages import DocsPages
from web.problems import Catalogue, Problem, ProblemError
from web.refusals import RefusalCounter
from web.source import Network, may_connect

RETRY_BUSY_SECONDS = 1
"""What Retry-After says when all slots stayed taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What the edge lets through. Rates are calls a second; 0 is no limit."""

    body_bytes: int = 16 * 1024 * 1024
    calls_at_once: int = 16
    patience_seconds: float = 2.0
    calls_rate: float = 0.0
    calls_burst: int = 1000
    failures_rate: float = 0.2
    failures_burst: int = 20
    visitors_rate: float = 1.0
    visitors_burst: int = 60
    proxies: tuple[Network, ...] = ()
    secure_transport: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """What the packages bring: their operations, the problems that their exceptions are, and further problems with a page.

    `warnings` name what the deployment cannot find out the way it is set up; `warns` tell of what has come up since. `direct` are
    operations of the blueprints that may also be answered without them. `pages` are for people, and `page_answers` say a problem
    to them.
    """

    blueprints: Sequence[APIBlueprint]
    tables: Sequence[Mapping[type[Exception], Problem]] = ()
    problems: Sequence[Problem] = ()
    checks: Mapping[str, Check] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    warns: Sequence[Warn] = ()
    direct: Sequence[DirectOperation] = ()
    pages: Sequence[Blueprint] = ()
    page_answers: Sequence[PageAnswer] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the edge runs on. `shared_metrics` says that several processes count together."""

    database: Database
    log: AuditLog
    now: Callable[[], datetime]
    registry: CollectorRegistry
    version: str
    shared_metrics: bool = False


class Edge:
    """The application that answers HTTP, and what must be closed when it stops."""

    def __init__(self, around: Surroundings, packages: Packages, bounds: Bounds) -> None:
        self.refusals = RefusalCounter(
            around.database, around.log, now=around.now, failed=lambda error: failure_line(error, "")
        )
        self._metrics = EdgeMetrics(around.registry, shared=around.shared_metrics)
        self._gate = Gate(
            around.database,
            around.log,
            refusals=self.refusals,
            calls=TokenBuckets(rate=bounds.calls_rate, burst=bounds.calls_burst),
            failures=TokenBuckets(rate=bounds.failures_rate, burst=bounds.failures_burst),
            visitors=TokenBuckets(rate=bounds.visitors_rate, burst=bounds.visitors_burst),
            proxies=bounds.proxies,
        )
        self.slots = Slots(bounds.calls_at_once, patience=bounds.patience_seconds)
        self._catalogue = Catalogue([*EDGE_PROBLEMS, *packages.problems], [EDGE_TABLE, *packages.tables])
        self._bounds = bounds
        self.app = self._compose(around, packages)

    def close(self) -> None:
        """Write what is still only counted. The database is the caller's to close, afterwards."""
        self.refusals.close()

    def _compose(self, around: Surroundings, packages: Packages) -> OpenAPI:
        app = new_app(around.version)
        app.config["MAX_CONTENT_LENGTH"] = self._bounds.body_bytes
        app.url_map.strict_slashes = False
        app.url_map.merge_slashes = False
        app.register_error_handler(
            Exception, ProblemAnswers(self._catalogue, failure_line, packages.page_answers).answer
        )
        self._gate.attach(app)
        app.before_request(self._enter)
        app.teardown_request(self._leave)
        health = HealthApi(packages.checks, _warns(packages), self._metrics, failure_line)
        for one in (*health.blueprints(), *packages.blueprints):
            app.register_api(one)
        for pages in packages.pages:
            app.register_blueprint(pages)
        app.register_blueprint(DocsPages(lambda: document(app), self._catalogue).blueprint())
        refuse_unmarked(app)
        ordinary = app.wsgi_app
        app.wsgi_app = Envelope(  # type: ignore[method-assign]  # Flask's documented way to add middleware
            ordinary
            if self._bounds.proxies
            else DirectAnswers(ordinary, packages.direct, self._gate.recall, self.slots),
            now=around.now,
            access_line=self._finish,
            failure_line=failure_line,
            secure_transport=self._bounds.secure_transport,
        )
        return app

    def _enter(self) -> Response | None:
        """Before the view, and before a byte of the body is read: a slot, the caller, and how much it may send."""
        if self._bounds.proxies and not may_connect(request.environ.get("REMOTE_ADDR", ""), self._bounds.proxies):
            raise ProblemError(NOT_THROUGH_PROXY)
        rule = request.url_rule
        if rule is None:
            return None
        context = current()
        context.route = rule.rule
        access = access_of(self.app.view_functions[rule.endpoint])
        if not access.credential and not access.visitor and access.door is None:
            return None
        context.holds_slot = self.slots.enter()
        if not context.holds_slot:
            raise ProblemError(BUSY, headers={"Retry-After": str(RETRY_BUSY_SECONDS)})
        if access.body_bytes is not None:
            request.max_content_length = access.body_bytes
        if access.door is not None:
            return access.door(context)
        if access.credential:
            self._gate.admit(access, context)
        else:
            self._gate.receive(context)
        if any(len(values) > 1 for _, values in request.args.lists()):
            raise ProblemError(BAD_REQUEST, detail="A parameter stands in the query more than once.")
        return None

    def _leave(self, _error: BaseException | None) -> None:
        context = current()
        if context.holds_slot:
            context.holds_slot = False
            self.slots.leave()

    def _finish(self, context: RequestContext, duration_ms: float) -> None:
        self._metrics.count(context, duration_ms)
        with suppress(OSError, ValueError):  # a log that cannot be written must not take back an answer
            access_line(context, duration_ms)


def _warns(packages: Packages) -> list[Warn]:
    """What is always to be warned of, then what may come up."""

    def always(code: str) -> Warn:
        return lambda: code

    return [*map(always, packages.warnings), *packages.warns]
