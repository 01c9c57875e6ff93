"""The order service of the examples as a process of its own, which takes part for real."""

import json
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result
from httpx import WSGITransport
from moat_client.client import Moat

import work.cli
from commands.dsar import dsar
from composition.remote_holders import HolderEgress
from dsar.holders.errors import ConnectorFileError, HolderAwayError
from dsar.holders.holder import Disposal, Errand
from tests.dsar.holders.conftest import Town, beside
from web.egress import Egress

REQUEST = UUID("0199e7a0-0000-7000-8000-000000000003")
ALL = Disposal(reason="erasure_request")


def errand(key: str = "first") -> Errand:
    return Errand(request=REQUEST, key=key)


def test_everybody_who_holds_data_is_listed_the_vault_last_and_the_system_does_what_is_declared(town: Town) -> None:
    listed = town.get("/v1/holders")["items"]
    assert (listed[0]["holder"], listed[-1]["holder"]) == ("order_service", "vault")
    assert (listed[0]["url"], listed[0]["identities"]) == (
        f"{town.shop.url}/opendsr/v2",
        [{"type": "platform_id", "format": "raw"}],
    )
    assert town.post("/v1/holders/order_service/check") == (200, {"missing_types": [], "missing_identities": []})
    assert town.post("/v1/holders/nobody/check")[0] == 404


def test_what_is_held_is_counted_given_out_kept_and_disposed_of_for_real(town: Town) -> None:
    person = town.person("cust-one")
    for number in range(25):
        town.shop.order(f"one-{number:03}", "cust-one", phone="tok", note="ring twice" if number < 2 else None)
        if number:
            town.shop.complete(f"one-{number:03}")
    counted = town.holder.inventory(person, errand())
    assert len(counted) == 27
    assert [one.kept_by for one in counted if one.ref == "order:one-000"] == ["order_under_way"] * 2
    pieces = list(town.holder.disclose(person, errand()))
    assert len(pieces) == 27
    assert pieces[0][1]["item"] == "beef noodles"
    keep = frozenset({("order", "delivery", f"order:one-{number:03}") for number in (1, 7)})
    receipt = town.holder.dispose(person, Disposal(reason="erasure_request", keep=keep), errand())
    assert (receipt.method, receipt.count) == ("anonymise", 23)
    assert {one.use for one in town.holder.inventory(person, errand("verify"))} == keep | {
        ("order", "delivery", "order:one-000"),
        ("delivery_note", "delivery", "order:one-000"),
    }
    assert town.shop.client.get("/orders/one-009").json()["customer"] is None
    assert town.holder.dispose(person, ALL, errand("second")).count == 2


def test_restriction_and_correction_reach_the_orders(town: Town) -> None:
    person = town.person("cust-two")
    town.shop.order("two-1", "cust-two", note="the old note")
    assert town.holder.restrict(person, errand("two"), on=True).method == "restrict"
    assert town.shop.client.get("/orders/two-1").status_code == 423
    assert town.holder.restrict(person, errand("two"), on=False).method == "release"
    assert town.holder.rectify(person, {"delivery_note": "the new note"}, errand("two")).count == 1
    assert town.shop.client.get("/orders/two-1").json()["note"] == "the new note"


def test_every_act_is_a_task_that_officers_see(town: Town) -> None:
    person, request = town.person("cust-three"), uuid4()
    town.holder.dispose(person, ALL, Errand(request=request, key="first"))
    (task,) = town.get(f"/v1/requests/{request}/tasks")["items"]
    assert (task["holder"], task["act"], task["state"], task["method"]) == (
        "order_service",
        "dispose",
        "completed",
        "anonymise",
    )
    assert len(task["evidence"]) == 64
    assert town.get(f"/v1/requests/{uuid4()}/tasks")["items"] == []
    assert town.post(f"/v1/holders/tasks/{task['task']}/replay")[0] == 409
    assert town.post(f"/v1/holders/tasks/{task['task']}/cancel")[0] == 409
    assert town.post("/v1/holders/tasks/999999/replay")[0] == 404
    assert town.get("/v1/holders/dead-tasks")["items"] == []
    answer = town.api.call("GET", f"/v1/requests/{request}/tasks")
    assert answer.status_code == 403  # a service looks at no requests


