"""Publishing: once, for good, tenant by tenant, on record in the log; and what is in force follows it."""

from hashlib import sha256
from threading import Thread
from typing import Any

import pytest

from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from consent.catalogue_text import starter_catalogue, starter_source
from consent.catalogues.occasion import Occasion
from consent.catalogues.publication import Comparison, Publication
from consent.catalogues.reading import CatalogueReader
from consent.catalogues.source import CatalogueSource
from consent.errors import CatalogueConflictError, CatalogueError, CatalogueNotFoundError, NoticeNotFoundError
from consent.locale import Locale
from database.columns import millis
from tests.consent.desk import SENSITIVE, SMS, Desk
from tests.support.catalogue import source
from tests.support.vault import OTHER_TENANT, TENANT, Vault

REWORDED: dict[str, Any] = {f"notices__{SMS}__en__why": "To tell you more.", f"purposes__{SMS}__notice": {"version": 2}}


class Office:
    """Publishing and reading as one process does it; its seconds go by only when a test says so."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self.second = 0.0
        self.publication = Publication(vault.database, AuditLog(), SENSITIVE)
        self.source = CatalogueSource(vault.database, lambda: self.second)
        self.reader = CatalogueReader(vault.database, self.source, self.publication.ensure, vault.clock)

    def occasion(self, tenant: int = TENANT) -> Occasion:
        at = millis(self.vault.clock())
        return Occasion(tenant=tenant, actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)

    def apply(self, tenant: int = TENANT, **edits: Any) -> Comparison:
        return self.publication.apply(source(**edits), self.occasion(tenant))

    def rows(self) -> dict[str, Any]:
        dump = self.vault.dump()
        return {name: dump[name] for name in ("consent_catalogue", "consent_notice", "consent_notice_text")}


@pytest.fixture
def office(vault: Vault) -> Office:
    return Office(vault)


def test_a_tenant_without_a_catalogue_has_the_starter_on_record_at_its_first_use(office: Office) -> None:
    assert office.rows()["consent_catalogue"] == []
    edition = office.reader.edition(TENANT)
    assert edition.catalogue.purposes() == starter_catalogue().purposes()
    (version,) = office.reader.versions(TENANT)
    assert (version.version, version.starter) == (1, True)
    office.reader.edition(TENANT)
    assert len(office.rows()["consent_catalogue"]) == 1
    assert len(office.rows()["consent_notice_text"]) == 42
    (act,) = {entry["act"] for entry in office.vault.entries(action="consent.catalogue_apply")}
    assert act


def test_what_was_published_is_recovered_to_the_byte_whatever_came_after(office: Office) -> None:
    office.apply()
    wanted = starter_catalogue().notice(SMS).texts
    office.apply(version=2, **REWORDED)
    for locale in Locale:
        found = office.reader.notice(TENANT, SMS, 1, locale)
        assert found.text == wanted[locale].text
        assert found.digest == sha256(found.text.encode()).hexdigest() == wanted[locale].digest
        assert found.title == wanted[locale].title
    assert office.reader.notice(TENANT, SMS, 2, Locale.EN).text != wanted[Locale.EN].text
    assert office.reader.notice(TENANT, SMS, 1, None).locale == "zh-Hans"
    assert [one.version for one in office.reader.notice_versions(TENANT, SMS)] == [1, 2]
    assert office.reader.edition(TENANT, 1).catalogue.notice(SMS).version == 1


@pytest.mark.parametrize(("purpose", "version"), [(SMS, 2), ("curiosity", 1)])
def test_what_was_never_published_is_not_found(office: Office, purpose: str, version: int) -> None:
    office.apply()
    with pytest.raises(NoticeNotFoundError):
        office.reader.notice(TENANT, purpose, version, Locale.EN)
    with pytest.raises(CatalogueNotFoundError):
        office.reader.edition(TENANT, 2)


def test_the_same_catalogue_again_changes_nothing(office: Office) -> None:
    assert office.apply().news
    before = office.rows()
    assert not office.apply().news
    assert office.rows() == before
    assert len({entry["act"] for entry in office.vault.entries(action="consent.catalogue_apply")}) == 1


@pytest.mark.parametrize(
    ("edits", "why"),
    [
        ({"controller__security__en": "Locks."}, "version: 2 is published with other content; take 3"),
        ({"version": 1}, "version: 2 is in force; take 3"),
        ({"version": 3, f"notices__{SMS}__en__why": "Else."}, f"purposes.{SMS}.notice.version: 2 is published"),
        ({"version": 3, **REWORDED, "groups__person": ["name", "shoe_size"],
          "kinds__shoe_size": {"zh-Hans": "鞋码", "zh-Hant": "鞋碼", "en": "shoe size"}}, "the vault has no kind"),
        ({"version": 3, **REWORDED, "sensitive": ["id_card"]}, "sensitive: "),
    ],
)  # fmt: skip
def test_what_contradicts_the_published_is_refused_and_nothing_is_stored(
    office: Office, edits: dict[str, Any], why: str
) -> None:
    office.apply(version=2, **REWORDED)
    before = office.rows()
    with pytest.raises((CatalogueConflictError, CatalogueError)) as refusal:
        office.publication.apply(source(**{"version": 2, **REWORDED, **edits}), office.occasion())
    assert why in str(refusal.value)
    assert office.rows() == before


def test_tenants_have_catalogues_of_their_own(office: Office) -> None:
    office.apply(version=7, **REWORDED)
    assert office.reader.edition(TENANT).version == 7
    assert office.reader.edition(OTHER_TENANT).version == 1
    assert (
        office.reader.notice(OTHER_TENANT, SMS, 1, Locale.EN).text
        == starter_catalogue().notice(SMS).texts[Locale.EN].text
    )
    with pytest.raises(NoticeNotFoundError):
        office.reader.notice(OTHER_TENANT, SMS, 2, Locale.EN)
    with pytest.raises(CatalogueNotFoundError):
        office.reader.edition(OTHER_TENANT, 7)


def test_comparing_tells_what_applying_would_do_and_does_nothing(vault: Vault) -> None:
    office, desk = Office(vault), Desk(vault)
    for subject in ("cust-1", "cust-2", "cust-3"):
        desk.give(subject)
    desk.withdraw("cust-3")
    before = office.rows()
    compared = office.publication.compare(source(version=2, **REWORDED), office.occasion())
    assert office.rows() == before
    (change,) = compared.changes
    assert (change.purpose, change.material, compared.affected) == (SMS, True, {SMS: 2})
    assert office.apply(version=2, **REWORDED).affected == {SMS: 2}
    assert desk.word("cust-1") == "stale_notice"


def test_another_address_of_the_controller_takes_new_notices_and_no_new_consent(vault: Vault) -> None:
    office, desk = Office(vault), Desk(vault)
    desk.give("cust-1")
    moved: dict[str, Any] = {
        "controller__email": "dpo@new.test",
        "notice": {"version": 2, "material": False, "change": "new address"},
    }
    assert office.apply(version=2, **moved).affected == {}
    assert office.reader.notice(TENANT, "delivery", 2, Locale.EN).text.count("dpo@new.test") == 1
    assert desk.word("cust-1") == "allow"
    office.apply(version=3, **{**moved, "notice": {"version": 3}})
    assert desk.word("cust-1") == "stale_notice"


def test_the_log_names_each_published_text_by_its_digest(office: Office) -> None:
    office.apply()
    named = [
        (entry["purpose"], entry["rows"], entry["wording"])
        for entry in office.vault.entries(action="consent.catalogue_apply")
        if "purpose" in entry
    ]
    assert named == [
        (purpose, [1], text.digest)
        for purpose, notice in starter_catalogue().notices.items()
        for text in notice.texts.values()
    ]


def test_other_processes_follow_within_a_second_and_ask_the_database_no_oftener(vault: Vault) -> None:
    office, other = Office(vault), Office(vault)
    office.apply()
    assert other.source.of(TENANT).version == 1
    office.apply(version=2, **REWORDED)
    other.second = 0.999
    assert other.source.of(TENANT).version == 1
    other.second = 1.0
    assert other.source.of(TENANT).version == 2
    assert other.source.of(TENANT) is other.source.of(TENANT)


def test_the_past_has_the_catalogue_that_was_in_force_then(vault: Vault) -> None:
    office = Office(vault)
    office.apply()
    first = millis(vault.clock())
    vault.clock.advance(days=1)
    office.apply(version=2, **REWORDED)

    def at(moment: int) -> int | None:
        found = vault.database.read(TENANT, lambda tx: office.source.at(tx, TENANT, moment))
        return None if found is None else found.version

    day = 24 * 3600 * 1000
    assert [at(first - 1), at(first), at(first + day - 1), at(first + day)] == [None, 1, 1, 2]


def test_of_two_that_publish_the_same_version_at_once_one_wins_and_the_other_hears_why(vault: Vault) -> None:
    office = Office(vault)
    office.apply()
    heard: list[str] = []

    def publish(text: str) -> None:
        try:
            office.apply(version=2, **{**REWORDED, f"notices__{SMS}__en__why": text})
            heard.append("published")
        except CatalogueConflictError as conflict:
            heard.append(str(conflict))

    threads = [Thread(target=publish, args=(f"Reason {number}.",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard.count("published") == 1
    assert set(heard) - {"published"} == {"version: 2 is published with other content; take 3"}
    assert len(office.rows()["consent_catalogue"]) == 2


def test_the_starter_of_a_later_release_changes_nothing_that_was_recorded(office: Office, monkeypatch: Any) -> None:
    office.reader.edition(TENANT)
    other = source(**{f"notices__{SMS}__en__why": "A later release says it otherwise."})
    monkeypatch.setattr("consent.catalogues.publication.starter_source", lambda: other)
    later = Office(office.vault)
    assert later.reader.notice(TENANT, SMS, 1, Locale.EN).text == starter_catalogue().notice(SMS).texts[Locale.EN].text
    assert later.reader.source(TENANT) == starter_source()
