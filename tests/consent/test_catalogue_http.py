"""What people are told, who gets their data, and the record of it all, over HTTP."""

import base64
import csv
import json
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from werkzeug.test import TestResponse

from app import Moat, compose
from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from composition.catalogue import _SENSITIVE
from consent.catalogue_text import starter_catalogue
from consent.catalogues.occasion import Occasion as Applying
from consent.catalogues.publication import Publication
from consent.catalogues.telling import KIND, Telling
from consent.locale import Locale
from consent.recipient import Transfer
from database.columns import millis
from database.statement import Statement
from settings import Settings
from tests.conftest import BOTH
from tests.support.catalogue import source
from tests.support.clock import Clock
from tests.support.prepared import prepared
from web.issuance import Grant, Occasion
from web.principal import Role
from work.job import Job, JobState

STARTER = starter_catalogue()
SMS = "marketing_sms"
PHONE = "13812345678"


class Service:
    """A deployment in this process with two tenants."""

    def __init__(self, place: Path, url: SecretStr | None) -> None:
        self.clock = Clock()
        chosen = Settings(data=place / "data", keys=place / "keys", database=url)
        prepared(chosen)
        self.moat: Moat = compose(chosen, now=self.clock)
        self.tenant = self.moat.tenants.create("default", "CN", self._occasion())
        self.other = self.moat.tenants.create("other", "CN", self._occasion())
        self.service = self._credential(self.tenant, Role.SERVICE)
        self.auditor = self._credential(self.tenant, Role.AUDITOR)
        self.foreign = self._credential(self.other, Role.SERVICE)

    def call(self, method: str, path: str, body: Any = None, *, status: int = 200, by: str = "") -> TestResponse:
        headers = {"Authorization": f"Bearer {by or self.service}"}
        answer = self.moat.app.test_client().open(path, method=method, headers=headers, json=body)
        assert answer.status_code == status, answer.text
        return answer

    def get(self, path: str, *, status: int = 200, by: str = "") -> Any:
        return self.call("GET", path, status=status, by=by).json

    def apply(self, tenant: int, **edits: Any) -> None:
        """Put a changed starter in force, as the command on the host does it."""
        at = millis(self.clock())
        now = Applying(tenant=tenant, actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)
        Publication(self.moat.database, AuditLog(), _SENSITIVE).apply(source(**edits), now)

    def tokenize(self, purpose: str, *items: dict[str, str], status: int = 200) -> Any:
        body = {"purpose": purpose, "ref": "order:o-1", "items": [{"subject": "cust-1001", **item} for item in items]}
        return self.call("POST", "/v1/tokenize", body, status=status).json

    def say(self, purpose: str, state: str) -> str:
        item: dict[str, Any] = {"subject": "cust-1001", "purpose": purpose, "state": state}
        if state == "given":
            wish = {"subject": "cust-1001", "purposes": [purpose], "asked_by": "person"}
            item["presentation"] = self.call("POST", "/v1/presentations", wish).json["presentation"]  # type: ignore[index]
        (answer,) = self.call("POST", "/v1/consents", {"items": [item]}).json["items"]  # type: ignore[index]
        return str(answer["consent"])

    def shares(self, status: int = 200) -> dict[str, dict[str, Any]]:
        """What each recipient gets of the person, by recipient and purpose."""
        found = self.get("/v1/subjects/cust-1001/recipients", status=status)
        return {one["recipient"]: {share["purpose"]: share for share in one["shares"]} for one in found["items"]}

    def _credential(self, tenant: int, role: Role) -> str:
        return self.moat.credentials.create(tenant, Grant(name=role.value, role=role), self._occasion())[1].reveal()

    def _occasion(self) -> Occasion:
        at = millis(self.clock())
        return Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)


@pytest.fixture(autouse=True)
def _look_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no second go by before a process sees the next catalogue."""
    monkeypatch.setattr("consent.catalogues.source.CHECKED_EVERY_SECONDS", 0.0)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path, None)
    yield service
    service.moat.close()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that is only read."""
    service = Service(tmp_path_factory.mktemp("shown"), None)
    yield service
    service.moat.close()


