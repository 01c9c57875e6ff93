"""Counters of the edge, in Prometheus' text format. Labels are route templates, methods and statuses: never a path or a name."""

from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from web.context import RequestContext

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNMATCHED = "unmatched"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class EdgeMetrics:
    """Counts requests. `shared` says that several processes count together, through files that each of them can read."""

    def __init__(self, registry: CollectorRegistry, *, shared: bool) -> None:
        self._registry = registry
        self._shared = shared
        labels = ("route", "method", "status")
        self._requests = Counter("moat_http_requests", "Requests answered.", labels, registry=registry)
        self._duration = Histogram(
            "moat_http_request_duration_seconds",
            "Time from the arrival of a request to its answer.",
            ("route",),
            buckets=_BUCKETS,
            registry=registry,
        )

    def count(self, context: RequestContext, duration_ms: float) -> None:
        """Count one finished request."""
        route = context.route or _UNMATCHED
        method = context.method if context.method in _METHODS else "other"
        self._requests.labels(route, method, str(context.status)).inc()
        self._duration.labels(route).observe(duration_ms / 1000)

    def exposition(self) -> Response:
        """All metrics of the registry, and of the other processes where they count together."""
        registry = self._registry
        if self._shared:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # untyped upstream
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
