"""The relay over HTTP, with the vault behind it: what platforms bind, what switches are told, and what nobody is."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from audit.event_id import uuid7
from database.columns import metadata
from database.statement import Statement
from dsar.holders.holder import Disposal, Errand, Person
from tests.api.conftest import Api, composed, refused
from tests.conftest import BOTH
from web.principal import Role, Scope

DAY = 86_400
BODIES = ("+8613800000001", "+8613800000002", "13800000001", "13800000002")


class Desk:
    """A platform that binds people, and a switch that asks."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.switch = api.credential(Role.MERCHANT, extra=frozenset({Scope.RELAY_ROUTE}))
        self._people = 0
        self._numbers = 0
        self.post("/v1/relay/pools", {"pool": "default", "modes": ["axb", "axyb", "axn"]}, 201)
        self.add(6)

    def post(self, path: str, body: object, status: int = 200, **options: Any) -> Any:
        answer = self.api.call("POST", path, body, **options)
        assert answer.status_code == status, answer.text
        return answer.json

    def add(self, count: int, pool: str = "default") -> list[str]:
        """Numbers that nobody has, put into a pool."""
        made = [f"+86170{self._numbers + place:08d}" for place in range(count)]
        self._numbers += count
        items = [{"number": one} for one in made]
        assert self.post("/v1/relay/numbers", {"pool": pool, "items": items}) == {"added": count, "faults": []}
        return made

    def person(self) -> tuple[str, str]:
        """Somebody new with a phone number in the profile, and the number."""
        self._people += 1
        subject, phone = f"relay-{self._people}", f"+86139{self._people:08d}"
        body = {"type": "customer", "purpose": "account", "fields": {"phone": phone}}
        assert self.api.call("PUT", f"/v1/subjects/{subject}", body).status_code == 200
        return subject, phone

    def bind(self, a: str, b: str, order: str, **further: Any) -> dict[str, Any]:
        body = {"mode": "axb", "order": order, "a": {"subject": a}, "b": {"subject": b}, **further}
        found: dict[str, Any] = self.post("/v1/relay/bindings", body, 201)
        return found

    def route(self, called: str, caller: str, **further: Any) -> dict[str, Any]:
        body = {"called": called, "caller": caller, **further}
        found: dict[str, Any] = self.post("/v1/relay/route", body, credential=self.switch)
        return found


@pytest.fixture(scope="module", params=BOTH)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    place = tmp_path_factory.mktemp("relay")
    with ExitStack() as held:
        url = None
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            url = SecretStr(cluster.url(held.enter_context(cluster.fresh())))
        yield Desk(held.enter_context(composed(place, url)))


def test_a_platform_binds_two_people_and_a_switch_connects_them(desk: Desk) -> None:
    (a, a_phone), (b, b_phone) = desk.person(), desk.person()
    bound = desk.bind(a, b, "o-1", expires_in=3_600)
    assert re.fullmatch(r"\+86170\d{8}", bound["x"])
    answer = desk.route(bound["x"], a_phone)
    assert answer == {
        "action": "connect",
        "to": b_phone,
        "present": bound["x"],
        "binding": bound["binding"],
        "leg": answer["leg"],
        "max_seconds": 3_600,
        "record": False,
    }
    assert desk.route(bound["x"], b_phone)["to"] == a_phone
    assert desk.api.call("GET", f"/v1/relay/bindings/{bound['binding']}").json == bound
    assert desk.api.call("GET", "/v1/relay/bindings?order=o-1").json["items"] == [bound]  # type: ignore[index]