def test_an_order_service_that_restarts_in_the_middle_ends_what_it_had_taken(town: Town) -> None:
    person = town.person("cust-four")
    town.shop.order("four-1", "cust-four")
    town.shop.complete("four-1")
    town.shop.stop()
    town.shop.start(delay=3_600)
    with pytest.raises(HolderAwayError):
        town.holder.dispose(person, ALL, errand("four"))
    town.shop.stop()
    town.api.clock.advance(seconds=10)
    with pytest.raises(HolderAwayError):
        town.holder.dispose(person, ALL, errand("four"))
    town.shop.start()
    town.api.clock.advance(seconds=10)
    assert town.holder.dispose(person, ALL, errand("four")).count == 1
    assert town.shop.client.get("/orders/four-1").json()["customer"] is None


def test_nobody_but_moat_is_answered(town: Town) -> None:
    bearer = {"Authorization": f"Bearer {(town.shop.place / 'token').read_text()}"}
    body = json.dumps({"subject_request_id": str(uuid4()), "subject_request_type": "erasure"}).encode()

    def asked(**headers: str) -> int:
        return town.shop.client.post("/opendsr/v2/requests", content=body, headers={**bearer, **headers}).status_code

    assert town.shop.client.post("/opendsr/v2/requests", content=body).status_code == 401
    assert asked() == 403
    for header in ("", "a..b", "e30..AAAA", "e30..", "...."):
        assert asked(**{"X-Moat-Signature": header}) == 403


def test_what_is_sent_stands_in_no_file_of_the_deployment(town: Town) -> None:
    person = town.person("cust-the-canary")
    town.shop.order("canary-1", "cust-the-canary", note="the-canary-note")
    list(town.holder.disclose(person, errand("canary")))
    town.holder.dispose(person, ALL, errand("canary"))
    token = (town.shop.place / "token").read_bytes()
    for path in (town.shop.place.parent).rglob("*"):
        if path.is_file() and town.shop.place not in path.parents:
            stored = path.read_bytes()
            assert b"the-canary" not in stored, path
            assert token not in stored, path


def test_the_way_out_leads_to_the_declared_origin_alone_and_takes_no_more_than_its_bounds(town: Town) -> None:
    address = f"{town.shop.url}/orders/nobody"
    assert HolderEgress(Egress(allowed=[], internal=[town.shop.url])).call("GET", address, {}, b"").status == 404
    with pytest.raises(PermissionError):
        HolderEgress(Egress(allowed=["https://orders.example.com"])).call("GET", address, {}, b"")
    with pytest.raises(OSError, match=r"^$"):
        HolderEgress(Egress(allowed=[], internal=[town.shop.url], timeout_seconds=0.0)).call("GET", address, {}, b"")
    town.shop.order("long-1", "cust-six", note="n" * 2_000)
    with pytest.raises(OSError, match=r"^$"):
        HolderEgress(Egress(allowed=[], internal=[town.shop.url], answer_bytes=1_000)).call(
            "GET", f"{town.shop.url}/orders/long-1", {}, b""
        )


def test_an_address_in_the_clear_must_be_declared_internal(
    town: Town, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("clear")
    with pytest.raises(ConnectorFileError, match="egress-internal"), beside(place, town.shop, egress_internal=()):
        pass


def test_a_file_that_names_what_is_not_there_stops_the_start(town: Town) -> None:
    place, wrong = town.shop.place.parent, town.shop.place / "wrong.yaml"
    text = (town.shop.place / "connectors.yaml").read_text()
    for changed in (text.replace("orders.pem", "no.pem"), text.replace("file:token", "env:MOAT_NO_SUCH_VARIABLE")):
        wrong.write_text(changed)
        with pytest.raises(ConnectorFileError), beside(place, town.shop, connectors=wrong):
            pass


def test_officers_see_to_tasks_by_commands(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def moat() -> Moat:
        return Moat("http://moat.test", town.officer, transport=WSGITransport(town.api.moat.app))

    def run(*words: str) -> Result:
        return CliRunner().invoke(dsar, list(words))

    monkeypatch.setattr(work.cli, "Moat", moat)
    person, request = town.person("cust-five"), uuid4()
    town.holder.dispose(person, ALL, Errand(request=request, key="first"))
    assert "completed" in run("tasks", str(request)).output
    (task,) = json.loads(run("tasks", str(request), "--json").output)
    assert run("tasks").output.split() == [
        "task",
        "holder",
        "act",
        "state",
        "method",
        "count",
        "error",
        "next",
        "attempt",
    ]
    refused = run("retry", str(task["task"]))
    assert (refused.exit_code, "holder_task_state" in refused.output) == (1, True)
    assert run("check-holder", "order_service").output == "missing identities: none\nmissing types: none\n"
