"""Receipts over HTTP: signed, proved by the log, checked offline by a program of its own, refused when tampered with."""

import copy
import json
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from moat_verifier.cli import run as verify
from pydantic import SecretStr
from werkzeug.test import TestResponse

from app import Moat, compose
from audit.checkpoint import ED25519, VerifierKey
from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from composition.receipts import RECEIPT_SIGNING
from consent.receipts.jws import sign
from database.columns import millis
from settings import Settings
from tests.conftest import BOTH
from tests.support.clock import Clock
from tests.support.prepared import prepared
from vault.log_key import LogKeyring
from web.issuance import Grant, Occasion
from web.principal import Role


class Service:
    """A deployment in this process, whose log is published when a test says so."""

    def __init__(self, place: Path, url: SecretStr | None) -> None:
        self.place = place
        self.clock = Clock()
        chosen = Settings(data=place / "data", keys=place / "keys", database=url)
        prepared(chosen)
        self.moat: Moat = compose(chosen, now=self.clock)
        self.tenant = self.moat.tenants.create("default", "CN", self._occasion())
        self.service = self._credential(self.tenant)
        self.foreign = self._credential(self.moat.tenants.create("other", "CN", self._occasion()))

    def call(
        self, method: str, path: str, body: Any = None, *, status: int = 200, credential: str = ""
    ) -> TestResponse:
        headers = {"Authorization": f"Bearer {credential or self.service}"}
        answer = self.moat.app.test_client().open(path, method=method, headers=headers, json=body)
        assert answer.status_code == status, answer.text
        return answer

    def say(
        self, subject: str, state: str, purpose: str = "marketing_sms", locale: str = "zh-Hans", **more: Any
    ) -> str:
        """Record what a person says to a notice; the name of the event."""
        item: dict[str, Any] = {"subject": subject, "purpose": purpose, "state": state, **more}
        if state == "given":
            shown = self.call(
                "POST",
                "/v1/presentations",
                {"subject": subject, "purposes": [purpose], "locale": locale, "channel": "app"},
            ).json
            item["presentation"] = shown["presentation"]  # type: ignore[index]  # an object
        answer: Any = self.call("POST", "/v1/consents", {"items": [item]}).json
        return str(answer["items"][0]["consent"])

    def receipt(self, subject: str, event: str, shape: str = "json", **options: Any) -> dict[str, Any]:
        path = f"/v1/subjects/{subject}/consents/{event}/receipt?format={shape}"
        return dict(self.call("GET", path, **options).json or {})

    def publish(self) -> None:
        while self.moat.publishing._run_once():
            pass

    def pins(self) -> list[str]:
        """What somebody who trusts the deployment's keys gives to the verifier."""
        jwks = self.moat.app.test_client().get("/.well-known/jwks.json").text
        publisher = self.moat.publishing._publisher
        assert publisher is not None
        checkpoint = publisher._around.directory.files(1).checkpoint()
        assert checkpoint is not None
        origin = checkpoint.decode().split("\n")[0]
        vkeys = [VerifierKey(origin, ED25519, one) for one in publisher._around.keys.publics()]
        return ["--jwk", jwks, *(part for vkey in vkeys for part in ("--vkey", str(vkey)))]

    def verdict(self, receipt: Any, *pins: str, text: bool = False) -> int:
        file = self.place / "receipt.json"
        file.write_text(receipt if text else json.dumps(receipt, ensure_ascii=False))
        return verify(["receipt", str(file), *pins])

    def _credential(self, tenant: int) -> str:
        grant = Grant(name="orders", role=Role.SERVICE)
        return self.moat.credentials.create(tenant, grant, self._occasion())[1].reveal()

    def _occasion(self) -> Occasion:
        at = millis(self.clock())
        return Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)


@pytest.fixture(scope="module", params=BOTH)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with ExitStack() as held:
        url = None
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            url = SecretStr(cluster.url(held.enter_context(cluster.fresh())))
        made = Service(tmp_path_factory.mktemp("receipts"), url)
        held.callback(made.moat.close)
        yield made


@pytest.mark.parametrize("shape", ["json", "jsonld"])
@pytest.mark.parametrize("locale", ["zh-Hans", "en"])
def test_a_receipt_is_verified_offline_with_pinned_keys(
    service: Service, shape: str, locale: str, capsys: pytest.CaptureFixture[str]
) -> None:
    event = service.say(f"cust-{shape}-{locale}", "given", locale=locale)
    service.publish()
    receipt = service.receipt(f"cust-{shape}-{locale}", event, shape)
    assert service.verdict(receipt, *service.pins()) == 0, capsys.readouterr().out
    said = capsys.readouterr().out
    assert "VERIFIED" in said
    assert f"language: {locale}" in said
    assert f"cust-{shape}" not in json.dumps(receipt), "a receipt names the person by the log's pseudonym"


def test_a_receipt_without_pinned_keys_is_only_consistent(service: Service) -> None:
    event = service.say("cust-unpinned", "given")
    service.publish()
    receipt = service.receipt("cust-unpinned", event)
    jwk, keys, *vkeys = service.pins()
    assert service.verdict(receipt) == 2
    assert service.verdict(receipt, jwk, keys) == 2
    assert service.verdict(receipt, *vkeys) == 2
    other = '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}'
    assert service.verdict(receipt, "--jwk", other, *vkeys) == 2


