"""The pages of staff over an edge of their own, with a clock that is moved, and people who click through them."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import orjson
import pyotp
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry
from werkzeug.test import TestResponse

import settings
from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from composition.foundation import Foundation
from composition.pages import shell_part, site_of
from composition.part import packages
from composition.staff import Staff, staff_of
from database.columns import millis
from database.engine import Database
from database.statement import Statement
from pages.staff import one_time
from tests.pages.authenticator import Authenticator
from tests.support.clock import Clock
from web.edge import Bounds, Edge, Surroundings
from web.http import CredentialApi
from web.issuance import CredentialDesk, Occasion
from web.principal import Role
from web.tenancy import TenantDesk
from work.desk import JobDesk

ORIGIN = "http://localhost:8080"
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


@dataclass
class Member:
    """A member of staff before a browser: what they have, and what they see. `session` is a cookie that was copied from them."""

    house: "StaffHouse"
    client: FlaskClient
    name: str
    key: Authenticator
    secret: str | None = None

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, base_url=ORIGIN, headers={"User-Agent": AGENT})

    def post(self, path: str, page: str, **data: str) -> TestResponse:
        """Send a form of `page`, with its token."""
        return self.client.post(
            path, base_url=ORIGIN, data={"form_token": self.token(page), **data}, headers={"User-Agent": AGENT}
        )

    def token(self, page: str) -> str:
        found = re.search(r'name="form_token" value="([^"]+)"', self.get(page).text)
        assert found is not None, page
        return found[1]

    def question(self, path: str, page: str) -> dict[str, object]:
        answer = self.post(path, page)
        assert answer.status_code == 200, answer.text
        return cast(dict[str, object], json.loads(answer.text))

    def enrol(self, link: str) -> TestResponse:
        asked = self.question(f"{link}/question", link)
        return self.post(f"{link}/passkey", link, answer=self.key.make(asked))

    def enrol_app(self, link: str) -> TestResponse:
        page = self.get(f"{link}/code").text
        self.secret = spelled(page)
        return self.post(f"{link}/code", link, offer=offer(page), code=self.code())

    def sign_in(self) -> TestResponse:
        asked = self.question("/staff/at/default/question", "/staff/at/default")
        return self.post("/staff/at/default/passkey", "/staff/at/default", answer=self.key.sign(asked))

    def sign_in_by_code(self, code: str, name: str | None = None) -> TestResponse:
        page = "/staff/at/default/code"
        return self.post(page, page, name=self.name if name is None else name, code=code)

    def again(self) -> TestResponse:
        asked = self.question("/staff/again/question", "/staff/again")
        return self.post("/staff/again/passkey", "/staff/again", answer=self.key.sign(asked))

    def code(self, away: int = 0) -> str:
        """What the app shows now, or some steps away."""
        assert self.secret is not None
        step = millis(self.house.clock()) // one_time.STEP_MS + away
        return pyotp.TOTP(self.secret).generate_otp(step)

    @property
    def session(self) -> str | None:
        cookie = self.client.get_cookie("__Host-moat_staff")
        return None if cookie is None else cookie.value

    @property
    def inside(self) -> bool:
        """Whether a page of theirs opens."""
        return self.get("/staff/sessions").status_code == 200


@dataclass
class StaffHouse:
    """The service."""

    edge: Edge
    staff: Staff
    database: Database
    credentials: CredentialDesk
    clock: Clock
    tenant: int
    bootstrap: Path
    members: list[Member] = field(default_factory=list)

    def occasion(self) -> Occasion:
        at = millis(self.clock())
        return Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)

    def invited(self, name: str, role: Role) -> tuple[Member, str]:
        """Somebody who has not enrolled yet, and the path of their address."""
        _, text = self.staff.inviting.invite(self.tenant, name, role, self.occasion())
        return self.somebody(name), f"/staff/enrol/{text.reveal()}"

    def member(self, name: str, role: Role) -> Member:
        """Somebody who is in."""
        member, link = self.invited(name, role)
        assert member.enrol(link).status_code == 303
        return member

    def somebody(self, name: str) -> Member:
        """Somebody before an empty browser."""
        return Member(self, self.edge.app.test_client(), name, Authenticator(ORIGIN))

    def entries(self, action: str) -> list[dict[str, Any]]:
        rows = self.database.read(None, lambda tx: tx.all(Statement("SELECT body FROM audit_entry ORDER BY id")))
        return [entry for (body,) in rows if (entry := orjson.loads(body))["action"] == action]


class _OpenSeal:
    """A stand-in for the seal that keeps octets where they are, and refuses another place."""

    def seal(self, tenant: int, octets: bytes, *, owner: int, row: int) -> tuple[int, bytes]:
        return 1, f"{tenant}/{owner}/{row}/".encode() + octets[::-1]

    def open(self, tenant: int, sealed: tuple[int, bytes], *, owner: int, row: int) -> bytes:
        place = f"{tenant}/{owner}/{row}/".encode()
        if not sealed[1].startswith(place):
            raise ValueError
        return sealed[1][len(place) :][::-1]


def staff_house(database: Database, place: Path, clock: Clock, **options: Any) -> StaffHouse:
    """Put it together over a migrated database."""
    chosen = settings.load(data=place / "data", keys=place / "keys", **options)
    log, keys = AuditLog(), place / "keys"
    keys.mkdir(exist_ok=True)
    base = Foundation(
        chosen=chosen,
        now=clock,
        database=database,
        log=log,
        roots=cast(Any, None),
        keyring=cast(Any, None),
        unsealing=cast(Any, None),
        destruction=cast(Any, None),
        jobs=JobDesk(database),
        registry=CollectorRegistry(),
    )
    tenants = TenantDesk(database, log)
    site = site_of(base)
    staff = staff_of(base, site, tenants, _OpenSeal())
    credentials = CredentialDesk(database, log, bootstrap_ended=lambda: None)
    api = packages([staff.part, shell_part(site)])
    edge = Edge(
        Surroundings(database=database, log=log, now=clock, registry=base.registry, version="0.1.0"),
        type(api)(
            blueprints=[CredentialApi(credentials).blueprint(), *api.blueprints],
            problems=api.problems,
            pages=api.pages,
            page_answers=api.page_answers,
        ),
        Bounds(visitors_rate=0),
    )
    house = StaffHouse(edge, staff, database, credentials, clock, 0, chosen.bootstrap_file)
    house.tenant = tenants.create("default", "CN", house.occasion())
    return house


def offer(page: str) -> str:
    found = re.search(r'name="offer" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def spelled(page: str) -> str:
    """The secret that a page of an app spells out."""
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
    assert found is not None
    return found[1].replace(" ", "")