@pytest.fixture(params=BOTH)
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    """The service on each database."""
    if request.param == "sqlite":
        service = Service(tmp_path, None)
        yield service
        service.moat.close()
        return
    with request.getfixturevalue("cluster").fresh() as name:
        service = Service(tmp_path, SecretStr(request.getfixturevalue("cluster").url(name)))
        yield service
        service.moat.close()


def test_purposes_are_listed_in_the_asked_language_with_all_that_decides(shown: Service) -> None:
    page = shown.get("/v1/purposes?locale=en")
    assert [one["purpose"] for one in page["items"]] == list(STARTER.purposes())
    assert (page["locale"], page["catalogue"], page["next_cursor"]) == ("en", 1, None)
    one = shown.get("/v1/purposes/precise_location?locale=en")
    assert one == page["items"][6]
    assert (one["basis"], one["separate"], one["default"]) == (
        {"pipl": "consent", "gdpr": "consent"},
        "sensitive",
        "off",
    )
    assert (one["kinds"], one["validity_days"], one["minors"]) == (["geo"], 365, "guardian")
    assert one["recipients"] == [{"recipient": "map_service", "kinds": ["geo"]}]
    assert one["title"] == "Using your exact position"
    assert shown.get("/v1/purposes/precise_location")["title"] == "使用您的精确位置"
    shown.get("/v1/purposes/curiosity", status=404)


def test_a_notice_comes_back_to_the_byte_as_json_and_as_text(either: Service) -> None:
    for locale in Locale:
        wanted = STARTER.notice(SMS).texts[locale]
        answer = either.get(f"/v1/notices/{SMS}/1?locale={locale}")
        assert (answer["text"], answer["sha256"], answer["title"]) == (wanted.text, wanted.digest, wanted.title)
        text = either.call("GET", f"/v1/notices/{SMS}/1?locale={locale}&format=text")
        assert text.data == wanted.text.encode()
        digest = base64.b64encode(sha256(text.data).digest()).decode()
        assert text.headers["Repr-Digest"] == f"sha-256=:{digest}:"
        assert text.headers["Content-Language"] == locale


def test_old_versions_of_a_notice_stay_and_are_listed(either: Service) -> None:
    either.get("/v1/catalogue")
    reworded = {f"notices__{SMS}__en__why": "News.", f"purposes__{SMS}__notice": {"version": 2, "material": False}}
    either.apply(either.tenant, version=2, **reworded)
    listed = either.get(f"/v1/notices/{SMS}")["items"]
    assert [(one["version"], one["material"]) for one in listed] == [(1, True), (2, False)]
    old, new = (either.get(f"/v1/notices/{SMS}/{version}?locale=en")["text"] for version in (1, 2))
    assert old == STARTER.notice(SMS).texts[Locale.EN].text
    assert "News." in new


@pytest.mark.parametrize(
    "path",
    ["/v1/notices/marketing_sms/2", "/v1/notices/curiosity/1", "/v1/notices/curiosity", "/v1/catalogue?version=9"],
)
def test_what_was_never_published_is_not_found(shown: Service, path: str) -> None:
    assert shown.get(path, status=404)["code"] == "not_found"


@pytest.mark.parametrize("path", ["/v1/notices/marketing_sms/1?locale=fr", "/v1/notices/marketing_sms/99999999999"])
def test_what_cannot_be_asked_is_refused(shown: Service, path: str) -> None:
    shown.get(path, status=422)


def test_the_catalogue_shows_its_controller_and_all_its_versions(service: Service) -> None:
    service.get("/v1/catalogue")
    service.apply(service.tenant, version=5, purposes__account__reask_days=200)
    old = service.get("/v1/catalogue?version=1&locale=zh-Hant")
    assert [(one["version"], one["starter"]) for one in old["versions"]] == [(1, True), (5, False)]
    assert old["controller"]["contact"] == "個人資料保護負責人"
    assert old["sensitive"] == ["id_card", "passport", "birth_date", "bank_card", "geo"]
    assert service.get("/v1/catalogue?version=5")["purposes"][0]["reask_days"] == 200


def test_tenants_see_their_own_catalogue_only(either: Service) -> None:
    either.apply(either.other, version=3, controller__email="dpo@other.test", notice__version=2)
    assert "dpo@other.test" in either.get("/v1/notices/account/2", by=either.foreign)["text"]
    either.get("/v1/notices/account/2", status=404)
    assert either.get("/v1/catalogue")["controller"]["email"] == "privacy@platform.example"


