"""A deployment of the sample application, to be started as a program: python -m tests.web.served --port N."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any

import click
from flask import Response, jsonify
from prometheus_client import REGISTRY
from sqlmodel import SQLModel

from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from settings import Settings, load, options
from tests.web.house import sample_blueprint
from web.auth import public
from web.bootstrap import keep_bootstrap_file, remove_bootstrap_file
from web.directories import make_private, only_one
from web.edge import Bounds, Edge, Packages, Surroundings
from web.http import CredentialApi
from web.issuance import CredentialDesk, Occasion
from web.openapi import public_blueprint
from web.serve import Listener, Served, first_lines, serve
from web.tenancy import DEFAULT_TENANT, TenantDesk

MIB = 1024 * 1024
SLOW_CALL = "slow-call"
"""A file that says that a slow call has come."""


def now() -> datetime:
    return datetime.now(UTC)


def occasion() -> Occasion:
    at = millis(now())
    return Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)


def desk_of(settings: Settings, database: Database) -> CredentialDesk:
    return CredentialDesk(database, AuditLog(), bootstrap_ended=partial(remove_bootstrap_file, settings.bootstrap_file))


def prepare(settings: Settings) -> bool:
    """Make the database and the first tenant, and tell whether the bootstrap credential is there to be used."""
    database = Database(settings.database_url)
    SQLModel.metadata.create_all(database.engine)
    tenants = TenantDesk(database, AuditLog())
    tenant = tenants.number_of(DEFAULT_TENANT) or tenants.create(DEFAULT_TENANT, settings.default_region, occasion())
    kept = keep_bootstrap_file(settings.bootstrap_file, desk_of(settings, database), tenant, occasion())
    database.dispose()
    return kept


def slow_blueprint() -> Any:
    api = public_blueprint("slow", about="Slow things.")

    @api.get("/slow/<seconds>")
    @public
    def slow(seconds: str = "1") -> Response:
        """Take a while"""
        Path(SLOW_CALL).touch()
        sleep(float(seconds))
        return jsonify(slept=seconds)

    return api


def application(settings: Settings) -> Served:
    """What a worker serves."""
    database = Database(settings.database_url)
    packages = Packages(
        blueprints=[CredentialApi(desk_of(settings, database)).blueprint(), sample_blueprint(), slow_blueprint()],
        checks={"database": lambda: None},
    )
    bounds = Bounds(
        body_bytes=settings.max_body_mib * MIB,
        calls_at_once=settings.threads,
        calls_rate=settings.call_rate,
        calls_burst=settings.call_burst,
        failures_rate=settings.failure_rate,
        failures_burst=settings.failure_burst,
        proxies=settings.behind_proxy,
        secure_transport=settings.tls,
    )
    around = Surroundings(
        database=database,
        log=AuditLog(),
        now=now,
        registry=REGISTRY,
        version="0.1.0",
        shared_metrics=settings.worker_count > 1 or settings.metrics_listen is not None,
    )
    edge = Edge(around, packages, bounds)

    def close() -> None:
        edge.close()
        database.dispose()

    return Served(edge.app, close)


def listener_of(settings: Settings) -> Listener:
    return Listener(
        bind=settings.bind,
        port=settings.port,
        workers=settings.worker_count,
        threads=settings.threads,
        tls_cert=settings.tls_cert,
        tls_key=settings.tls_key,
        client_ca=settings.client_ca,
        metrics=settings.metrics_address(),
    )


@click.command()
@options
def main(**given: Any) -> None:
    """Serve the sample application."""
    settings = load(**given)
    make_private(settings.data)
    make_private(settings.keys)
    with only_one(settings.data):
        fresh = prepare(settings)
        listener = listener_of(settings)
        lines = first_lines(listener, keys=settings.keys, bootstrap_file=settings.bootstrap_file if fresh else None)
        say: Callable[[], None] = partial(click.echo, lines)
        serve(listener, partial(application, settings), ready=say)


if __name__ == "__main__":
    main()
