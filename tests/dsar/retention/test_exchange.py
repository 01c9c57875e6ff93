"""Messages, traces and pictures of an order end by the tenant's policy, a hold keeps them, and their own short lives stay upper
bounds after which nobody sees them: over HTTP, on both databases."""

import secrets
from typing import Any

import pytest
from nacl.public import PrivateKey

from database.columns import millis, rfc3339
from dsar.retention.errors import PolicyError
from tests.devices import pictures
from tests.devices.conftest import offered
from tests.dsar.retention.conftest import Platform
from tests.dsar.retention.test_watching import apply
from vault.base64url import text_of

KINDS = {"message": "letter", "position": "track", "file": "picture"}
BEGUN = b"\x01" + bytes(56)
BOXED = 272
RULES = "delivery_pictures", "delivery_positions", "delivery_messages"


def exchanged(platform: Platform) -> str:
    """An order with one of each, under its name."""
    api, ref = platform.api, platform.order()
    name = ref.partition(":")[2]
    path, courier, customer = f"/v1/orders/{name}", f"rider-{name}", f"cust-{name}"
    said = {"courier": courier, "customer": customer, "stage": "picked_up"}
    assert api.call("PUT", f"{path}/assignment", said).status_code == 200
    devices = {}
    for person in (courier, customer):
        made = api.call("POST", f"/v1/subjects/{person}/devices", offered(api, person, PrivateKey.generate()))
        devices[person] = made.json["device"]  # type: ignore[index]  # an object
    message = {
        "from_party": "courier",
        "from_device": devices[courier],
        "to_party": "customer",
        "to_device": devices[customer],
        "envelope": text_of(BEGUN + secrets.token_bytes(BOXED)),
    }
    assert api.call("POST", f"{path}/messages", message).status_code == 201
    position = {"latitude": 31.2, "longitude": 121.4, "at": rfc3339(millis(api.clock()))}
    assert api.call("POST", f"{path}/positions", {"courier": courier, "positions": [position]}).status_code == 204
    shown = api.call(
        "POST",
        f"{path}/pictures?courier={courier}",
        data=pictures.MADE_PNG,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert shown.status_code == 201
    return ref


def left(platform: Platform) -> dict[str, int]:
    return {kind: int(platform.sql(f"SELECT count(*) FROM {table}")[0][0]) for kind, table in KINDS.items()}


@pytest.fixture(scope="module")
def hourly(platform: Platform) -> None:
    """Has all of them end after an hour: earlier than by themselves."""
    apply(platform, 5, **{f"rules__{rule}__period": "PT1H" for rule in RULES})


def test_a_plan_shows_them_and_a_run_ends_what_is_due(platform: Platform, hourly: None) -> None:
    exchanged(platform)
    kept = {one["kind"] for one in platform.plan()["kept"] if one["reason"] == "running"}
    assert set(KINDS) <= kept
    platform.api.clock.advance(hours=2)
    run = platform.purge()
    assert (run["disposed"], run["records"], run["residue"]) == (3, 3, 0)
    assert left(platform) == dict.fromkeys(KINDS, 0)
    disposed = [entry for entry in platform.entries("retention.dispose") if entry["outcome"] == "done"]
    assert set(KINDS) <= {entry["kind"] for entry in disposed}


@pytest.mark.parametrize("scope", ["ref", "courier", "customer"])
def test_a_hold_keeps_what_it_names_in_plans_and_from_the_sweeps(platform: Platform, hourly: None, scope: str) -> None:
    ref = exchanged(platform)
    person = f"{'rider' if scope == 'courier' else 'cust'}-{ref.partition(':')[2]}"
    kept = {"ref": {"position", "file"}, "courier": {"position", "message"}, "customer": {"file", "message"}}[scope]
    hold = platform.hold(**({"ref": ref} if scope == "ref" else {"subject": person}))
    platform.api.clock.advance(days=40)
    assert platform.purge()["residue"] == 0
    for _ in range(2):
        platform.api.moat.sweeper.sweep()
    assert left(platform) == {kind: int(kind in kept) for kind in KINDS}
    path = f"/v1/orders/{ref.partition(':')[2]}"
    listed: Any = platform.api.call("GET", f"{path}/pictures").json
    assert listed["items"] == []
    assert platform.api.call("GET", f"{path}/positions").status_code == 404
    platform.release(hold)
    platform.api.clock.advance(days=2)
    platform.api.moat.sweeper.sweep()
    assert left(platform) == dict.fromkeys(KINDS, 0)


def test_their_own_lives_end_them_where_no_plan_was_carried_out(platform: Platform) -> None:
    exchanged(platform)
    platform.api.clock.advance(days=31)
    platform.api.moat.sweeper.sweep()
    assert left(platform) == dict.fromkeys(KINDS, 0)


def test_a_policy_that_would_have_them_only_stored_is_refused(platform: Platform) -> None:
    edits = {"action": "restrict", "minimum": [{"law": "a", "article": "1", "period": "P1Y"}]}
    with pytest.raises(PolicyError, match="file cannot be only stored"):
        apply(platform, 99, **{f"rules__delivery_pictures__{name}": value for name, value in edits.items()})