@pytest.mark.parametrize("ended", ["revoked", "frozen"])
def test_a_switch_whose_credential_ends_is_answered_no_more_from_the_next_call_on(desk: Desk, ended: str) -> None:
    (a, a_phone), (b, _) = desk.person(), desk.person()
    body = {"called": desk.bind(a, b, "o-1")["x"], "caller": a_phone}
    admin, risk = desk.api.role(Role.ADMIN), desk.api.role(Role.RISK)
    switch = desk.api.credential(Role.SWITCH)
    for _ in range(3):
        assert desk.post("/v1/relay/route", body, credential=switch)["action"] == "connect"
    listed: Any = desk.api.call("GET", "/v1/credentials?limit=200", credential=admin).json
    number = max(one["id"] for one in listed["items"])
    if ended == "revoked":
        assert desk.api.call("DELETE", f"/v1/credentials/{number}", credential=admin).status_code == 204
    else:
        frozen = {"kind": "credential", "credential": number, "reason": "leaked_credential"}
        assert desk.api.call("POST", "/v1/freezes", frozen, credential=risk).status_code < 300
    refused(desk.api.call("POST", "/v1/relay/route", body, credential=switch), 401, "unauthenticated")


def test_people_are_named_by_tokens_as_well(desk: Desk) -> None:
    (b, b_phone) = desk.person()
    token = desk.api.token("13700000001", subject="by-token")
    body = {"mode": "axb", "order": "o-2", "a": {"token": token}, "b": {"subject": b}}
    bound = desk.post("/v1/relay/bindings", body, 201)
    assert desk.route(bound["x"], "13700000001")["to"] == b_phone
    name = desk.api.token("张三", kind="name", subject="by-token")
    for wrong in (name, "tok_nothing"):
        answer = desk.api.call("POST", "/v1/relay/bindings", {**body, "a": {"token": wrong}})
        assert refused(answer, 422, "party_not_callable")["a"][0] == "not_found"


def test_the_end_of_a_binding_is_told_to_callers(desk: Desk) -> None:
    (a, a_phone), (b, _) = desk.person(), desk.person()
    bound = desk.bind(a, b, "o-3")
    ended = desk.api.call("DELETE", f"/v1/relay/bindings/{bound['binding']}")
    assert (ended.status_code, ended.json["end_reason"]) == (200, "unbound")  # type: ignore[index]
    assert desk.route(bound["x"], a_phone) == {"action": "reject", "reason": "ended"}
    answer = desk.api.call("PATCH", f"/v1/relay/bindings/{bound['binding']}", {"expires_in": 60})
    refused(answer, 410, "binding_ended")


def test_another_courier_takes_over(desk: Desk) -> None:
    (a, a_phone), (b, b_phone), (c, c_phone) = desk.person(), desk.person(), desk.person()
    bound = desk.bind(a, b, "o-4")
    path = f"/v1/relay/bindings/{bound['binding']}"
    changed = desk.api.call("PATCH", path, {"b": {"subject": c}, "version": bound["version"]})
    assert changed.json["x"] == bound["x"]  # type: ignore[index]
    assert desk.route(bound["x"], a_phone)["to"] == c_phone
    assert desk.route(bound["x"], b_phone) == {"action": "reject", "reason": "ended"}
    refused(desk.api.call("PATCH", path, {"texts": False, "version": bound["version"]}), 409, "version_conflict")


def test_a_repeated_call_makes_no_second_binding(desk: Desk) -> None:
    (a, _), (b, _) = desk.person(), desk.person()
    key = {"Idempotency-Key": "bind-once"}
    body = {"mode": "axb", "order": "o-5", "a": {"subject": a}, "b": {"subject": b}}
    first = desk.post("/v1/relay/bindings", body, 201, headers=key)
    assert desk.post("/v1/relay/bindings", body, 201, headers=key) == first
    answer = desk.api.call("POST", "/v1/relay/bindings", {**body, "order": "o-6"}, headers=key)
    refused(answer, 409, "idempotency_mismatch")


