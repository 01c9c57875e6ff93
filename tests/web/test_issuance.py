"""Credentials over HTTP and at the desk."""

from datetime import timedelta
from hashlib import sha256

import pytest

from database.columns import metadata
from database.statement import Statement
from tests.conftest import BOTH
from tests.web.house import House, bearer
from web.errors import CredentialNameTakenError, CredentialNotFoundError, TenantNameTakenError
from web.principal import Role

WHOAMI = "/v1/whoami"


@pytest.fixture(params=BOTH)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def everything(house: House, table: str) -> str:
    rows = house.database.read(None, lambda tx: tx.all(Statement(f"SELECT * FROM {table}")))
    return repr([[bytes(value).hex() if isinstance(value, bytes) else value for value in row] for row in rows])


def admin(house: House) -> dict[str, str]:
    return bearer(house.credential(Role.ADMIN, name="root"))


def test_a_credential_is_shown_once_and_works(house: House) -> None:
    root = admin(house)
    made = house.client.post("/v1/credentials", json={"name": "orders", "role": "service"}, headers=root)
    assert made.status_code == 201
    text = made.json["credential"]
    assert house.client.get(WHOAMI, headers=bearer(text)).json["credential"] == made.json["id"]
    listed = house.client.get("/v1/credentials", headers=root)
    assert [item["name"] for item in listed.json["items"]] == ["root", "orders"]
    assert "moat_" not in listed.text


def test_a_credential_is_stored_as_a_digest_only(house: House) -> None:
    text = house.credential()
    house.client.get(WHOAMI, headers=bearer(text))
    stored = "".join(everything(house, table) for table in metadata.tables)
    assert sha256(text.encode()).hexdigest() in stored
    assert text[5:-6] not in stored


def test_every_use_case_leaves_an_entry(house: House) -> None:
    root = admin(house)
    client = house.client
    number = client.post("/v1/credentials", json={"name": "orders", "role": "support"}, headers=root).json["id"]
    client.get("/v1/credentials", headers=root)
    client.post(f"/v1/credentials/{number}/rotate", json={}, headers=root)
    client.delete(f"/v1/credentials/{number}", headers=root)
    made = [(entry["action"], entry.get("rows"), entry.get("kind")) for entry in house.entries(tenant=1)]
    assert made[-4:] == [
        ("credential.create", [2], "support"),
        ("credential.list", None, None),
        ("credential.rotate", [2], None),
        ("credential.revoke", [2], None),
    ]


def test_a_refused_use_case_changes_nothing(house: House) -> None:
    root = admin(house)
    before = house.entries()
    again = house.client.post("/v1/credentials", json={"name": "root", "role": "service"}, headers=root)
    assert (again.status_code, again.json["code"]) == (409, "credential_name_taken")
    assert len(house.desk.page(1, house.occasion(), after=0, limit=10)) == 1
    assert [entry["action"] for entry in house.entries()[len(before) :]] == ["credential.list"]


def test_a_name_is_free_again_after_revocation(house: House) -> None:
    house.credential(name="orders")
    with pytest.raises(CredentialNameTakenError):
        house.credential(name="orders")
    house.desk.revoke(1, 1, house.occasion())
    house.credential(name="orders")


def test_after_rotation_both_texts_work_until_the_overlap_ends(house: House) -> None:
    root, old = admin(house), house.credential(name="orders")
    new = house.client.post("/v1/credentials/2/rotate", json={"overlap": 60}, headers=root).json["credential"]
    numbers = [house.client.get(WHOAMI, headers=bearer(text)).json["credential"] for text in (old, new)]
    assert numbers == [2, 2]
    house.clock.advance(seconds=60)
    assert [house.client.get(WHOAMI, headers=bearer(text)).status_code for text in (old, new)] == [401, 200]


def test_a_second_rotation_does_not_prolong_the_first_text(house: House) -> None:
    old = house.credential(name="orders")
    house.desk.rotate(1, 1, timedelta(seconds=10), house.occasion())
    house.desk.rotate(1, 1, timedelta(days=10), house.occasion())
    house.clock.advance(seconds=10)
    assert house.client.get(WHOAMI, headers=bearer(old)).status_code == 401


