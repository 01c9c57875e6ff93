"""People's requests for the lesser rights, at a deployment on each database."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from tests.api.conftest import composed
from tests.conftest import BOTH
from tests.dsar.holds.conftest import Case


class Desk(Case):
    """What people ask, and what officers do about it. `root` and `address` are where its data is."""

    root: Path
    address: str

    def ask(self, subject: str, right: str, *, regime: str = "pipl", **said: Any) -> UUID:
        """Ask for a right; the request, not accepted yet unless the desk does that by itself."""
        wanted = {"subject": subject, "right": right, "regime": regime, **said}
        answer: Any = self.api.call("POST", "/v1/requests", wanted)
        assert answer.status_code == 201, answer.text
        return UUID(answer.json["request"])

    def accept(self, request: UUID, *proofs: str) -> None:
        """See documents, and accept what the desk has not accepted by itself then."""
        for proof in ("identity", *proofs):
            self.officers("verify", request, method="document", proof=proof, document="other")
        if self.state(request) != "executing":
            self.officers("accept", request)

    def lift(self, request: UUID) -> UUID:
        """Have a restriction lifted; the job."""
        return UUID(self.officers("lift", request)["job"])

    def consent(self, subject: str, purpose: str) -> None:
        """Record a consent over a presentation of its own."""
        shown: Any = self.api.call(
            "POST",
            "/v1/presentations",
            {"subject": subject, "purposes": [purpose], "locale": "zh-Hans", "channel": "app"},
        ).json
        item = {"subject": subject, "purpose": purpose, "state": "given", "presentation": shown["presentation"]}
        (answer,) = self.api.items("/v1/consents", {"items": [item]})
        assert "error" not in answer, answer

    def given(self, subject: str) -> set[str]:
        """The purposes to which a person's consent is in force."""
        shown: Any = self.api.call("GET", f"/v1/subjects/{subject}/consents").json
        return {one["purpose"] for one in shown["items"] if one["state"] in {"given", "renewed"}}

    def officers(self, act: str, request: UUID, **said: Any) -> Any:
        answer = self.api.call("POST", f"/v1/requests/{request}/{act}", said or None, credential=self.officer)
        assert answer.status_code in {200, 202}, answer.text
        return answer.json

    def execute(self, request: UUID) -> None:
        """Carry out the job that executes a request, every step of it twice."""
        for job in self.jobs(request):
            if job.kind.startswith("dsar_execute_"):
                self.carry(job.id)

    def jobs(self, request: UUID) -> list[Any]:
        found = self.api.moat.jobs.page(self.tenant, before=None, limit=200, kind=None, state=None)
        return [job for job in found if job.params.get("request") == request.hex]

    def done(self, subject: str, right: str, **said: Any) -> UUID:
        """A request that has been carried out."""
        request = self.ask(subject, right, **said)
        if self.state(request) in {"received", "acknowledged"}:
            self.accept(request)
        self.execute(request)
        return request

    def shown(self, request: UUID) -> Any:
        return self.api.call("GET", f"/v1/requests/{request}", credential=self.officer).json

    def state(self, request: UUID) -> str:
        return str(self.shown(request)["state"])

    def outcome(self, request: UUID) -> tuple[str, list[str]]:
        shown = self.shown(request)
        return shown["state"], shown["reasons"]


@pytest.fixture(scope="module", params=BOTH)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    place = tmp_path_factory.mktemp("fulfilment")
    with ExitStack() as held:
        address = ""
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            address = cluster.url(held.enter_context(cluster.fresh()))
        made = Desk(held.enter_context(composed(place, SecretStr(address) if address else None)))
        made.root, made.address = place, address
        yield made