def test_a_shift_is_bound_at_once(desk: Desk) -> None:
    people = [desk.person()[0] for _ in range(3)]
    items = [
        {"mode": "axb", "order": f"shift-{n}", "a": {"subject": one}, "b": {"subject": people[-1]}}
        for n, one in enumerate(people)
    ]
    key = {"Idempotency-Key": "a-shift"}
    found = desk.post("/v1/relay/bindings/bulk", {"items": items}, headers=key)["items"]
    assert [one.get("error", {}).get("code") for one in found] == [None, None, "self_binding"]
    assert found[0]["x"] != found[1]["x"]
    assert desk.post("/v1/relay/bindings/bulk", {"items": items}, headers=key)["items"] == found


def test_who_is_frozen_or_erased_is_not_reached_and_leaves_nothing(desk: Desk) -> None:
    (a, a_phone), (b, b_phone), (c, c_phone) = desk.person(), desk.person(), desk.person()
    bound, other = desk.bind(a, b, "o-7"), desk.bind(c, b, "o-8")
    officer = desk.api.role(Role.PRIVACY_OFFICER)
    answer = desk.api.call("POST", f"/v1/subjects/{a}/freeze", {"reason": "case"}, credential=officer)
    assert answer.status_code == 200, answer.text
    assert desk.route(bound["x"], b_phone)["reason"] == "nobody_to_reach"
    assert desk.api.call("POST", f"/v1/subjects/{a}/unfreeze", {"reason": "case"}, credential=officer).status_code < 300
    answer = desk.api.call("POST", f"/v1/subjects/{a}/shred", {"reason": "test"}, credential=officer)
    assert answer.status_code == 200, answer.text
    assert desk.route(bound["x"], a_phone) == {"action": "reject", "reason": "ended"}
    assert desk.route(bound["x"], b_phone) == {"action": "reject", "reason": "ended"}
    assert desk.route(other["x"], c_phone)["to"] == b_phone
    numbers = desk.api.call("GET", "/v1/relay/numbers?limit=200").json["items"]  # type: ignore[index]
    resting = {one["number"] for one in numbers if one["rests_until"]}
    assert bound["x"] in resting
    assert other["x"] not in resting


def test_a_block_stands_between_two_people_only(desk: Desk) -> None:
    (a, a_phone), (b, b_phone), (c, _) = desk.person(), desk.person(), desk.person()
    bound, other = desk.bind(a, b, "o-9"), desk.bind(c, b, "o-10")
    body = {"caller": {"subject": b}, "callee": {"subject": a}, "reason": "asked"}
    (block,) = desk.post("/v1/relay/blocks", body, 201)["blocks"]
    assert desk.route(bound["x"], b_phone)["reason"] == "blocked"
    assert desk.route(bound["x"], a_phone)["action"] == "connect"
    assert desk.route(other["x"], b_phone)["action"] == "connect"
    listed = desk.api.call("GET", "/v1/relay/blocks").json["items"]  # type: ignore[index]
    assert [one["block"] for one in listed] == [block]
    assert desk.api.call("DELETE", f"/v1/relay/blocks/{block}").status_code == 204
    assert desk.route(bound["x"], b_phone)["action"] == "connect"
    desk.post("/v1/relay/blocks", {"number": bound["x"], "reason": "abuse"}, 201)
    assert desk.route(bound["x"], a_phone)["reason"] == "blocked"
    refused(desk.api.call("POST", "/v1/relay/blocks", {"reason": "nobody"}), 422, "mode_fields")


def test_numbers_come_from_a_file_with_a_report_by_line(desk: Desk) -> None:
    desk.post("/v1/relay/pools", {"pool": "imported", "modes": ["axb"]}, 201)
    lines = ["number,area,carrier", "+8657188880001,,", "+8617911110001,杭州,移动", "110,,", "+8617911110001,,", "x,,",
             "+8617911110002,Atlantis,", "+86170" + "0" * 8 + ",,"]  # fmt: skip
    found = desk.post("/v1/relay/numbers/import", {"pool": "imported", "csv": "\n".join(lines)})
    assert found["added"] == 2
    assert {one["line"]: one["code"] for one in found["faults"]} == {
        4: "emergency_number", 5: "twice", 6: "invalid_number", 7: "unknown_area", 8: "known",
    }  # fmt: skip
    numbers = desk.api.call("GET", "/v1/relay/numbers?pool=imported").json["items"]  # type: ignore[index]
    assert {(one["number"], one["area"], one["province"]) for one in numbers} == {
        ("+8657188880001", "0571", "浙江"),
        ("+8617911110001", "0571", "浙江"),
    }
    for text in ("", "area\n1", 'number\n"x', "number,number\n1,2"):
        refused(
            desk.api.call("POST", "/v1/relay/numbers/import", {"pool": "imported", "csv": text}), 422, "import_file"
        )