def test_a_receipt_is_pending_until_its_entry_is_published(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    service.publish()
    event = service.say("cust-pending", "given")
    receipt = service.receipt("cust-pending", event)
    assert receipt["log"]["state"] == "pending"
    assert service.verdict(receipt, *service.pins()) == 2
    assert "fetch the receipt again" in capsys.readouterr().out
    service.publish()
    assert service.verdict(service.receipt("cust-pending", event), *service.pins()) == 0


@pytest.mark.parametrize("shape", ["json", "jsonld"])
@pytest.mark.parametrize("state", ["refused", "withdrawn"])
def test_refusals_and_withdrawals_have_receipts_too(service: Service, state: str, shape: str) -> None:
    person = f"cust-{state}-{shape}"
    if state == "withdrawn":
        service.say(person, "given")
        service.clock.advance(days=1)
    event = service.say(person, state)
    service.publish()
    receipt = service.receipt(person, event, shape)
    assert service.verdict(receipt, *service.pins()) == 0
    if shape == "json":
        told = [one["event_state"] for one in receipt["consent_record"]["event"]]
        assert told == (["given", "withdrawn"] if state == "withdrawn" else ["refused"])


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of everything in a document that is no object and no list."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in items:
            yield from leaves(inner, (*path, name))
    else:
        yield path


def changed(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        flipped = "A" if value[:1] != "A" else "B"
        return flipped + value[1:]
    return "something"


@pytest.mark.parametrize("shape", ["json", "jsonld"])
def test_a_receipt_with_any_member_changed_added_or_left_out_is_refused(
    service: Service, shape: str, capsys: pytest.CaptureFixture[str]
) -> None:
    event = service.say(f"cust-tampered-{shape}", "given", purpose="merchant_sharing")
    service.publish()
    receipt, pins = service.receipt(f"cust-tampered-{shape}", event, shape), service.pins()
    assert service.verdict(receipt, *pins) == 0
    places = list(leaves(receipt))
    assert len(places) > 40
    for place in places:
        for act in ("change", "remove"):
            forged = copy.deepcopy(receipt)
            *above, last = place
            holder: Any = forged
            for name in above:
                holder = holder[name]
            if act == "change":
                holder[last] = changed(holder[last])
            else:
                del holder[last]
            # A signature whose header is changed may name another key, of which nothing can be said.
            assert service.verdict(forged, *pins) in ({1, 2} if place == ("signature",) else {1}), (act, place)
    assert service.verdict({**receipt, "further": 1}, *pins) == 1
    capsys.readouterr()


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"a":1,"a":2}', '{"a":1.5}', '{"signature":"a..b"}', "\ud800", "[" * 100_000]
)
def test_what_is_no_receipt_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "none.json"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert verify(["receipt", str(file)]) == 1
    assert verify(["receipt", str(tmp_path / "missing.json")]) == 2


def test_a_signed_receipt_whose_log_entry_is_of_other_words_is_refused(service: Service) -> None:
    """Even the deployment itself cannot put other words under an entry: the log has their digest."""
    event = service.say("cust-reworded", "given")
    service.publish()
    receipt = service.receipt("cust-reworded", event)
    notice = receipt["consent_record"]["pii_processing"]["privacy_notice"]
    notice["text"] = notice["text"].replace("您", "你")
    notice["sha256"] = sha256(notice["text"].encode()).hexdigest()
    del receipt["signature"]
    publisher = service.moat.publishing._publisher
    assert publisher is not None
    of_log = publisher._around.keys
    assert isinstance(of_log, LogKeyring)
    keys = LogKeyring(of_log._database, of_log._roots, AuditLog(), service.clock, usage=RECEIPT_SIGNING)
    forged = {**receipt, "signature": sign(receipt, keys.signers()[0])}
    assert service.verdict(forged, *service.pins()) == 1


def test_receipts_of_others_and_of_other_tenants_are_not_found(service: Service) -> None:
    event = service.say("cust-mine", "given")
    other = service.say("cust-theirs", "given")
    for subject, name, credential in (
        ("cust-theirs", event, ""),
        ("cust-mine", other, ""),
        ("cust-mine", "con_999999999", ""),
        ("cust-unknown", event, ""),
        ("cust-mine", event, service.foreign),
    ):
        answer = service.receipt(subject, name, status=404, credential=credential)
        assert answer["code"] == "not_found"
    service.call("GET", "/v1/subjects/cust-mine/consents/1/receipt", status=422)


@pytest.mark.parametrize("shape", ["json", "jsonld"])
def test_records_of_a_person_are_exported_one_for_each_purpose(service: Service, shape: str) -> None:
    person = f"cust-records-{shape}"
    service.say(person, "given")
    service.say(person, "refused", purpose="recommendation")
    service.say(person, "withdrawn")
    answer = service.call("GET", f"/v1/subjects/{person}/consent-records?format={shape}")
    records: list[dict[str, Any]] = answer.json["items"]  # type: ignore[index]  # an object
    if shape == "json":
        told = {
            one["pii_processing"]["purposes"][0]["purpose_type"]: [event["event_state"] for event in one["event"]]
            for one in records
        }
        assert told == {"marketing_sms": ["given", "withdrawn"], "recommendation": ["refused"]}
        for one in records:
            assert {"schema_version", "record_id", "pii_principal_id"} == set(one["record"])
            parties = {party["party_id"] for party in one["party_identification"]}
            assert {"controller", *one["pii_processing"]["purposes"][0]["recipient_third_parties"]} == parties
    else:
        assert answer.content_type == "application/ld+json"
        assert {one["@type"] for one in records} == {"dpv:ConsentRecord"}
        assert {one["@context"]["dpv"] for one in records} == {"https://w3id.org/dpv#"}
