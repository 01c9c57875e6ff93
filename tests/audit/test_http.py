"""The read side over HTTP: entries by filter, proofs that anybody can check, files as tiles, a person's access log."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app import Moat, compose
from audit.checkpoint import ED25519, Checkpoint, Note, VerifierKey, open_checkpoint
from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.merkle import check_consistency, check_inclusion, leaf_hash
from audit.proof import EntryProof
from audit.tile import decode_bundle, decode_tile
from database.columns import millis
from settings import load
from tests.support.clock import Clock
from tests.support.prepared import prepared
from web.issuance import Grant, Occasion
from web.principal import Role, Scope

PHONE = {"subject": "cust-1001", "kind": "phone", "value": "13812345678"}


class Service:
    """A deployment in this process, whose log is published when a test says so."""

    def __init__(self, place: Path) -> None:
        self.clock = Clock()
        chosen = load(data=place / "data", keys=place / "keys")
        prepared(chosen)
        self.moat: Moat = compose(chosen, now=self.clock)
        self.tenant = self.moat.tenants.create("default", "CN", self._occasion())
        self.other = self.moat.tenants.create("other", "CN", self._occasion())
        self.service = self.credential("orders", Role.SERVICE)
        self.auditor = self.credential("auditor", Role.AUDITOR)

    def credential(self, name: str, role: Role, *scopes: Scope, tenant: int | None = None) -> str:
        grant = Grant(name=name, role=role, extra=frozenset(scopes))
        return self.moat.credentials.create(tenant or self.tenant, grant, self._occasion())[1].reveal()

    def call(self, method: str, path: str, credential: str, body: Any = None, *, status: int = 200) -> TestResponse:
        headers = {"Authorization": f"Bearer {credential}"}
        answer = self.moat.app.test_client().open(path, method=method, headers=headers, json=body)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer

    def ask(self, path: str, *, status: int = 200) -> TestResponse:
        return self.call("GET", path, self.auditor, status=status)

    def tokenize(self, *subjects: str) -> str:
        items = [{**PHONE, "subject": subject} for subject in subjects or ("cust-1001",)]
        answer = self.call(
            "POST", "/v1/tokenize", self.service, {"purpose": "delivery", "ref": "order:o-1", "items": items}
        )
        return str(answer.json["items"][0]["token"])  # type: ignore[index]  # an object

    def detokenize(self, token: str, view: str = "masked") -> dict[str, Any]:
        body = {"purpose": "delivery", "ref": "order:o-1", "view": view, "items": [{"token": token}]}
        answer = self.call("POST", "/v1/detokenize", self.service, body)
        return dict(answer.json["items"][0])  # type: ignore[index]  # an object

    def publish(self) -> None:
        self.moat.publishing._run_once()

    def keys(self) -> list[VerifierKey]:
        publisher = self.moat.publishing._publisher
        assert publisher is not None
        origin = self.ask("/audit/checkpoint").text.split("\n")[0]
        return [VerifierKey(origin, ED25519, public) for public in publisher._around.keys.publics()]

    def _occasion(self) -> Occasion:
        at = millis(self.clock())
        return Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    yield service
    service.moat.close()


def entries(service: Service, query: str = "") -> list[dict[str, Any]]:
    return list(service.ask(f"/v1/audit/entries?limit=1000{query}").json["items"])  # type: ignore[index]  # an object


def test_nothing_is_published_until_something_is(service: Service) -> None:
    for path in (
        "/audit/checkpoint",
        "/audit/tile/0/000.p/1",
        "/v1/audit/entries/0/proof",
        "/v1/audit/consistency?from=0",
    ):
        assert service.ask(path, status=404).json["code"] == "not_found"  # type: ignore[index]  # an object


def test_the_checkpoint_is_a_note_that_the_deployments_key_signed(service: Service) -> None:
    service.tokenize()
    service.publish()
    answer = service.ask("/audit/checkpoint")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, max-age=1"
    checkpoint, _ = open_checkpoint(answer.data, service.keys())
    assert checkpoint.size > 3


def test_tiles_are_octets_that_never_change_and_bundles_take_a_further_scope(service: Service) -> None:
    service.tokenize()
    service.publish()
    size = Checkpoint.parse(Note.parse(service.ask("/audit/checkpoint").data).text).size
    tile = service.ask(f"/audit/tile/0/000.p/{size}")
    assert tile.content_type == "application/octet-stream"
    assert tile.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    service.ask(f"/audit/tile/entries/000.p/{size}", status=403)
    whole = service.credential("whole", Role.AUDITOR, Scope.AUDIT_LOG)
    bundle = service.call("GET", f"/audit/tile/entries/000.p/{size}", whole)
    assert [leaf_hash(entry) for entry in decode_bundle(bundle.data, size)] == decode_tile(tile.data, size)
    assert service.ask(f"/audit/tile/0/000.p/{size - 1}").data == tile.data[:-32]
    number = Checkpoint.parse(Note.parse(service.ask("/audit/logs/1/checkpoint").data).text).size
    assert service.ask(f"/audit/logs/1/tile/0/000.p/{number}").data[: len(tile.data)] == tile.data


@pytest.mark.parametrize(
    "path",
    [
        "0/000.p/200",
        "0/000",
        "0/001.p/1",
        "1/000.p/1",
        "0/0",
        "0/000.p/0",
        "x/000",
        "0/..%2f..%2f..%2fcheckpoint",
        "../lock",
    ],
)
def test_what_the_log_does_not_have_is_not_found(service: Service, path: str) -> None:
    service.publish()
    service.ask(f"/audit/tile/{path}", status=404)


def test_every_entry_of_the_tenant_is_proved_to_a_signed_checkpoint(service: Service) -> None:
    service.tokenize()
    service.publish()
    for found in entries(service):
        if found["index"] is None:
            continue
        answer: Any = service.ask(f"/v1/audit/entries/{found['index']}/proof").json
        checkpoint, _ = open_checkpoint(answer["checkpoint"].encode(), service.keys())
        check_inclusion(
            leaf_hash(answer["entry"].encode()),
            index=found["index"],
            size=checkpoint.size,
            proof=[base64.b64decode(one) for one in answer["hashes"]],
            root=checkpoint.root,
        )
        file = service.ask(f"/v1/audit/entries/{found['index']}/proof?format=tlog-proof")
        assert file.content_type == "text/plain; charset=utf-8"
        EntryProof.parse(file.data).check(answer["entry"].encode(), service.keys())


def test_an_entry_of_another_tenant_is_not_found_without_the_scope_for_the_whole_log(service: Service) -> None:
    service.publish()
    stranger = service.credential("stranger", Role.AUDITOR, tenant=service.other)
    index = next(found["index"] for found in entries(service) if found["index"] is not None)
    service.ask(f"/v1/audit/entries/{index}/proof")
    service.call("GET", f"/v1/audit/entries/{index}/proof", stranger, status=404)
    whole = service.credential("whole", Role.AUDITOR, Scope.AUDIT_LOG, tenant=service.other)
    service.call("GET", f"/v1/audit/entries/{index}/proof", whole)
    service.ask("/v1/audit/entries/100000/proof", status=404)


def test_the_log_is_proved_to_begin_with_what_it_was(service: Service) -> None:
    service.publish()
    old: Any = service.ask("/v1/audit/consistency?from=0").json
    service.tokenize()
    service.publish()
    answer: Any = service.ask(f"/v1/audit/consistency?from={old['size']}").json
    checkpoint, _ = open_checkpoint(answer["checkpoint"].encode(), service.keys())
    assert (answer["size"], answer["old_root"]) == (checkpoint.size, old["root"])
    check_consistency(
        old=old["size"],
        old_root=base64.b64decode(old["root"]),
        size=checkpoint.size,
        root=checkpoint.root,
        proof=[base64.b64decode(one) for one in answer["hashes"]],
    )
    service.ask(f"/v1/audit/consistency?from=1&to={checkpoint.size + 1}", status=404)


def test_entries_are_filtered_by_time_actor_action_outcome_and_person(service: Service) -> None:
    token = service.tokenize("cust-1001", "cust-1002")
    service.clock.advance(minutes=5)
    later = service.clock().isoformat().replace("+00:00", "Z")
    service.detokenize(token)
    service.detokenize("tok_" + "A" * 27)
    assert {one["entry"]["action"] for one in entries(service, "&action=vault.tokenize")} == {"vault.tokenize"}
    assert all(one["entry"]["at"] >= "2026-11-02T08:05" for one in entries(service, f"&from={later}"))
    assert all(one["entry"]["at"] < "2026-11-02T08:05" for one in entries(service, f"&to={later}"))
    assert len(entries(service, "&action=vault.detokenize&outcome=failed")) == 1
    (done,) = entries(service, "&action=vault.detokenize&outcome=done")
    actor = done["entry"]["actor"]["id"]
    assert {one["entry"]["actor"]["id"] for one in entries(service, f"&actor={actor}")} == {actor}
    about = [one["entry"]["action"] for one in entries(service, "&subject=cust-1001")]
    assert about == ["vault.tokenize", "vault.detokenize"]
    service.ask("/v1/audit/entries?subject=nobody", status=404)
    service.ask("/v1/audit/entries?action=nonsense", status=422)


def test_pages_go_through_all_entries_once_in_either_order(service: Service) -> None:
    for number in range(12):
        service.tokenize(f"cust-{number}")
        service.clock.advance(seconds=1)
    for order in ("oldest", "newest"):
        seen: list[int] = []
        cursor = ""
        while True:
            query = f"limit=5&order={order}&action=vault.tokenize{cursor}"
            page: Any = service.ask(f"/v1/audit/entries?{query}").json
            seen += [one["number"] for one in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert len(seen) == len(set(seen)) == 12
        assert seen == sorted(seen, reverse=order == "newest")


def test_a_persons_access_log_says_who_did_what_and_names_nobody_else(service: Service) -> None:
    token = service.tokenize("cust-1001", "cust-1002")
    service.detokenize(token, "plain")
    service.publish()
    answer = service.ask("/v1/subjects/cust-1001/access-log?order=oldest")
    items: Any = answer.json["items"]  # type: ignore[index]  # an object
    assert [(one["action"], one["outcome"], one["items"]) for one in items] == [
        ("vault.tokenize", "done", 1),
        ("vault.detokenize", "done", 1),
    ]
    assert items[1]["actor"]["role"] == "service"
    assert items[1]["view"] == "plain"
    assert "subjects" not in answer.text
    service.ask("/v1/subjects/nobody/access-log", status=404)


def test_reading_an_access_log_stands_in_it(service: Service) -> None:
    service.tokenize()
    for _ in range(3):
        service.publish()
        service.ask("/v1/subjects/cust-1001/access-log")
    service.publish()
    first: Any = service.ask("/v1/subjects/cust-1001/access-log?limit=2").json
    assert [one["action"] for one in first["items"]] == ["audit.access_log_read"] * 2
    second: Any = service.ask(f"/v1/subjects/cust-1001/access-log?limit=2&cursor={first['next_cursor']}").json
    assert [one["action"] for one in second["items"]] == ["audit.access_log_read", "vault.tokenize"]
    assert second["next_cursor"] is None


def test_the_log_is_read_with_its_scope_only(service: Service) -> None:
    for path in (
        "/audit/checkpoint",
        "/v1/audit/entries",
        "/v1/subjects/cust-1001/access-log",
        "/v1/audit/entries/0/proof",
    ):
        service.call("GET", path, service.service, status=403)


def test_no_plain_value_leaves_while_numbering_lags_and_masked_ones_do(service: Service) -> None:
    token = service.tokenize()
    service.publish()
    assert service.detokenize(token, "plain")["value"] == PHONE["value"]
    service.clock.advance(seconds=120)
    assert service.detokenize(token, "plain")["error"]["reason"] == "audit_behind"
    assert service.detokenize(token)["value"] == "138****5678"
    ready: Any = service.moat.app.test_client().get("/readyz")
    assert ready.status_code == 503
    assert [one["field"] for one in ready.json["errors"]] == ["audit_lag"]
    service.publish()
    assert service.detokenize(token, "plain")["value"] == PHONE["value"]


def test_a_deployment_without_an_anchor_is_ready_and_says_what_it_could_not_find_out(service: Service) -> None:
    ready: Any = service.moat.app.test_client().get("/readyz").json
    assert (ready["status"], ready["warnings"]) == ("ready", ["audit_unanchored"])