def test_a_pool_says_what_it_has_and_what_it_needed(desk: Desk) -> None:
    pool = desk.api.call("GET", "/v1/relay/pools/default").json
    assert pool["numbers"]["available"] >= 4  # type: ignore[index]
    plan = desk.api.call("GET", "/v1/relay/pools/default/plan").json
    assert plan["used"] == plan["bound"] <= plan["owned"]  # type: ignore[index]
    terms = {"modes": ["axb"], "lasts_seconds": 60, "lasts_at_most_seconds": 30}
    refused(desk.api.call("PUT", "/v1/relay/pools/default", terms), 422, "duration_out_of_range")
    refused(desk.api.call("POST", "/v1/relay/pools", {"pool": "default", "modes": ["axb"]}), 409, "pool_taken")
    mixed = {"pool": "mixed", "modes": ["axe", "axn"], "digits": 2}
    assert "modes" in refused(desk.api.call("POST", "/v1/relay/pools", mixed), 422, "mode_fields")


def test_a_pool_without_numbers_says_so(desk: Desk) -> None:
    desk.post("/v1/relay/pools", {"pool": "empty", "modes": ["axb"]}, 201)
    (a, _), (b, _) = desk.person(), desk.person()
    body = {"mode": "axb", "order": "o-11", "pool": "empty", "a": {"subject": a}, "b": {"subject": b}}
    answer = desk.api.moat.app.test_client().post(
        "/v1/relay/bindings", json=body, headers={"Authorization": f"Bearer {desk.api.service}"}
    )
    assert refused(answer, 503, "pool_exhausted") == {}


def test_what_belongs_to_another_tenant_is_not_there(desk: Desk) -> None:
    (a, a_phone), (b, _) = desk.person(), desk.person()
    bound = desk.bind(a, b, "o-12")
    path = f"/v1/relay/bindings/{bound['binding']}"
    for method, change in (("GET", None), ("PATCH", {"texts": False}), ("DELETE", None)):
        refused(desk.api.call(method, path, change, credential=desk.api.foreign), 404, "not_found")
    switch = desk.api.credential(Role.MERCHANT, tenant=desk.api.other_tenant, extra=frozenset({Scope.RELAY_ROUTE}))
    body = {"called": bound["x"], "caller": a_phone}
    assert desk.api.call("POST", "/v1/relay/route", body, credential=switch).json == {
        "action": "reject",
        "reason": "no_binding",
    }
    refused(desk.api.call("POST", "/v1/relay/route", body), 403, "forbidden")
    refused(desk.api.call("GET", path, credential=desk.switch), 403, "forbidden")


WRITTEN = st.sampled_from(
    ["110", "119", "120", "112", "911", "+86110", "０１１９", "anonymous", "", "unknown", "+266696687", "+8656696",
     "sip:anonymous@anonymous.invalid", "tel:+8613900000001", "sip:+8613900000001@relay.invalid", "700110000010001",
     "95588", "𝟙𝟛𝟡", "'; DROP TABLE relay_route; --", "\x00", "\r\nVia: x", "💥"]
) | st.text(max_size=128)  # fmt: skip


