"""The whole service on each database, staff who have enrolled in it, and people who ask for something."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, cast

import pytest
from pydantic import SecretStr

from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis
from pages.staff.inviting import Inviting
from tests.api.conftest import Api, composed
from tests.conftest import BOTH
from tests.dsar.identity.centre import Centre
from tests.pages.authenticator import Authenticator
from tests.pages.privacy.guest import carry, publish
from tests.pages.staff_house import ORIGIN, Member
from web.issuance import Occasion
from web.principal import Role

HOSTILE = "请删除 <script>alert(1)</script>"


@dataclass(frozen=True, slots=True)
class Office:
    """A service and its offices."""

    api: Api

    def staff(self, name: str, role: Role, tenant: int | None = None) -> Member:
        """Somebody of the staff who is in, and has just shown who they are."""
        at = millis(self.api.clock())
        now = Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)
        _, text = Inviting(self.api.moat.database, AuditLog()).invite(
            self.api.tenant if tenant is None else tenant, name, role, now
        )
        member = Member(cast(Any, self.api), self.api.moat.app.test_client(), name, Authenticator(ORIGIN))
        assert member.enrol(f"/staff/enrol/{text.reveal()}").status_code == 303
        return member

    def person(self, subject: str, **fields: str) -> str:
        """Somebody whom the vault knows."""
        body = {"type": "customer", "purpose": "account", "fields": {"name": "王小明", **fields}}
        assert self.api.call("PUT", f"/v1/subjects/{subject}", body).status_code == 200
        return subject

    def asks(self, subject: str, right: str, **more: Any) -> str:
        """Somebody asks for something; the number of the request."""
        body = {"subject": subject, "right": right, "regime": "pipl", "text": HOSTILE, **more}
        answer = self.api.call("POST", "/v1/requests", body)
        assert answer.status_code == 201, answer.text
        return str(cast(Any, answer.json)["request"])

    def work(self) -> None:
        """Do all that waits to be done."""
        carry(cast(Centre, self.api))

    def publish(self) -> None:
        """Have the log published as far as it goes."""
        publish(cast(Centre, self.api))


@pytest.fixture(scope="module", params=BOTH)
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One for the tests of a module."""
    place = tmp_path_factory.mktemp("office")
    with ExitStack() as held:
        url = None
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            url = SecretStr(cluster.url(held.enter_context(cluster.fresh())))
        yield Office(held.enter_context(composed(place, url, visitor_rate=0.0)))
