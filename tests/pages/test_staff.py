"""Staff enrol, sign in, are asked again, help each other and are let go, on both databases, through their pages."""

import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from database.columns import millis
from database.engine import Database
from database.statement import Statement
from tests.conftest import BOTH
from tests.pages.authenticator import Authenticator
from tests.pages.staff_house import AGENT, ORIGIN, Member, StaffHouse, offer, spelled, staff_house
from tests.support.clock import Clock
from web.errors import CredentialWithoutTextError
from web.freezing import CredentialFreezing
from web.principal import Role

both = pytest.mark.parametrize("dialect", BOTH, indirect=True)
"""For what the databases may differ in: locks, and rows that are looked up before their tenant is known."""


@pytest.fixture
def dialect(request: pytest.FixtureRequest) -> str:
    """The embedded database, but where a test asks for both."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: Clock) -> StaffHouse:
    return staff_house(database, tmp_path, clock)


@both
def test_an_invited_member_enrols_once_and_is_in(house: StaffHouse) -> None:
    officer, link = house.invited("li.na", Role.PRIVACY_OFFICER)
    assert officer.get(link).status_code == 200
    assert officer.get(link).status_code == 200
    assert officer.enrol(link).status_code == 303
    assert officer.inside
    assert house.somebody("x").get(link).status_code == 410
    (entry,) = house.entries("staff.enrol")
    assert (entry["actor"]["kind"], entry["actor"]["role"], entry["kind"]) == (
        "credential",
        "privacy_officer",
        "passkey",
    )


def test_an_address_is_over_after_fifteen_minutes(house: StaffHouse) -> None:
    member, link = house.invited("li.na", Role.AUDITOR)
    asked = member.question(f"{link}/question", link)
    token = member.token(link)
    house.clock.advance(minutes=15)
    answer = member.client.post(
        f"{link}/passkey", base_url=ORIGIN, data={"form_token": token, "answer": member.key.make(asked)}
    )
    assert answer.status_code == 410
    assert member.get(link).status_code == 410
    assert not member.inside


@both
def test_a_passkey_signs_in_and_the_page_that_was_wanted_comes(house: StaffHouse) -> None:
    member = house.member("li.na", Role.AUDITOR)
    member.post("/staff/sign-out", "/staff/sessions")
    assert not member.inside
    assert member.get("/staff/recovery").headers["Location"] == "/staff/sign-in?next=/staff/recovery"
    assert member.sign_in().status_code == 303
    assert member.inside


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: setattr(key, "verifies", False),
        lambda key: setattr(key, "origin", "http://localhost.evil.example"),
        lambda key: setattr(key, "rp_id", "evil.example"),
        lambda key: setattr(key, "key", Authenticator(ORIGIN).key),
        lambda key: setattr(key, "id", b"0123456789abcdef"),
        lambda key: setattr(key, "signs", -1),
    ],
    ids=["unverified", "other_origin", "other_party", "other_key", "unknown", "count_went_back"],
)
def test_an_answer_that_is_not_this_authenticator_s_lets_nobody_in(house: StaffHouse, spoil: object) -> None:
    member = house.member("li.na", Role.AUDITOR)
    member.post("/staff/sign-out", "/staff/sessions")
    assert member.sign_in().status_code == 303
    member.post("/staff/sign-out", "/staff/sessions")
    assert callable(spoil)
    spoil(member.key)
    answer = member.sign_in()
    assert answer.status_code == 401
    assert not member.inside
    house.edge.close()
    assert house.entries("staff.sign_in")[-1]["outcome"] == "denied"


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", "{", '{"id":"AA","rawId":"AA"}', "\0", "9" * 5000])
def test_garbage_for_an_answer_is_refused_as_any_other(house: StaffHouse, answer: str) -> None:
    member, link = house.invited("li.na", Role.AUDITOR)
    page = "/staff/at/default"
    assert member.post(f"{page}/passkey", page, answer=answer).status_code == 401
    assert member.post(f"{link}/passkey", link, answer=answer).status_code == 422


def test_an_answer_is_taken_once(house: StaffHouse) -> None:
    member = house.member("li.na", Role.AUDITOR)
    member.post("/staff/sign-out", "/staff/sessions")
    page = "/staff/at/default"
    answer = member.key.sign(member.question(f"{page}/question", page))
    assert member.post(f"{page}/passkey", page, answer=answer).status_code == 303
    member.post("/staff/sign-out", "/staff/sessions")
    assert member.post(f"{page}/passkey", page, answer=answer).status_code == 401


@both
def test_a_challenge_is_over_after_five_minutes(house: StaffHouse) -> None:
    member = house.member("li.na", Role.AUDITOR)
    member.post("/staff/sign-out", "/staff/sessions")
    page = "/staff/at/default"
    asked = member.question(f"{page}/question", page)
    house.clock.advance(minutes=5)
    assert member.post(f"{page}/passkey", page, answer=member.key.sign(asked)).status_code == 401


def test_a_passkey_of_one_enrolment_is_none_for_another(house: StaffHouse) -> None:
    first, link = house.invited("li.na", Role.AUDITOR)
    second, other = house.invited("wang.wei", Role.ADMIN)
    asked = first.question(f"{link}/question", link)
    assert second.post(f"{other}/passkey", other, answer=second.key.make(asked)).status_code == 422


def test_a_session_ends_without_a_page_for_fifteen_minutes(house: StaffHouse) -> None:
    member = house.member("li.na", Role.AUDITOR)
    for _ in range(4):
        house.clock.advance(minutes=14)
        assert member.inside
    house.clock.advance(minutes=15)
    assert not member.inside


def test_a_session_ends_after_eight_hours_in_any_case(house: StaffHouse) -> None:
    member = house.member("li.na", Role.AUDITOR)
    for _ in range(47):
        house.clock.advance(minutes=10)
        assert member.inside
    house.clock.advance(minutes=10)
    assert not member.inside


@both
def test_a_code_of_an_app_signs_in_once(house: StaffHouse) -> None:
    member, link = house.invited("li.na", Role.AUDITOR)
    assert member.enrol_app(link).status_code == 303
    member.post("/staff/sign-out", "/staff/sessions")
    assert member.sign_in_by_code(member.code()).status_code == 401, "that of the enrolment was taken"
    house.clock.advance(seconds=30)
    code = member.code()
    assert member.sign_in_by_code(code).status_code == 303
    member.post("/staff/sign-out", "/staff/sessions")
    assert member.sign_in_by_code(code).status_code == 401
    assert member.sign_in_by_code(member.code(-1)).status_code == 401, "an older one is none after a newer"
    assert member.sign_in_by_code(member.code(1)).status_code == 303


@both
def test_five_wrong_codes_lock_for_a_while_and_then_for_longer(house: StaffHouse) -> None:
    member, link = house.invited("li.na", Role.AUDITOR)
    member.enrol_app(link)
    member.post("/staff/sign-out", "/staff/sessions")
    _wrong(member, 5)
    house.clock.advance(minutes=14)
    assert member.sign_in_by_code(member.code()).status_code == 401
    house.clock.advance(minutes=1)
    _wrong(member, 5)
    house.clock.advance(minutes=16)
    assert member.sign_in_by_code(member.code()).status_code == 401
    house.clock.advance(minutes=15)
    assert member.sign_in_by_code(member.code()).status_code == 303


def test_a_name_that_nobody_has_meets_the_same(house: StaffHouse) -> None:
    member, link = house.invited("li.na", Role.AUDITOR)
    member.enrol_app(link)
    member.post("/staff/sign-out", "/staff/sessions")
    answers = [
        [member.sign_in_by_code("000000", name) for _ in range(7)] for name in ("li.na", "nobody", "13812345678")
    ]
    said = [[_without_tokens(answer.text) for answer in each] for each in answers]
    assert said[0] == said[1] == said[2]
    assert {answer.status_code for each in answers for answer in each} == {401}
    refused = house.entries("staff.sign_in")
    assert len(refused) == 15, "beyond its lock a try is counted only"
    house.edge.close()
    assert [entry["count"] for entry in house.entries("staff.sign_in")[15:]] == [6]
    assert "13812345678" not in str(refused)


def test_a_secret_that_was_offered_to_somebody_else_is_none(house: StaffHouse) -> None:
    first, link = house.invited("li.na", Role.AUDITOR)
    second, other = house.invited("wang.wei", Role.ADMIN)
    foreign = offer(first.get(f"{link}/code").text)
    answer = second.post(f"{other}/code", other, offer=foreign, code="123456")
    assert answer.status_code == 200
    assert not second.inside


def test_signing_out_leaves_nothing_in_the_browser_or_on_the_server(house: StaffHouse) -> None:
    member = house.member("li.na", Role.AUDITOR)
    copied = member.session
    answer = member.post("/staff/sign-out", "/staff/sessions")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert member.session is None
    thief = house.somebody("thief")
    assert copied is not None
    thief.client.set_cookie("__Host-moat_staff", copied)
    assert not thief.inside


@both
def test_a_member_signs_out_elsewhere_and_stays_here(house: StaffHouse) -> None:
    here = house.member("li.na", Role.AUDITOR)
    there = house.somebody("li.na")
    there.key = here.key
    house.clock.advance(minutes=1)
    assert there.sign_in().status_code == 303
    page = here.get("/staff/sessions").text
    mark = re.search(r"/staff/sessions/([0-9a-f]{12})/end", page)
    assert mark is not None
    assert here.post(f"/staff/sessions/{mark[1]}/end", "/staff/sessions").status_code == 303
    assert not there.inside
    assert there.sign_in().status_code == 303
    assert here.post("/staff/sessions/end-others", "/staff/sessions").status_code == 303
    assert (here.inside, there.inside) == (True, False)


def test_nobody_ends_the_session_of_another(house: StaffHouse) -> None:
    first, second = house.member("li.na", Role.AUDITOR), house.member("wang.wei", Role.AUDITOR)
    page = second.get("/staff/sessions").text
    assert "li.na" not in page

    assert first.session is not None
    mark = sha256(first.session.encode()).hexdigest()[:12]
    second.post(f"/staff/sessions/{mark}/end", "/staff/sessions")
    assert first.inside


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.PRIVACY_OFFICER, Role.SUPPORT, Role.OPERATOR])
def test_only_an_administrator_sees_who_is_staff(house: StaffHouse, role: Role) -> None:
    member = house.member("li.na", role)
    answer = member.get("/staff/people")
    assert answer.status_code == 403
    assert answer.content_type.startswith("text/html")
    assert house.entries("web.scope_refused")[-1]["actor"]["role"] == role


@both
def test_what_is_sensitive_asks_once_more_after_five_minutes(house: StaffHouse) -> None:
    admin = house.member("li.na", Role.ADMIN)
    assert admin.get("/staff/people/new").status_code == 200
    house.clock.advance(minutes=5)
    asked = admin.get("/staff/people/new")
    assert asked.headers["Location"] == "/staff/again?next=/staff/people/new"
    form = {"name": "wang.wei", "role": "auditor", "back": "/staff/people/new"}
    assert admin.post("/staff/people/new", "/staff/people", **form).headers["Location"] == asked.headers["Location"]
    assert admin.again().status_code == 303
    assert admin.get("/staff/people/new").status_code == 200
    assert house.entries("staff.verify")[-1]["outcome"] == "done"


def test_somebody_else_s_passkey_does_not_make_a_session_fresh(house: StaffHouse) -> None:
    admin, other = house.member("li.na", Role.ADMIN), house.member("wang.wei", Role.ADMIN)
    house.clock.advance(minutes=5)
    admin.key = other.key
    assert admin.again().status_code == 401
    assert admin.get("/staff/people/new").status_code == 303


def test_an_administrator_invites_and_the_address_works(house: StaffHouse) -> None:
    admin = house.member("li.na", Role.ADMIN)
    page = admin.post("/staff/people/new", "/staff/people/new", name="wang.wei", role="auditor").text
    link = re.search(rf"{ORIGIN}(/staff/enrol/mse1_[\w-]+)", page)
    assert link is not None
    invited = house.somebody("wang.wei")
    assert invited.enrol(link[1]).status_code == 303
    assert "wang.wei" in admin.get("/staff/people").text


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("", "auditor"),
        ("王伟", "auditor"),
        ("a b", "auditor"),
        ("li.na", "auditor"),
        ("x", "service"),
        ("x", ""),
        ("x13912345678", "auditor"),
    ],
)
def test_what_cannot_be_invited_is_said_beside_its_field(house: StaffHouse, name: str, role: str) -> None:
    admin = house.member("li.na", Role.ADMIN)
    answer = admin.post("/staff/people/new", "/staff/people/new", name=name, role=role)
    assert answer.status_code == 422
    assert 'class="error"' in answer.text


@both
def test_a_member_who_is_let_go_is_out_at_once(house: StaffHouse) -> None:
    admin, other = house.member("li.na", Role.ADMIN), house.member("wang.wei", Role.AUDITOR)
    other.secret = None
    number = house.staff.inviting.page(house.tenant, house.occasion(), after=0, limit=10)[1].id
    page = f"/staff/people/{number}/disable"
    assert admin.post(page, page).status_code == 303
    assert not other.inside
    assert other.sign_in().status_code == 401


def test_nobody_lets_themselves_go(house: StaffHouse) -> None:
    admin = house.member("li.na", Role.ADMIN)
    assert admin.get("/staff/people/1/disable").status_code == 303
    assert admin.inside


@both
def test_a_lost_passkey_takes_two_others(house: StaffHouse) -> None:
    admin, officer = house.member("li.na", Role.ADMIN), house.member("wang.wei", Role.PRIVACY_OFFICER)
    lost = house.member("zhao.min", Role.AUDITOR)
    ask, all_of_them = "/staff/recovery/ask", "/staff/recovery"
    assert officer.post(ask, ask, name="zhao.min").status_code == 303
    assert officer.post("/staff/recovery/1/take", ask).status_code == 404, "nobody has agreed"
    assert officer.post("/staff/recovery/1/approve", ask).status_code == 403, "it takes an administrator"
    assert admin.post("/staff/recovery/1/approve", ask).status_code == 303
    assert admin.post("/staff/recovery/1/take", ask).status_code == 404, "it was not they who asked"
    page = officer.post("/staff/recovery/1/take", ask).text
    link = re.search(rf"{ORIGIN}(/staff/enrol/mse1_[\w-]+)", page)
    assert link is not None
    assert officer.post("/staff/recovery/1/take", ask).status_code == 404, "once"
    fresh = house.somebody("zhao.min")
    assert lost.inside
    assert fresh.enrol(link[1]).status_code == 303
    assert (fresh.inside, lost.inside) == (True, False)
    assert lost.sign_in().status_code == 401, "what was lost is worth nothing now"
    assert "zhao.min" not in officer.get(all_of_them).text


def test_an_administrator_alone_recovers_nobody(house: StaffHouse) -> None:
    admin = house.member("li.na", Role.ADMIN)
    house.member("zhao.min", Role.AUDITOR)
    ask = "/staff/recovery/ask"
    assert admin.post(ask, ask, name="li.na").status_code == 422, "not for oneself"
    admin.post(ask, ask, name="zhao.min")
    admin.post("/staff/recovery/1/approve", ask)
    assert house.entries("staff.recovery_approve")[-1]["reason"] == "same_person"
    assert admin.post("/staff/recovery/1/take", ask).status_code == 404


def test_a_report_does_not_tell_who_is_staff(house: StaffHouse) -> None:
    officer = house.member("wang.wei", Role.PRIVACY_OFFICER)
    house.member("zhao.min", Role.AUDITOR)
    ask = "/staff/recovery/ask"
    known, unknown = (officer.post(ask, ask, name=name) for name in ("zhao.min", "nobody"))
    assert known.headers["Location"] == unknown.headers["Location"]
    assert known.status_code == unknown.status_code


@both
def test_the_last_way_in_is_not_removed(house: StaffHouse) -> None:
    member = house.member("li.na", Role.AUDITOR)
    mark = re.search(r"/staff/passkeys/([0-9a-f]{12})/remove", member.get("/staff/sessions").text)
    assert mark is not None
    remove = f"/staff/passkeys/{mark[1]}/remove"
    member.post(remove, "/staff/sessions")
    assert mark[1] in member.get("/staff/sessions").text
    page = member.get("/staff/app").text

    member.secret = spelled(page)
    assert member.post("/staff/app", "/staff/app", offer=offer(page), code=member.code()).status_code == 303
    member.post(remove, "/staff/sessions")
    assert mark[1] not in member.get("/staff/sessions").text


def test_the_credential_of_a_member_gets_no_text(house: StaffHouse) -> None:
    house.member("li.na", Role.PRIVACY_OFFICER)

    with pytest.raises(CredentialWithoutTextError):
        house.credentials.rotate(house.tenant, 1, timedelta(0), house.occasion())


@both
def test_an_administrator_who_never_came_ends_no_first_credential(house: StaffHouse) -> None:
    house.credentials.bootstrap(house.tenant, house.occasion())
    house.invited("li.na", Role.ADMIN)
    house.clock.advance(minutes=16)
    assert not house.credentials.has_administrator(house.tenant, millis(house.clock()))
    _, text = house.staff.inviting.invite(house.tenant, "wang.wei", Role.ADMIN, house.occasion())
    house.bootstrap.write_text("moat_x")
    assert house.somebody("wang.wei").enrol(f"/staff/enrol/{text.reveal()}").status_code == 303
    assert house.credentials.has_administrator(house.tenant, millis(house.clock()))
    assert not house.bootstrap.exists()


@both
def test_a_frozen_credential_opens_no_page(house: StaffHouse) -> None:
    member = house.member("li.na", Role.AUDITOR)

    freezing, at = CredentialFreezing(), millis(house.clock())
    house.database.write(house.tenant, lambda tx: freezing.freeze(tx, house.tenant, 1, at))
    assert not member.inside


def test_a_revoked_credential_opens_no_page(house: StaffHouse) -> None:
    member = house.member("li.na", Role.AUDITOR)
    house.credentials.revoke(house.tenant, 1, house.occasion())
    assert not member.inside


def test_a_form_of_another_session_is_refused(house: StaffHouse) -> None:
    first, second = house.member("li.na", Role.AUDITOR), house.member("wang.wei", Role.AUDITOR)
    data = {"form_token": first.token("/staff/sessions")}
    answer = second.client.post("/staff/sign-out", base_url=ORIGIN, data=data, headers={"User-Agent": AGENT})
    assert answer.status_code == 403
    assert second.inside


def test_an_address_of_loopback_leads_to_the_name_that_passkeys_are_for(house: StaffHouse) -> None:
    answer = house.edge.app.test_client().get("/staff/at/default?next=/staff/people", base_url="http://127.0.0.1:8080")
    assert (answer.status_code, answer.headers["Location"]) == (307, f"{ORIGIN}/staff/at/default?next=/staff/people")


def test_a_tenant_that_is_not_there_has_no_sign_in(house: StaffHouse) -> None:
    assert house.somebody("x").get("/staff/at/nowhere").status_code == 404


@both
def test_what_is_over_is_forgotten(house: StaffHouse) -> None:
    member = house.member("li.na", Role.AUDITOR)
    member.question("/staff/at/default/question", "/staff/at/default")
    house.clock.advance(hours=25)
    (sweep,) = house.staff.part.sweeps
    sweep(millis(house.clock()))

    for table in ("staff_session", "staff_challenge", "staff_link", "staff_recovery"):
        count = Statement(f"SELECT count(*) FROM {table}")
        assert house.database.read(None, lambda tx, count=count: tx.one(count)) == (0,)  # type: ignore[misc]


def _wrong(member: Member, times: int) -> None:
    for _ in range(times):
        assert member.sign_in_by_code("000000").status_code == 401


def _without_tokens(page: str) -> str:
    return re.sub(r'(form_token" value|form-token" content)="[^"]*"', "", page)


@both
def test_staff_are_invited_listed_and_let_go_over_http(house: StaffHouse) -> None:
    text = house.credentials.bootstrap(house.tenant, house.occasion()).reveal()
    client, headers = house.edge.app.test_client(), {"Authorization": f"Bearer {text}"}
    made = client.post("/v1/staff", json={"name": "li.na", "role": "privacy_officer"}, headers=headers)
    assert made.status_code == 201
    assert made.json is not None
    assert made.json["state"] == "invited"
    assert client.post("/v1/staff", json={"name": "li.na", "role": "admin"}, headers=headers).status_code == 409
    assert client.post("/v1/staff", json={"name": "x", "role": "service"}, headers=headers).status_code == 422
    member = house.somebody("li.na")
    old = made.json["url"].removeprefix(ORIGIN)
    again = client.post("/v1/staff/1/invite", json={}, headers=headers)
    assert again.json is not None
    assert member.get(old).status_code == 410, "another address ends the one before"
    assert member.enrol(again.json["url"].removeprefix(ORIGIN)).status_code == 303
    assert client.post("/v1/staff/1/invite", json={}, headers=headers).status_code == 404
    assert client.delete("/v1/staff/1", headers=headers).status_code == 204
    assert client.delete("/v1/staff/7", headers=headers).status_code == 404
    assert not member.inside
    listed = client.get("/v1/staff", headers=headers).json
    assert listed is not None
    assert [one["state"] for one in listed["items"]] == ["disabled"]


def test_a_session_of_the_pages_opens_no_operation_of_the_api(house: StaffHouse) -> None:
    admin = house.member("li.na", Role.ADMIN)
    assert admin.get("/v1/staff").status_code == 401
    assert admin.session is not None
    answer = admin.client.get("/v1/staff", headers={"Authorization": f"Bearer {admin.session}"})
    assert answer.status_code == 401
