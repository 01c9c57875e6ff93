"""The composed service in this process, on a port of its own, for browsers to look at; with a way in for each kind of staff."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import settings
from app import Moat, compose
from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from commands.serving import default_tenant
from composition.clock import utc_now
from database.columns import millis
from tests.pages.listening import listening
from tests.support.server import free_port
from web.issuance import Grant, Occasion
from web.principal import Role


@dataclass(frozen=True, slots=True)
class Served:
    """A running service and what it is made of. `url` is where browsers go: passkeys are for names, not for addresses."""

    moat: Moat
    tenant: int
    port: int
    place: Path

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def occasion(self) -> Occasion:
        """Somebody at the host's console does something now."""
        at = millis(utc_now())
        return Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)

    def credential(self, role: Role, name: str) -> str:
        """A credential for the API."""
        return self.moat.credentials.create(self.tenant, Grant(name=name, role=role), self.occasion())[1].reveal()


@contextmanager
def serving(place: Path, template: Path, *, port: int | None = None, **options: object) -> Iterator[Served]:
    """Serve a deployment in `place` whose database is a copy of `template`, on any free port where none is given."""
    data, keys = place / "data", place / "keys"
    for directory in (data, keys):
        directory.mkdir(parents=True, mode=0o700)
    shutil.copy(template, data / "moat.db")
    port = port or free_port()
    chosen = settings.load(
        data=data,
        keys=keys,
        port=port,
        visitor_rate=0,
        failure_rate=0,
        names_processes=0,
        audit_publish=False,
        **options,
    )
    moat = compose(chosen)
    try:
        with listening(moat.app, port):
            yield Served(moat, default_tenant(moat.tenants, chosen), port, place)
    finally:
        moat.close()
