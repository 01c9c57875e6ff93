"""`moat demo`."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from httpx import WSGITransport

import settings
from app import Moat, opened
from commands.serving import default_tenant, serve_prepared
from composition.clock import operator_occasion
from demo.cli import demo_group
from deployment import prepare
from web.issuance import Grant
from web.logs import configure_logging
from web.principal import Role, Scope


class DemoStart:
    """Makes and serves the deployment of `moat demo`."""

    @contextmanager
    def opened(self, data: Path, keys: Path) -> Iterator["DemoService"]:
        """Make the deployment and open it in this process, with nothing to say about calls that it makes to itself."""
        configure_logging(level=logging.WARNING)
        chosen = settings.load(data=data, keys=keys)
        prepare(chosen)
        moat = opened(chosen)
        try:
            yield DemoService(moat, default_tenant(moat.tenants, chosen))
        finally:
            moat.close()

    def serve(self, data: Path, keys: Path, port: int, ready: Callable[[str], None]) -> None:
        """Serve it until it is stopped."""
        chosen = settings.load(data=data, keys=keys, port=port)
        serve_prepared(chosen, lambda listener, _: ready(listener.url))


class DemoService:
    """An opened deployment that the demo fills before it listens."""

    def __init__(self, moat: Moat, tenant: int) -> None:
        self._moat = moat
        self._tenant = tenant
        self.transport = WSGITransport(moat.app)

    def credential(self, name: str, role: str, scopes: Sequence[str]) -> str:
        """Make a test credential and return its text."""
        grant = Grant(name=name, role=Role(role), extra=frozenset(map(Scope, scopes)), test=True)
        return self._moat.credentials.create(self._tenant, grant, operator_occasion())[1].reveal()


demo = demo_group(DemoStart())