def test_the_register_says_who_gets_what(shown: Service) -> None:
    found = {one["recipient"]: one for one in shown.get("/v1/recipients?locale=en")["items"]}
    assert list(found) == list(STARTER.recipients)
    overseas = found["overseas_service"]
    assert (overseas["kind"], overseas["country"], overseas["abroad"]) == ("controller", "SG", True)
    assert overseas["transfer"] == "standard_contract"
    assert overseas["purposes"] == [{"purpose": "cross_border", "kinds": ["name", "phone", "email", "address"]}]
    assert [one["purpose"] for one in found["map_service"]["purposes"]] == ["delivery", "precise_location"]


def test_what_is_shared_of_a_person_follows_what_is_kept_and_what_was_agreed_to(either: Service) -> None:
    either.tokenize("delivery", {"kind": "phone", "value": PHONE}, {"kind": "note", "value": "放门口"})
    either.tokenize(SMS, {"kind": "phone", "value": PHONE})
    contract = {"purpose": "delivery", "kinds": ["phone", "note"], "reason": "contract", "consent": None,
                "notice_version": None}  # fmt: skip
    assert either.shares() == {"delivery_partner": {"delivery": contract}}
    consent = either.say(SMS, "given")
    agreed = {"purpose": SMS, "kinds": ["phone"], "reason": "given", "consent": consent, "notice_version": 1}
    assert either.shares() == {"delivery_partner": {"delivery": contract}, "sms_gateway": {SMS: agreed}}
    either.say(SMS, "withdrawn")
    assert "sms_gateway" not in either.shares()


def test_what_is_shared_of_a_person_counts_the_profile_too(service: Service) -> None:
    body = {"purpose": SMS, "fields": {"phone": PHONE}}
    service.call("PUT", "/v1/subjects/cust-1001", body)
    service.say(SMS, "given")
    assert service.shares()["sms_gateway"][SMS]["kinds"] == ["phone"]


def test_reading_what_is_shared_of_a_person_is_recorded_and_of_strangers_says_nothing(service: Service) -> None:
    service.tokenize("delivery", {"kind": "phone", "value": PHONE})
    service.shares()
    service.get("/v1/subjects/cust-9/recipients", status=404)
    service.get("/v1/subjects/cust-1001/recipients", status=404, by=service.foreign)
    service.get("/v1/subjects/cust-1001/recipients", status=403, by=service.auditor)
    entries = service.get("/v1/audit/entries?action=consent.read", by=service.auditor)["items"]
    outcomes = {one["entry"]["outcome"]: one["entry"] for one in entries}  # at one moment they stand in any order
    assert (len(entries), set(outcomes)) == (2, {"done", "failed"})
    assert len(outcomes["done"]["subjects"]) == 1


def test_the_vault_follows_the_catalogue_that_is_applied(either: Service) -> None:
    card = {"kind": "license_plate", "value": "沪A12345"}
    (refused,) = either.tokenize("support", card)["items"]
    assert refused["error"]["code"] == "not_necessary"
    groups = ["person", "free_text", "vehicle"]
    either.apply(either.tenant, version=2, purposes__support__groups=groups, purposes__support__notice={"version": 2})
    (issued,) = either.tokenize("support", card)["items"]
    assert issued["created"]
    foreign = {"purpose": "support", "items": [{"subject": "cust-1001", **card}]}
    (still,) = either.call("POST", "/v1/tokenize", foreign, by=either.foreign).json["items"]  # type: ignore[index]
    assert still["error"]["code"] == "not_necessary"


def test_a_purpose_that_a_catalogue_adds_is_known_to_the_vault_and_one_that_it_drops_is_not(service: Service) -> None:
    tree = source()
    loyalty = {**tree["purposes"]["support"], "recipients": {}}
    service.apply(service.tenant, version=2, purposes__loyalty=loyalty, notices__loyalty=tree["notices"]["support"])
    note = {"kind": "note", "value": "会员"}
    assert service.tokenize("loyalty", note)["items"][0]["created"]
    service.apply(service.tenant, version=3)
    assert service.tokenize("loyalty", note)["items"][0]["error"]["code"] == "unknown_purpose"


