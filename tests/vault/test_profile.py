"""Profiles: merged writes, superseded values, masked reads, on both databases."""

import pytest

from audit.entry import Reason
from tests.support.vault import OTHER_TENANT, Vault, submitted
from vault.errors import DeniedError, NotFoundError, SubjectErasedError
from vault.item import AtomicBatchError, ItemError
from vault.profile import Profile
from vault.shredding import ShredReason

PHONE, NAME, HOME = "13812345678", "王小明", "北京市朝阳区建国路88号2单元501"


def put(vault: Vault, role: str = "service", type_: str | None = None, **fields: str | None) -> dict[str, str]:
    """Write fields; a double underscore stands for the dot before a label."""
    named = {field.replace("__", "."): value for field, value in fields.items()}
    return vault.profiles.put(vault.caller(role), "cust-1001", named, type_=type_, purpose="account")


def get(vault: Vault, role: str = "service", purpose: str = "account") -> Profile:
    return vault.profiles.get(vault.caller(role), "cust-1001", purpose=purpose)


def masked(vault: Vault) -> dict[str, str | None]:
    return {name: field.masked for name, field in get(vault).fields.items()}


def test_a_profile_is_written_and_read_masked(vault: Vault) -> None:
    tokens = put(vault, type_="customer", phone=PHONE, name=NAME, address__work=HOME)
    profile = get(vault)
    assert (profile.subject, profile.type, profile.state) == ("cust-1001", "customer", "active")
    assert {name: field.token for name, field in profile.fields.items()} == tokens
    assert masked(vault)["phone"] == "138****5678"
    assert NAME not in repr(profile)
    assert profile.fields["phone"].updated_at == "2026-11-02T08:00:00.000Z"
    assert vault.seen(tokens["address.work"], purpose="account", ref="") == [HOME]


def test_what_is_left_out_stays_and_null_takes_away(vault: Vault) -> None:
    tokens = put(vault, type_="customer", phone=PHONE, name=NAME)
    assert put(vault, name=None) == {}
    assert masked(vault) == {"phone": "138****5678"}
    assert get(vault).type == "customer"
    assert vault.seen(*tokens.values(), purpose="account") == [PHONE, "not_found"]
    assert put(vault, email=None) == {}


def test_the_same_value_keeps_its_token_and_the_time_of_its_first_writing(vault: Vault) -> None:
    first = put(vault, phone=PHONE)
    vault.clock.advance(hours=1)
    assert put(vault, phone="138 1234 5678") == first
    assert get(vault).fields["phone"].updated_at == "2026-11-02T08:00:00.000Z"


def test_a_changed_value_supersedes_the_old_token(vault: Vault) -> None:
    old = put(vault, phone=PHONE)["phone"]
    vault.clock.advance(hours=1)
    new = put(vault, phone="13987654321")["phone"]
    assert new != old
    assert vault.seen(old, new, purpose="account") == ["not_found", "13987654321"]
    assert get(vault).fields["phone"].updated_at == "2026-11-02T09:00:00.000Z"
    assert vault.sql("SELECT count(*) FROM record") == [(1,)]
    assert vault.sql("SELECT count(*) FROM search_index") == [(1,)]


def test_a_superseded_value_stays_while_an_order_uses_it(vault: Vault) -> None:
    token = vault.token(submitted(HOME, "address"))
    assert put(vault, address=HOME)["address"] == token
    put(vault, address="上海市徐汇区漕溪北路1号")
    assert vault.seen(token) == [HOME]
    uses = vault.tokens.get(vault.caller(), token).uses
    assert [(use.purpose, use.ref) for use in uses] == [("delivery", "order:o-1")]


def test_a_value_under_two_labels_goes_with_the_last_of_them(vault: Vault) -> None:
    tokens = put(vault, address=HOME, address__work=HOME)
    assert tokens["address"] == tokens["address.work"]
    put(vault, address=None)
    assert vault.seen(tokens["address"], purpose="account") == [HOME]
    put(vault, address__work=None)
    assert vault.seen(tokens["address"], purpose="account") == ["not_found"]


def test_two_values_that_change_places_are_both_kept(vault: Vault) -> None:
    first = put(vault, address="北京市东城区1号", address__work=HOME)
    second = put(vault, address=HOME, address__work="北京市东城区1号")
    assert second == {"address": first["address.work"], "address.work": first["address"]}
    assert len(get(vault).fields) == 2


def test_a_field_that_cannot_be_stored_leaves_the_whole_profile_as_it_was(vault: Vault) -> None:
    put(vault, phone=PHONE)
    caller = vault.caller()
    fields = {"phone": "13987654321", "shoe_size": "42", "name.Bad Label": NAME, "bank_card": "6222021234567890128"}
    with pytest.raises(AtomicBatchError) as refused:
        vault.profiles.put(caller, "cust-1001", fields, type_=None, purpose="account")
    assert [(place, error.code) for place, error in refused.value.errors] == [
        (1, "unknown_kind"),
        (2, "unknown_kind"),
        (3, "not_necessary"),
    ]
    assert masked(vault) == {"phone": "138****5678"}
    outcomes = {(entry["outcome"], entry["reason"]) for entry in vault.entries(request=caller.request)}
    assert outcomes == {("failed", "invalid"), ("denied", "not_necessary")}


def test_a_personal_subject_id_and_an_unknown_purpose_are_refused(vault: Vault) -> None:
    for subject, purpose, code in ((PHONE, "account", "subject_is_personal"), ("cust-1", "fun", "unknown_purpose")):
        with pytest.raises(AtomicBatchError) as refused:
            vault.profiles.put(vault.caller(), subject, {"name": NAME}, type_=None, purpose=purpose)
        assert [error.code for _, error in refused.value.errors] == [code]


