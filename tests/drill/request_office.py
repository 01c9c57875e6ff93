"""The desks of a deployment that runs no jobs itself: what people ask, and what officers decide. Jobs are left to workers."""

import time
from pathlib import Path
from typing import Any

import orjson
from pydantic import SecretStr

from app import compose
from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from commands.serving import default_tenant
from composition.clock import utc_now
from database.columns import millis
from database.statement import Statement
from database.transaction import Row
from deployment import prepare
from settings import Settings
from web.issuance import Grant, Occasion
from web.principal import Role
from work.durable import migrate_store

MOVING = ("queued", "running", "cancelling")


class Office:
    """Calls the application as a service and as two officers."""

    def __init__(self, place: Path, address: str | None) -> None:
        chosen = Settings(
            data=place / "data",
            keys=place / "keys",
            database=None if address is None else SecretStr(address),
            failure_rate=0.0,
        )
        self._packages = chosen.packages_directory
        prepare(chosen)
        if address is not None:
            migrate_store(chosen.work_url)
        self.moat = compose(chosen)
        self.moat.unsealing.start()
        self.tenant = default_tenant(self.moat.tenants, chosen)
        self.service, self.officer, self.colleague = (
            self._credential(role) for role in (Role.SERVICE, Role.PRIVACY_OFFICER, Role.PRIVACY_OFFICER)
        )

    def _credential(self, role: Role) -> str:
        at = millis(utc_now())
        occasion = Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)
        given = Grant(name=f"{role}-{occasion.request[-12:]}".replace("-", "x"), role=role)
        return self.moat.credentials.create(self.tenant, given, occasion)[1].reveal()

    def call(self, method: str, path: str, body: object = None, *, credential: str = "") -> Any:
        """The answer of a call that succeeds."""
        headers = {"Authorization": f"Bearer {credential or self.service}", "Content-Type": "application/json"}
        data = None if body is None else orjson.dumps(body)
        answer = self.moat.app.test_client().open(path, method=method, data=data, headers=headers)
        assert answer.status_code < 400, f"{method} {path}: {answer.text}"
        return answer.json

    def status(self, method: str, path: str) -> int:
        """The status of a call."""
        headers = {"Authorization": f"Bearer {self.service}"}
        return self.moat.app.test_client().open(path, method=method, headers=headers).status_code

    def token(self, subject: str, kind: str, value: str, *, purpose: str = "account", ref: str | None = None) -> str:
        """The token of a value."""
        item = {"subject": subject, "kind": kind, "value": value}
        asked = {"purpose": purpose, "items": [item]} | ({} if ref is None else {"ref": ref})
        (answer,) = self.call("POST", "/v1/tokenize", asked)["items"]
        return str(answer["token"])

    def seen(self, token: str, *, purpose: str, ref: str | None = None) -> str:
        """What a token answers in one word: the value, or the reason or code of the refusal."""
        asked = {"purpose": purpose, "view": "plain", "items": [{"token": token}]} | (
            {} if ref is None else {"ref": ref}
        )
        (answer,) = self.call("POST", "/v1/detokenize", asked)["items"]
        return str(answer.get("value") or answer["error"].get("reason") or answer["error"]["code"])

    def ask(self, subject: str, right: str, **said: Any) -> str:
        """A request of a verified person, accepted."""
        wanted = {"subject": subject, "right": right, "regime": "pipl", **said}
        return str(self.call("POST", "/v1/requests", wanted)["request"])

    def accept(self, request: str) -> None:
        """Verify and accept."""
        verify = {"method": "document", "proof": "identity", "document": "id_card"}
        self.call("POST", f"/v1/requests/{request}/verify", verify, credential=self.officer)
        if self.shown(request)["state"] in {"received", "acknowledged", "verifying"}:
            self.call("POST", f"/v1/requests/{request}/accept", credential=self.officer)

    def approve(self, request: str) -> None:
        """The second person's word."""
        self.call("POST", f"/v1/requests/{request}/approve", credential=self.colleague)

    def shown(self, request: str) -> Any:
        """A request with its history."""
        return self.call("GET", f"/v1/requests/{request}", credential=self.officer)

    def hold(self, **scope: str) -> int:
        """Hold a scope; the number of the hold."""
        review = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 30 * 86_400))
        wanted = {"scope": scope, "reason": "litigation", "case": "drill-1", "review_at": review}
        return int(self.call("POST", "/v1/holds", wanted, credential=self.officer)["hold"])

    def release(self, hold: int) -> str:
        """Have a hold released by two persons; the job."""
        job = self.call("DELETE", f"/v1/holds/{hold}", credential=self.officer)["job"]
        self.approve_job(job)
        return str(job)

    def approve_job(self, job: str) -> None:
        self.call("POST", f"/v1/jobs/{job}/approve", credential=self.colleague)

    def package(self, package: str) -> Path:
        """Where the file of a package lies."""
        return self._packages / f"{package}.age"

    def sweep(self) -> None:
        """Have what has ended swept away, as a service that serves does it from time to time."""
        self.moat.sweeper.sweep()

    def moving(self) -> int:
        """How many jobs have not ended and wait for nobody."""
        marks = ", ".join(f"'{state}'" for state in MOVING)
        return int(self.sql(f"SELECT count(*) FROM job WHERE state IN ({marks})")[0][0])

    def sql(self, text: str, **parameters: Any) -> list[Row]:
        """The rows of a query, in the system's scope."""
        return self.moat.database.read(None, lambda tx: tx.all(Statement(text), **parameters))

    def close(self) -> None:
        self.moat.close()
