"""A small application on the web edge, with a clock that the test moves."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from flask import Response, jsonify, request
from prometheus_client import CollectorRegistry
from pydantic import Field, field_validator

from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.statement import Statement
from web.auth import caller, public, require
from web.edge import Bounds, Edge, Packages, Surroundings
from web.http import CredentialApi
from web.issuance import CredentialDesk, Grant, Occasion
from web.json_body import Body
from web.openapi import blueprint
from web.principal import Role, Scope
from web.problems import Problem
from web.tenancy import TenantDesk

START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **span: float) -> None:
        self.moment += timedelta(**span)


class ParcelLostError(Exception):
    """An error of the sample package."""


LOST = Problem("parcel_lost", 409, "The parcel is lost", "Nobody knows where it is.", "Look for it.")


class Parcel(Body):
    """One parcel."""

    weight: int = Field(ge=1, le=1000)
    note: str = ""

    @field_validator("note")
    @classmethod
    def no_swearing(cls, note: str) -> str:
        if "13812345678" in note:
            raise ValueError(f"must not contain {note}")
        return note


class Parcels(Body):
    """A batch of parcels."""

    items: list[Parcel] = Field(max_length=200)
    ratio: float = 1.0
    labels: dict[str, int] = Field(default_factory=dict)


@dataclass
class House:
    """The sample application and what stands around it."""

    edge: Edge
    database: Database
    desk: CredentialDesk
    tenants: TenantDesk
    clock: Clock
    bootstrap_ended: list[bool]
    broken: dict[str, bool] = field(default_factory=dict)

    @property
    def client(self) -> Any:
        """A client; untyped, for what tests read of answers is JSON."""
        return self.edge.app.test_client()

    def occasion(self) -> Occasion:
        at = millis(self.clock())
        return Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)

    def credential(self, role: Role = Role.SERVICE, *, tenant: int = 1, **grant: Any) -> str:
        name = grant.pop("name", f"{role}-{self.occasion().request}")
        return self.desk.create(tenant, Grant(name=name, role=role, **grant), self.occasion())[1].reveal()

    def entries(self, tenant: int | None = None) -> list[dict[str, Any]]:
        rows = self.database.read(None, lambda tx: tx.all(Statement("SELECT body FROM audit_entry ORDER BY id")))
        found = [orjson.loads(body) for (body,) in rows]
        return [entry for entry in found if tenant is None or entry["tenant"] == tenant]


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def sample_blueprint() -> Any:
    api = blueprint("parcels", about="Parcels.")

    @api.post("/parcels")
    @require(Scope.VAULT_TOKENIZE)
    def post_parcels(body: Parcels) -> Response:
        """Post parcels"""
        return jsonify(count=len(body.items), tenant=caller().tenant)

    @api.post("/parcels/stream")
    @require(Scope.VAULT_TOKENIZE, body_bytes=4_000)
    def stream_parcels() -> Response:
        """Count bytes"""
        return jsonify(length=len(request.get_data(cache=False)))

    @api.get("/parcels/weather")
    @require(Scope.VAULT_TOKENIZE, recent=True)
    def parcel_weather() -> Response:
        """Tell what may be a moment old"""
        return jsonify(tenant=caller().tenant)

    @api.get("/parcels/lost")
    @require(Scope.VAULT_TOKENIZE)
    def lost_parcel() -> Response:
        """Lose a parcel"""
        raise ParcelLostError("13812345678")

    @api.get("/parcels/broken")
    @require(Scope.VAULT_TOKENIZE)
    def broken_parcel() -> Response:
        """Break"""
        secret = "13812345678"  # noqa: F841 - a local that must not be logged
        raise RuntimeError("value 13812345678 in a message")

    @api.get("/parcels/open")
    @public
    def open_parcels() -> Response:
        """Anybody may see these"""
        return jsonify(count=0)

    return api


def build_house(database: Database, clock: Clock, bounds: Bounds) -> House:
    log = AuditLog()
    ended: list[bool] = []
    desk = CredentialDesk(database, log, bootstrap_ended=lambda: ended.append(True))
    broken: dict[str, bool] = {}

    def check() -> None:
        if broken.get("database"):
            raise OSError("13812345678")

    packages = Packages(
        blueprints=[CredentialApi(desk).blueprint(), sample_blueprint()],
        tables=[{ParcelLostError: LOST}],
        checks={"database": check, "keys": lambda: None},
    )
    around = Surroundings(database=database, log=log, now=clock, registry=CollectorRegistry(), version="0.1.0")
    house = House(Edge(around, packages, bounds), database, desk, TenantDesk(database, log), clock, ended, broken)
    house.tenants.create("default", "CN", house.occasion())
    return house
