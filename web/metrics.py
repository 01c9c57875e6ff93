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
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
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
        key = context.route, context.method, context.status
        series = self._series.get(key)
        if series is None:
            series = self._series_of(*key)
        series[0].inc()
        series[1].observe(duration_ms / 1000)

    def _series_of(self, route: str, method: str, status: int) -> tuple[Counter, Histogram]:
        """The two series of a kind of request; looking them up by their labels costs more than counting."""
        shown = route or _UNMATCHED
        series = (
            self._requests.labels(shown, method if method in _METHODS else "other", str(status)),
            self._duration.labels(shown),
        )
        if method in _METHODS:
            self._series[route, method, status] = series
        return series

    def exposition(self) -> Response:
        """All metrics of the registry, and of the other processes where they count together."""
        registry = self._registry
        if self._shared:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # untyped upstream
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