def test_a_role_that_may_not_write_profiles_is_refused_for_taking_away_too(vault: Vault) -> None:
    put(vault, phone=PHONE)
    with pytest.raises(AtomicBatchError) as refused:
        put(vault, "support", phone=None)
    assert [error.reason for _, error in refused.value.errors] == [Reason.POLICY]
    assert masked(vault) == {"phone": "138****5678"}


@pytest.mark.parametrize(("state", "error", "entry"), [
    ("frozen", DeniedError, ("denied", "frozen")),
    ("erased", SubjectErasedError, ("failed", "subject_erased")),
])  # fmt: skip
def test_frozen_and_erased_people_are_not_written_and_the_refusal_is_recorded(
    vault: Vault, state: str, error: type[Exception], entry: tuple[str, str]
) -> None:
    put(vault, phone=PHONE)
    officer = vault.caller("privacy_officer")
    if state == "frozen":
        vault.shredding.freeze(officer, "cust-1001")
    else:
        vault.shredding.shred(officer, "cust-1001", ShredReason.TEST)
    caller = vault.caller()
    with pytest.raises(error):
        vault.profiles.put(caller, "cust-1001", {"name": NAME}, type_="other", purpose="account")
    assert [(one["outcome"], one["reason"]) for one in vault.entries(request=caller.request)] == [entry]
    if state == "frozen":
        assert get(vault).type is None


def test_an_unknown_erased_or_foreign_person_is_not_found_alike(vault: Vault) -> None:
    put(vault, phone=PHONE)
    foreign = vault.caller(tenant=OTHER_TENANT)
    with pytest.raises(NotFoundError):
        vault.profiles.get(foreign, "cust-1001", purpose="account")
    vault.shredding.shred(vault.caller("privacy_officer"), "cust-1001", ShredReason.TEST)
    for subject in ("cust-1001", "cust-unknown"):
        caller = vault.caller()
        with pytest.raises(NotFoundError):
            vault.profiles.get(caller, subject, purpose="account")
        assert [(e["outcome"], e["reason"]) for e in vault.entries(request=caller.request)] == [("failed", "not_found")]


def test_a_read_shows_what_the_role_and_purpose_may_see_and_no_more(vault: Vault) -> None:
    put(vault, phone=PHONE, birth_date="1990-01-02")
    fields = get(vault, "support", "support").fields
    assert (fields["phone"].masked, fields["phone"].refusal) == ("138****5678", None)
    assert (fields["birth_date"].masked, fields["birth_date"].refusal) == (None, Reason.NOT_NECESSARY)
    refused = get(vault, "admin").fields
    assert {field.refusal for field in refused.values()} == {Reason.POLICY}


def test_a_frozen_profile_shows_its_state_and_no_value(vault: Vault) -> None:
    put(vault, phone=PHONE)
    vault.shredding.freeze(vault.caller("risk"), "cust-1001")
    profile = get(vault)
    assert profile.state == "frozen"
    assert (profile.fields["phone"].masked, profile.fields["phone"].refusal) == (None, Reason.FROZEN)


def test_writing_and_reading_leave_entries_with_the_persons_pseudonym(vault: Vault) -> None:
    put(vault, phone=PHONE, name=NAME)
    get(vault)
    (written,) = vault.entries(action="vault.subject_write")
    read = vault.entries(action="vault.subject_read")
    assert written["count"] == 2
    assert sorted(written["rows"]) == sorted(row for entry in read for row in entry["rows"])
    assert {ref for entry in [written, *read] for ref in entry["subjects"]} == {written["subjects"][0]}
    assert {entry["view"] for entry in read} == {"masked"}


def test_a_damaged_record_or_person_answers_like_one_that_is_not_there_and_is_counted(vault: Vault) -> None:
    vault.profiles.put(vault.caller(), "cust-1001", {"phone": "13812345678"}, type_=None, purpose="account")
    vault.damage("UPDATE record SET sealed = :zero", zero=bytes(60))
    with pytest.raises(NotFoundError):
        vault.profiles.get(vault.caller(), "cust-1001", purpose="account")
    assert vault.damaged == 1
    vault.damage("UPDATE subject SET sealed_identity = :zero", zero=bytes(60))
    fresh = vault.another_process()
    with pytest.raises(NotFoundError):
        fresh.profiles.put(fresh.caller(), "cust-1001", {"name": "王小明"}, type_=None, purpose="account")
    assert fresh.damaged == 1
    (answer,) = fresh.tokenize(submitted())
    assert isinstance(answer, ItemError)
    assert (answer.code, fresh.damaged) == ("integrity", 2)


def test_a_field_written_for_one_purpose_and_changed_for_another_leaves_no_old_token_behind(vault: Vault) -> None:
    first = vault.profiles.put(vault.caller(), "cust-1001", {"phone": "13812345678"}, type_=None, purpose="account")
    vault.profiles.put(vault.caller(), "cust-1001", {"phone": "13812345679"}, type_=None, purpose="delivery")
    assert vault.seen(first["phone"]) == ["not_found"]


def test_two_fields_with_one_value_are_both_shown(vault: Vault) -> None:
    fields = {"phone": "13812345678", "phone.work": "13812345678"}
    vault.profiles.put(vault.caller(), "cust-1001", fields, type_=None, purpose="account")
    assert list(vault.profiles.get(vault.caller(), "cust-1001", purpose="account").fields) == ["phone", "phone.work"]