class Tags(HTMLParser):
    """What a page loads from elsewhere or runs, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.foreign: list[str] = []
        self.ids: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"script", "link", "img", "iframe"} or not (given.get("href") or "#").startswith("#"):
            self.foreign.append(tag)
        if tag == "section":
            self.ids.append(str(given.get("id")))

    def handle_data(self, data: str) -> None:
        self.text += data


def record(service: Service, form: str, locale: Locale = Locale.EN) -> bytes:
    answer = service.call("GET", f"/v1/ropa?format={form}&locale={locale}", by=service.auditor)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="ropa-v1-{locale}.{form}"'
    return bytes(answer.data)


@pytest.mark.parametrize("locale", list(Locale))
def test_the_record_is_one_page_that_needs_nothing_else(shown: Service, locale: Locale) -> None:
    page = Tags()
    page.feed(record(shown, "html", locale).decode())
    assert page.foreign == []
    assert page.ids == list(STARTER.purposes())
    for name, purpose in STARTER.by_id.items():
        assert STARTER.notice(name).texts[locale].title in page.text
        assert purpose.retention.text[locale] in page.text
        assert purpose.description[locale] in page.text
    for recipient in STARTER.recipients.values():
        assert recipient.safeguards[locale] in page.text


@pytest.mark.parametrize("locale", list(Locale))
def test_the_record_as_json_holds_what_the_page_shows(shown: Service, locale: Locale) -> None:
    found = json.loads(record(shown, "json", locale))
    assert found["controller"] == STARTER.controller.name[locale]
    assert [one["id"] for one in found["activities"]] == list(STARTER.purposes())
    border = found["activities"][11]
    transfers = STARTER.names[locale].transfers
    assert border["recipients"][0]["transfer"] == transfers[Transfer.STANDARD_CONTRACT]
    assert border["assessment_needed"]
    assert border["assessment"] is None
    assert border["notice_sha256"] == STARTER.notice("cross_border").texts[locale].digest


@pytest.mark.parametrize("locale", list(Locale))
def test_the_record_as_csv_has_a_row_for_each_activity(shown: Service, locale: Locale) -> None:
    octets = record(shown, "csv", locale)
    assert octets.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(StringIO(octets.decode("utf-8-sig"))))
    assert [row["activity"] for row in rows] == list(STARTER.purposes())
    assert rows[1]["retention_days"] == "1095"
    assert STARTER.names[locale].kinds["geo"] in rows[6]["sensitive_kinds"]


def test_text_of_a_catalogue_is_neither_markup_nor_a_formula_in_the_record(service: Service) -> None:
    service.get("/v1/catalogue")
    text = "=1+1<script>alert(1)</script>"
    words = {"zh-Hans": text, "zh-Hant": text, "en": text}
    service.apply(service.tenant, version=2, purposes__account__description=words,
                  purposes__account__assessment={
            "reference": "PIA-7", "dated": "2026-11-01", "result": words})  # fmt: skip
    page = service.call("GET", "/v1/ropa?format=html&locale=en", by=service.auditor).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "PIA-7, 2026-11-01" in page
    assert page.count("&lt;script&gt;") == 2
    rows = list(csv.DictReader(StringIO(service.call("GET", "/v1/ropa?format=csv", by=service.auditor).text)))
    assert rows[0]["purpose"] == f"'{text}"


def test_the_record_takes_the_scope_to_read_the_log(shown: Service) -> None:
    shown.get("/v1/ropa", status=403)


def test_without_a_messenger_nobody_is_noted_as_told(service: Service) -> None:
    service.tokenize(SMS, {"kind": "phone", "value": PHONE})
    service.say(SMS, "given")
    reworded = {f"notices__{SMS}__en__why": "News.", f"purposes__{SMS}__notice": {"version": 2, "material": False}}
    service.apply(service.tenant, version=2, controller__url="https://platform.test/privacy", **reworded)
    (task,) = (task for task in service.moat.work.tasks if task.kind == KIND)
    job = Job(service.tenant, UUID(int=1), KIND, JobState.RUNNING, Telling(SMS, 2).params(), 0, 0, None, 0)
    with pytest.raises(OSError, match="no messenger is configured"):
        task.step(job, 0)
    told = service.moat.database.read(None, lambda tx: tx.all(Statement("SELECT subject FROM consent_told")))
    assert told == []