@given(WRITTEN, WRITTEN, st.none() | st.text(max_size=16), st.sampled_from(["voice", "text"]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_switch_asks_is_answered_and_shows_no_number(
    desk: Desk, called: str, caller: str, digits: str | None, kind: str
) -> None:
    body = {"called": called, "caller": caller, "kind": kind} | ({} if digits is None else {"digits": digits})
    answer = desk.api.moat.app.test_client().post(
        "/v1/relay/route", json=body, headers={"Authorization": f"Bearer {desk.switch}"}
    )
    if answer.status_code == 400:  # a lone surrogate is no JSON
        return
    assert answer.status_code == 200
    assert answer.json["action"] in {"reject", "connect"}  # type: ignore[index]
    if answer.json["action"] == "reject":  # type: ignore[index]
        assert set(answer.json) == {"action", "reason"}  # type: ignore[arg-type]


def test_a_person_is_told_of_their_numbers_and_let_go_of(desk: Desk) -> None:
    (a, a_phone), (b, b_phone) = desk.person(), desk.person()
    bound = desk.bind(a, b, "o-14")
    desk.route(bound["x"], a_phone)
    rows = desk.api.moat.database.read(None, lambda tx: tx.all(Statement("SELECT max(subject) - 1 FROM relay_party")))
    person, errand = Person(desk.api.tenant, rows[0][0]), Errand(request=uuid7(0), key="disclose")
    (holder,) = [one for one in desk.api.moat.holders.of(desk.api.tenant) if one.name == "relay"]
    held = {one.category: one.count for one in holder.inventory(person, errand)}
    assert held == {"relay": 1, "calls": 1}
    told = list(holder.disclose(person, errand))
    assert [category for category, _ in told] == ["relay", "calls"]
    assert told[0][1]["number"] == bound["x"]
    assert not [phone for phone in (a_phone, b_phone) if phone in str(told)]
    kept = Disposal(reason="test", keep=frozenset({("relay", "relay_call", ""), ("calls", "relay_call", "")}))
    assert holder.dispose(person, kept, errand).method == "none"
    again = Errand(request=errand.request, key="dispose")
    assert holder.dispose(person, Disposal(reason="test"), again).count == 2
    assert holder.inventory(person, errand) == []
    assert desk.route(bound["x"], b_phone) == {"action": "reject", "reason": "ended"}


def test_no_row_keeps_a_number_in_clear(desk: Desk) -> None:
    (a, a_phone), (b, b_phone) = desk.person(), desk.person()
    bound = desk.bind(a, b, "o-13")
    desk.route(bound["x"], a_phone)
    needles = [phone.removeprefix("+86") for phone in (a_phone, b_phone)]
    for table in sorted(name for name in metadata.tables if name.startswith("relay_")):
        whole = Statement(f"SELECT * FROM {table}")
        rows = desk.api.moat.database.read(None, lambda tx, whole=whole: tx.all(whole))  # type: ignore[misc]  # bound at once
        text = repr([[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in rows])
        assert not [needle for needle in needles if needle in text], table


def test_a_name_that_is_a_number_of_somebody_is_refused_and_not_repeated(desk: Desk) -> None:
    phone, card = "13913752648", "6222021375948604314"
    account = {"kind": "twiml", "name": "voice", "login": "AC1", "secret": "a-made-up-token"}
    operator = desk.api.credential(Role.OPERATOR)
    for path, body, field in (
        ("pools", {"pool": f"x{phone}", "modes": ["axb"]}, "pool"),
        ("pools", {"pool": f"x-{card}", "modes": ["axb"]}, "pool"),
        ("blocks", {"caller": {"subject": "relay-1"}, "reason": f"r{phone}"}, "reason"),
        ("accounts", {**account, "name": f"x{phone}"}, "name"),
        ("accounts", {**account, "login": phone}, "login"),
        ("accounts", {**account, "pool_key": f"FC{phone}"}, "pool_key"),
    ):
        credential = operator if path == "accounts" else ""
        answer = desk.api.call("POST", f"/v1/relay/{path}", body, credential=credential)
        assert refused(answer, 422, "invalid_request")[field][0] == "name_is_personal"
        assert phone not in answer.text
        assert card not in answer.text
