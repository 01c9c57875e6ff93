"""A deployment whose shred ledger cannot be relied on answers, says why, and lets nobody use a key until it is put back."""

from pathlib import Path

import pytest

from app import compose
from settings import Settings
from tests.api.conftest import Api
from web.principal import Role

ASKED = {"purpose": "delivery", "ref": "order:o-1", "items": [{"subject": "cust-2", "kind": "name", "value": "王小明"}]}


@pytest.fixture
def keys(api: Api) -> Path:
    return Path(api.moat.keyring._roots._first._directory)  # type: ignore[attr-defined]  # the file provider's


def chosen(api: Api, keys: Path) -> Settings:
    url = api.moat.database.engine.url
    database = None if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=False)
    return Settings(data=keys.with_name("data"), keys=keys, database=database, failure_rate=0.0)


def test_a_shredding_is_certified_and_can_be_certified_again(api: Api, subject: str) -> None:
    officer = api.role(Role.PRIVACY_OFFICER)
    api.token(subject=subject)
    path = f"/v1/subjects/{subject}/shred"
    shredded = api.call("POST", path, {"reason": "erasure_request"}, credential=officer).json
    again = api.call("GET", path, credential=officer).json
    assert shredded is not None
    assert again is not None
    assert shredded == again | {"certificate": shredded["certificate"]}
    assert shredded["certificate"].startswith("moat-erasure-certificate/v1\nissuer localhost/moat\n")
    assert f"\nsubject {subject}\n" in again["certificate"]
    assert api.call("GET", path).status_code == 403
    assert api.call("GET", "/v1/subjects/nobody/shred", credential=officer).status_code == 404


def test_a_cut_ledger_closes_every_key_and_its_copy_opens_them(api: Api, keys: Path) -> None:
    api.call("POST", "/v1/subjects/nobody/shred", {"reason": "test"}, credential=api.role(Role.PRIVACY_OFFICER))
    token = api.token(subject="cust-whole")
    api.token(subject="cust-gone")
    path = "/v1/subjects/cust-gone/shred"
    assert api.call("POST", path, {"reason": "test"}, credential=api.role(Role.PRIVACY_OFFICER)).status_code == 200
    whole = (keys / "shred.ledger").read_bytes()
    (keys / "shred.ledger").write_bytes(whole[:-351])
    while_running = api.moat.app.test_client().get("/readyz")
    assert while_running.status_code == 503
    assert "shred_ledger_cut" in while_running.text

    api.token(subject="cust-next")
    officer = api.role(Role.PRIVACY_OFFICER)
    raw = api.moat.app.test_client().post(
        "/v1/subjects/cust-next/shred", json={"reason": "test"}, headers={"Authorization": f"Bearer {officer}"}
    )
    assert (raw.status_code, raw.json["code"]) == (503, "shred_ledger_unusable")  # type: ignore[index]

    before = api.rows()
    restarted = compose(chosen(api, keys), now=api.clock, minted={})
    try:
        client = restarted.app.test_client()
        ready = client.get("/readyz")
        assert (ready.status_code, "shred_ledger_cut" in ready.text) == (503, True)
        asked = client.post("/v1/tokenize", json=ASKED, headers={"Authorization": f"Bearer {api.service}"})
        assert (asked.status_code, asked.json["code"]) == (503, "keys_unavailable")  # type: ignore[index]
        assert api.rows() == before
        (keys / "shred.ledger").write_bytes(whole)
        assert restarted.unsealing.attempt()
        assert client.get("/readyz").status_code == 200
    finally:
        restarted.close()
    assert api.seen(token) == ["13812345678"]
    receipt = api.call("GET", "/v1/subjects/cust-next/shred", credential=officer)
    assert receipt.status_code == 200, "what was asked for is done as soon as it can be"