def test_a_revoked_or_expired_credential_is_not_rotated(house: House) -> None:
    root = admin(house)
    house.credential(name="brief", expires_at=house.occasion().at + 1_000)
    house.clock.advance(seconds=1)
    answer = house.client.post("/v1/credentials/2/rotate", json={}, headers=root)
    assert (answer.status_code, answer.json["code"]) == (409, "credential_ended")


def test_expiry_is_counted_from_now(house: House) -> None:
    body = {"name": "brief", "role": "service", "expires_in": 3600, "test": True}
    made = house.client.post("/v1/credentials", json=body, headers=admin(house))
    assert made.json["expires_at"] == "2026-11-02T09:00:00.000Z"
    assert made.json["credential"].startswith("moat_test_")


def test_another_tenants_credential_is_not_found(house: House) -> None:
    root = admin(house)
    north = house.tenants.create("north", "CN", house.occasion())
    house.credential(tenant=north)
    for answer in (
        house.client.delete("/v1/credentials/2", headers=root),
        house.client.post("/v1/credentials/2/rotate", json={}, headers=root),
        house.client.delete("/v1/credentials/99", headers=root),
    ):
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert [item["id"] for item in house.client.get("/v1/credentials", headers=root).json["items"]] == [1]
    with pytest.raises(CredentialNotFoundError):
        house.desk.revoke(north, 1, house.occasion())


def test_a_test_credential_makes_test_credentials_only(house: House) -> None:
    tester = bearer(house.credential(Role.ADMIN, test=True))
    house.credential(name="real")
    client = house.client
    assert client.post("/v1/credentials", json={"name": "a", "role": "admin"}, headers=tester).status_code == 403
    assert client.post("/v1/credentials/2/rotate", json={}, headers=tester).status_code == 403
    assert client.delete("/v1/credentials/2", headers=tester).status_code == 403
    assert (
        client.post("/v1/credentials", json={"name": "a", "role": "admin", "test": True}, headers=tester).status_code
        == 201
    )


def test_the_bootstrap_credential_may_only_hand_out_access_and_expires_after_a_day(house: House) -> None:
    text = house.desk.bootstrap(1, house.occasion()).reveal()
    answer = house.client.get(WHOAMI, headers=bearer(text)).json
    assert (answer["role"], answer["scopes"]) == ("admin", ["credentials:manage", "staff:manage"])
    house.clock.advance(hours=24)
    assert house.client.get(WHOAMI, headers=bearer(text)).status_code == 401
    assert not house.desk.works(text, house.occasion().at)


def test_the_bootstrap_credential_ends_when_another_administrator_exists(house: House) -> None:
    first = bearer(house.desk.bootstrap(1, house.occasion()).reveal())
    made = house.client.post("/v1/credentials", json={"name": "orders", "role": "service"}, headers=first)
    assert made.status_code == 201
    house.client.post("/v1/credentials", json={"name": "try", "role": "admin", "test": True}, headers=first)
    assert house.bootstrap_ended == []
    assert house.client.post("/v1/credentials", json={"name": "ada", "role": "admin"}, headers=first).status_code == 201
    assert house.bootstrap_ended == [True]
    assert house.client.get(WHOAMI, headers=first).status_code == 401


def test_a_page_leads_to_the_next(house: House) -> None:
    root = admin(house)
    for number in range(4):
        house.credential(name=f"c{number}")
    seen: list[str] = []
    cursor: str | None = "0"
    while cursor is not None:
        page = house.client.get(f"/v1/credentials?limit=2&cursor={cursor}", headers=root).json
        seen += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ["root", "c0", "c1", "c2", "c3"]


@pytest.mark.parametrize("name", ["", "a b", "-x", "x" * 65, "名", "a\n"])
def test_a_name_is_a_short_word(house: House, name: str) -> None:
    assert (
        house.client.post("/v1/credentials", json={"name": name, "role": "service"}, headers=admin(house)).status_code
        == 422
    )


def test_a_tenant_has_its_own_name_and_a_country(house: House) -> None:
    assert house.tenants.number_of("default") == 1
    assert house.tenants.number_of("north") is None
    with pytest.raises(TenantNameTakenError):
        house.tenants.create("default", "CN", house.occasion())
    for name, region in (("North", "CN"), ("", "CN"), ("north", "cn"), ("north", "CHN")):
        with pytest.raises(ValueError, match=r"tenant's name|region"):
            house.tenants.create(name, region, house.occasion())
