"""The parts of this service as holders, over a whole deployment on each database."""

from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from database.columns import rfc3339
from database.statement import Statement
from dsar.holders.errors import HolderHeldError, HolderRefusedError
from dsar.holders.holder import Disposal, Errand, Holder, Person
from tests.api.conftest import Api, api, subject
from web.principal import Role

__all__ = ["api", "subject"]

PHONE, NEW = "13812345678", "13987654321"
SMS = "marketing_sms"
ALL = Disposal(reason="erasure_request")

_SUBJECT = Statement("SELECT max(id) FROM subject")
_ENTRIES = Statement("SELECT body FROM audit_entry ORDER BY id")


def holder(api: Api, name: str) -> Holder:
    (one,) = [one for one in api.moat.holders.of(api.tenant) if one.name == name]
    return one


def person(api: Api, subject: str) -> Person:
    """A person with a phone for an order."""
    api.token(PHONE, subject=subject)
    row = api.moat.database.read(None, lambda tx: tx.one(_SUBJECT))
    assert row is not None
    return Person(api.tenant, row[0])


def errand() -> Errand:
    return Errand(request=uuid4(), key="first")


def entries(api: Api, request: UUID) -> list[dict[str, Any]]:
    rows = api.moat.database.read(None, lambda tx: tx.all(_ENTRIES))
    return [entry for (body,) in rows if (entry := orjson.loads(body))["request"] == str(request)]


def consent(api: Api, subject: str, purpose: str, state: str = "given") -> None:
    asked = {"subject": subject, "purposes": [purpose], "locale": "en", "channel": "app"}
    shown: Any = api.call("POST", "/v1/presentations", asked).json
    said = {"subject": subject, "purpose": purpose, "state": state, "presentation": shown["presentation"]}
    assert "error" not in api.items("/v1/consents", {"items": [said]})[0]


def standing(api: Api, subject: str, purpose: str) -> str:
    asked = {"items": [{"subject": subject, "purpose": purpose, "kind": "phone"}]}
    found: dict[str, Any] = api.items("/v1/decisions", asked)[0]
    return "allowed" if found["decision"] == "allow" else str(found["reason"])


def test_the_vault_is_counted_given_out_and_destroyed_once(api: Api, subject: str) -> None:
    one, first = person(api, subject), errand()
    vault = holder(api, "vault")
    assert {held.use for held in vault.inventory(one, first)} == {
        ("account", "", ""),
        ("phone", "delivery", "order:o-1"),
    }
    assert [fields.get("value") for _, fields in vault.disclose(one, first)] == [None, PHONE]
    done = vault.dispose(one, ALL, first)
    assert (done.method, done.count) == ("cryptographic_erase", 2)
    assert vault.dispose(one, ALL, first) == done
    assert vault.inventory(one, first) == []
    assert [entry["action"] for entry in entries(api, first.request)] == [
        "vault.subject_disclose",
        "vault.subject_disclose",
        "vault.subject_shred",
        "holder.answer",
    ]
    with pytest.raises(HolderRefusedError, match="subject_erased"):
        vault.disclose(one, first)


def test_a_restricted_person_is_stored_and_not_used_until_released(api: Api, subject: str) -> None:
    one, first, vault = person(api, subject), errand(), holder(api, "vault")
    token = api.token(PHONE, subject=subject)
    assert vault.restrict(one, first, on=True).method == "restrict"
    assert api.seen(token) == ["restricted"]
    assert [fields.get("value") for _, fields in vault.disclose(one, first)] == [None, PHONE]
    assert vault.restrict(one, first, on=False).method == "release"
    assert api.seen(token) == [PHONE]


def test_a_correction_is_taken_by_its_kind_or_refused_by_a_code(api: Api, subject: str) -> None:
    one, vault = person(api, subject), holder(api, "vault")
    api.call("PUT", f"/v1/subjects/{subject}", {"purpose": "account", "fields": {"phone": PHONE}})
    assert vault.rectify(one, {"phone": NEW}, errand()).count == 1
    assert vault.rectify(one, {"phone": NEW}, errand()).method == "none"
    for corrections, code in (({"phone": "12"}, "not_a_phone"), ({"shoe": "44"}, "unknown_kind")):
        with pytest.raises(HolderRefusedError, match=code):
            vault.rectify(one, corrections, errand())


def test_a_hold_keeps_the_vault_from_destroying(api: Api, subject: str) -> None:
    one, vault = person(api, subject), holder(api, "vault")
    review = rfc3339(int(api.clock().timestamp() * 1000) + 86_400_000)
    wanted = {
        "scope": {"subject": subject, "kind": "phone"},
        "reason": "litigation",
        "case": "c-1",
        "review_at": review,
    }
    assert api.call("POST", "/v1/holds", wanted, credential=api.role(Role.PRIVACY_OFFICER)).status_code == 201
    first = errand()
    for _ in range(2):
        with pytest.raises(HolderHeldError):
            vault.dispose(one, ALL, first)
    assert len(vault.inventory(one, first)) == 2
    kept = Disposal(reason="erasure_request", keep=frozenset({("phone", "delivery", "order:o-1")}))
    assert vault.dispose(one, kept, errand()).count == 0


def test_consents_are_given_out_as_records_and_let_go_of_but_what_is_kept(api: Api, subject: str) -> None:
    one, first, consents = person(api, subject), errand(), holder(api, "consent")
    consent(api, subject, SMS)
    consent(api, subject, "precise_location")
    assert {held.purpose: held.count for held in consents.inventory(one, first)} == {SMS: 1, "precise_location": 1}
    records = [fields for _, fields in consents.disclose(one, first)]
    assert [record["record"]["schema_version"] for record in records] == ["ISO/IEC TS 27560:2023"] * 2
    assert standing(api, subject, SMS) == "allowed"
    keep = frozenset({("consent", "precise_location", "")})
    done = consents.dispose(one, Disposal(reason="erasure_request", keep=keep), first)
    assert (done.method, done.count) == ("anonymise", 1)
    assert standing(api, subject, SMS) == "no_record"
    assert [held.purpose for held in consents.inventory(one, first)] == ["precise_location"]
    assert consents.dispose(one, ALL, Errand(request=first.request, key="second")).count == 1
    assert consents.inventory(one, first) == []
    assert [entry["purpose"] for entry in entries(api, first.request) if entry["action"] == "consent.dispose"] == [
        SMS,
        "precise_location",
    ]
    with pytest.raises(HolderRefusedError, match="not_supported"):
        consents.restrict(one, first, on=True)


def test_people_get_what_they_have_asked_with_their_words(api: Api, subject: str) -> None:
    one, first, requests = person(api, subject), errand(), holder(api, "requests")
    for right, text in (("access", "everything please"), ("complaint", "the soup was cold")):
        api.clock.advance(seconds=1)
        asked: dict[str, Any] = {"subject": subject, "right": right, "regime": "pipl", "text": text}
        asked |= {"complaint": {"category": "other"}} if right == "complaint" else {}
        answer = api.call("POST", "/v1/requests", asked)
        assert answer.status_code == 201, answer.text
    pieces = list(requests.disclose(one, first))
    assert [(category, fields["text"]) for category, fields in pieces] == [
        ("complaint", "the soup was cold"),
        ("request", "everything please"),
    ]
    (entry,) = entries(api, first.request)
    assert (entry["action"], len(entry["refs"])) == ("dsar.read", 2)
