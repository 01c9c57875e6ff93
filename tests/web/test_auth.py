"""Who gets in, who does not, and what is recorded of it."""

import pytest
from flask import Flask

from database.engine import Database
from tests.conftest import BOTH
from tests.web.house import Clock, House, bearer, build_house
from web.auth import refuse_unmarked
from web.credential import draw
from web.edge import Bounds
from web.principal import Role, Scope

WHOAMI = "/v1/whoami"


@pytest.fixture(params=BOTH)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_credential_opens_the_door_and_names_its_tenant(house: House) -> None:
    tenant = house.tenants.create("north", "CN", house.occasion())
    answer = house.client.get(WHOAMI, headers=bearer(house.credential(tenant=tenant, name="orders")))
    assert answer.status_code == 200
    assert (answer.json["tenant"], answer.json["name"], answer.json["role"]) == (tenant, "orders", "service")


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic bW9hdDptb2F0", "Bearer moat_x", "moat_", "Bearer é"]
)
def test_without_a_credential_the_answer_is_401_with_a_challenge(house: House, header: str | None) -> None:
    answer = house.client.get(WHOAMI, headers={} if header is None else {"Authorization": header})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer realm=")


def test_an_unknown_a_revoked_and_an_expired_credential_are_refused_alike(house: House) -> None:
    admin = house.credential(Role.ADMIN)
    revoked, expired = (
        house.credential(name="revoked"),
        house.credential(name="expired", expires_at=house.occasion().at + 5_000),
    )
    house.desk.revoke(1, 2, house.occasion())
    house.clock.advance(seconds=5)
    answers = [house.client.get(WHOAMI, headers=bearer(text)) for text in (draw(test=False).reveal(), revoked, expired)]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text.replace(answer.json["request_id"], "") for answer in answers}) == 1
    assert house.client.get(WHOAMI, headers=bearer(admin)).status_code == 200


def test_a_revocation_holds_from_the_next_request_on(house: House) -> None:
    text = house.credential()
    assert house.client.get(WHOAMI, headers=bearer(text)).status_code == 200
    house.desk.revoke(1, 1, house.occasion())
    assert house.client.get(WHOAMI, headers=bearer(text)).status_code == 401


def test_a_view_that_takes_a_recent_look_up_lets_a_revoked_credential_in_for_less_than_a_second(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr("web.auth.monotonic", lambda: now)
    text = house.credential()

    def status() -> int:
        return int(house.client.get("/v1/parcels/weather", headers=bearer(text)).status_code)

    assert status() == 200
    house.desk.revoke(1, 1, house.occasion())
    assert house.client.get(WHOAMI, headers=bearer(text)).status_code == 401
    now += 0.5
    assert status() == 200
    now += 0.5
    assert status() == 401
    assert status() == 401


def test_a_missing_scope_is_refused_named_and_recorded(house: House) -> None:
    answer = house.client.get("/v1/credentials", headers=bearer(house.credential()))
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    assert 'scope="credentials:manage"' in answer.headers["WWW-Authenticate"]
    entry = house.entries(tenant=1)[-1]
    assert (entry["action"], entry["outcome"], entry["reason"]) == ("web.scope_refused", "denied", "scope")
    assert entry["request"] == answer.json["request_id"]
    assert entry["actor"] == {"kind": "credential", "id": 1, "role": "service"}


def test_an_extra_scope_is_enough(house: House) -> None:
    text = house.credential(extra=frozenset({Scope.CREDENTIALS_MANAGE}))
    assert house.client.get("/v1/credentials", headers=bearer(text)).status_code == 200


def test_the_body_is_not_looked_at_before_the_credential(house: House) -> None:
    answer = house.client.post("/v1/parcels", data=b"{not json", content_type="text/plain")
    assert answer.status_code == 401


def test_failed_attempts_make_one_entry_a_minute_and_class_of_source(house: House) -> None:
    for _ in range(30):
        house.client.get(WHOAMI, headers=bearer(draw(test=False).reveal()))
    for _ in range(3):
        house.client.get(WHOAMI, headers=bearer("moat_mistyped"))
    before = len(house.entries())
    house.clock.advance(minutes=1)
    house.client.get(WHOAMI)
    house.edge.close()
    made = house.entries()[before:]
    assert [(entry["action"], entry["reason"], entry["count"]) for entry in made] == [
        ("credential.refused", "unknown", 30),
        ("credential.refused", "invalid", 3),
        ("credential.refused", "unknown", 1),
    ]
    assert made[0]["actor"] == {"kind": "source", "id": 0, "role": "loopback"}
    assert (made[0]["tenant"], made[0]["at"]) == (0, "2026-11-02T08:00:00.000Z")


def test_a_revoked_credential_that_is_still_used_is_recorded_for_its_tenant(house: House) -> None:
    text = house.credential()
    house.desk.revoke(1, 1, house.occasion())
    house.client.get(WHOAMI, headers=bearer(text))
    house.edge.close()
    entry = house.entries(tenant=1)[-1]
    assert (entry["action"], entry["reason"], entry["actor"]["id"]) == ("credential.refused", "revoked", 1)


def test_a_source_that_fails_too_often_hears_so_but_locks_out_nobody(house: House) -> None:
    good = house.credential()
    answers = [house.client.get(WHOAMI) for _ in range(25)]
    assert [answer.status_code for answer in answers] == [401] * 20 + [429] * 5
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert house.client.get(WHOAMI, headers=bearer(good)).status_code == 200


def test_a_credential_beyond_its_rate_waits(database: Database) -> None:
    house = build_house(database, Clock(), Bounds(calls_rate=0.01, calls_burst=3))
    text, other = house.credential(), house.credential()
    answers = [house.client.get(WHOAMI, headers=bearer(text)) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert 90 <= int(answers[-1].headers["Retry-After"]) <= 101
    assert house.client.get(WHOAMI, headers=bearer(other)).status_code == 200
    house.edge.close()
    entry = house.entries(tenant=1)[-1]
    assert (entry["action"], entry["reason"], entry["count"]) == ("web.rate_limited", "rate", 2)


def test_a_view_without_a_mark_stops_the_start() -> None:
    app = Flask("unmarked", static_folder=None)
    app.add_url_rule("/open", "open", lambda: "anybody")
    with pytest.raises(LookupError):
        refuse_unmarked(app)


def test_a_public_view_asks_for_no_credential(house: House) -> None:
    assert house.client.get("/v1/parcels/open").status_code == 200


def test_every_role_has_scopes_and_none_that_reads_people_can_hand_out_credentials(house: House) -> None:
    for role in Role:
        scopes = set(house.client.get(WHOAMI, headers=bearer(house.credential(role))).json["scopes"])
        assert scopes
        assert not ({"credentials:manage", "staff:manage"} & scopes and {"vault:detokenize", "vault:search"} & scopes)
