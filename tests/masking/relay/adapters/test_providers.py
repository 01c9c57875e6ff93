"""Providers of numbers: how they are asked, how what they tell is read, and bindings that follow ours."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from database.columns import millis
from masking.relay.calls.progress import EventKind, Failure
from masking.relay.mode import Direction, Mode
from masking.relay.providers import alibaba, huawei, simulator
from masking.relay.providers.alibaba import Alibaba
from masking.relay.providers.alibaba_signature import signed, written
from masking.relay.providers.errors import Fault, MalformedReceiptError, ProviderError
from masking.relay.providers.huawei import Huawei
from masking.relay.providers.huawei_signature import signed_headers
from masking.relay.providers.ports import Answered, Line
from masking.relay.providers.serving import CloudServer
from masking.relay.providers.simulator import is_signed, signature
from tests.conftest import BOTH
from tests.masking.relay.adapters.house import House, house_at

NOW = 1_795_000_000_000
A, B, X = "+8613912345678", "+8613887654321", "+8617000000001"
SECRET = "a-made-up-secret-key"


def line(**given: Any) -> Line:
    fields: dict[str, Any] = {
        "reference": "moat-7", "mode": Mode.AXB, "a": A, "b": B, "x": X, "y": None, "extension": None,
        "direction": Direction.BOTH, "record": False, "max_seconds": 90, "expires_at": NOW + 3_600_000, "now": NOW, **given,
    }  # fmt: skip
    return Line(**fields)


class Recorded:
    """An outside that answers what it is told to, and remembers what it was asked."""

    def __init__(self, *answers: tuple[int, object] | OSError) -> None:
        self.answers = list(answers)
        self.calls: list[tuple[str, str, Mapping[str, str], bytes]] = []

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        self.calls.append((method, url, headers, body))
        answer = self.answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return Answered(answer[0], {}, json.dumps(answer[1]).encode())


def alibaba_at(outside: Recorded) -> Alibaba:
    return Alibaba(outside, NOW, url="https://dyplsapi.example", login="key", secret=b"secret", pool_key="FC1")


def huawei_at(outside: Recorded) -> Huawei:
    return Huawei(outside, NOW, url="https://rtcapi.example:12543", login="key", secret=b"secret")


def test_the_published_example_of_version_three_has_the_published_signature() -> None:
    query = {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-version": "2014-05-26",
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "accept": "application/json",
    }
    whole = signed("POST", query, headers, b"", login="YourAccessKeyId", secret=b"YourAccessKeySecret")
    assert whole["authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_fields_are_written_as_the_published_rules_have_it() -> None:
    assert written({"b": "2", "a": "x y", "Tag.1": "k*~!"}) == "Tag.1=k%2A~%21&a=x%20y&b=2"


def test_a_digest_of_the_app_secret_is_that_of_the_published_formula() -> None:
    """base64(HMAC-SHA256(secret, nonce + created)), reckoned with `openssl dgst -sha256 -hmac`."""
    made = signed_headers(login="app", secret=b"secret", nonce="66c92b11", created="2026-11-22T08:00:00Z")
    assert 'Username="app"' in made["x-aksk"]
    assert 'PasswordDigest="3AgBO+K/ROLjg0+1sEXPejqr/XJO0BLb2i93Adqx7Hw="' in made["x-aksk"]


def test_alibaba_binds_in_the_body_in_the_time_and_the_numbers_of_china() -> None:
    outside = Recorded((200, {"Code": "OK", "SecretBindDTO": {"SubsId": "10000", "SecretNo": "17000000001"}}))
    assert alibaba_at(outside).bind(line(direction=Direction.A)) == "10000"
    ((method, url, headers, body),) = outside.calls
    assert (method, url, headers["x-acs-action"]) == ("POST", "https://dyplsapi.example/", "BindAxb")
    fields = {name: value for name, (value,) in parse_qs(body.decode()).items()}
    assert fields == {
        "PoolKey": "FC1", "PhoneNoA": "13912345678", "PhoneNoB": "13887654321", "PhoneNoX": "17000000001",
        "Expiration": "2026-11-18 20:06:40", "IsRecordingEnabled": "false", "OutId": "moat-7", "CallDisplayType": "1",
        "CallRestrict": "CONTROL_BX_DISABLE",
    }  # fmt: skip


def test_alibaba_is_asked_by_the_mode() -> None:
    assert alibaba.bind_fields(line(mode=Mode.AXE, b=None, extension="123"))["Extension"] == "123"
    assert "PhoneNoB" not in alibaba.bind_fields(line(mode=Mode.AXN, b=None))
    for other in ({"mode": Mode.AXYB}, {"mode": Mode.AXE, "extension": "1234"}, {"a": "+14158675309"}):
        with pytest.raises(ProviderError):
            alibaba.bind_fields(line(**other))


def test_alibaba_changes_one_thing_after_the_other_and_what_is_gone_is_gone() -> None:
    outside = Recorded(*[(200, {"Code": "OK"})] * 5, (200, {"Code": "isv.SUBS_NOT_EXIST"}))
    provider = alibaba_at(outside)
    provider.change("10000", line())
    kinds = [parse_qs(body.decode())["OperateType"][0] for _, _, _, body in outside.calls]
    assert kinds == ["updateNoA", "updateNoB", "updateExpire", "updateIsRecord", "updateCallRestrict"]
    provider.unbind("10000", X)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ((200, {"Code": "isv.NO_AVAILABLE_NUMBER"}), Fault.EXHAUSTED),
        ((200, {"Code": "isv.BIND_CONFLICT"}), Fault.CONFLICT),
        ((400, {"Code": "SignatureDoesNotMatch"}), Fault.CREDENTIALS),
        ((429, {"Code": "x"}), Fault.LIMIT),
        ((503, {"Code": "x"}), Fault.AWAY),
        ((200, {"Code": "isv.SOMETHING_NEW"}), Fault.FORBIDDEN),
        ((200, []), Fault.AWAY),
        (OSError(), Fault.AWAY),
        (PermissionError(), Fault.NOT_ALLOWED),
    ],
)
def test_faults_of_alibaba_are_ours(answer: tuple[int, object] | OSError, fault: Fault) -> None:
    with pytest.raises(ProviderError) as raised:
        alibaba_at(Recorded(answer)).bind(line())
    assert raised.value.fault is fault


def test_huawei_binds_changes_and_ends_an_axb() -> None:
    bound = {"resultcode": "0", "subscriptionId": "sub-1", "relationNum": X}
    outside = Recorded((200, bound), (200, {"resultcode": "0"}), (200, {"resultcode": "1012001"}))
    provider = huawei_at(outside)
    held = provider.bind(line(direction=Direction.B))
    provider.change(held, line())
    provider.unbind(held, X)
    (post, put, delete) = outside.calls
    base = "https://rtcapi.example:12543/rest/caas/relationnumber/partners/v1.0"
    assert json.loads(post[3]) == {
        "relationNum": X, "callerNum": A, "calleeNum": B, "callDirection": 2, "duration": 3600, "maxDuration": 2,
        "recordFlag": "false", "userData": "moat-7",
    }  # fmt: skip
    assert (post[0], post[1], put[0]) == ("POST", base, "PUT")
    assert json.loads(put[3])["subscriptionId"] == "sub-1"
    assert delete[:2] == ("DELETE", f"{base}?subscriptionId=sub-1&relationNum=%2B8617000000001")
    assert A[3:] not in delete[1]


def test_huawei_binds_an_ax_and_names_whom_it_reaches() -> None:
    outside = Recorded((200, {"resultcode": "0", "subscriptionId": "s2"}), *[(200, {"resultcode": "0"})] * 3)
    provider = huawei_at(outside)
    held = provider.bind(line(mode=Mode.AXN))
    provider.change(held, line(mode=Mode.AXN))
    provider.unbind(held, X)
    assert [one[0] for one in outside.calls] == ["POST", "PUT", "PUT", "DELETE"]
    assert json.loads(outside.calls[0][3])["origNum"] == A
    assert json.loads(outside.calls[1][3])["calleeNum"] == B


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ((200, {"resultcode": "1012010"}), Fault.CONFLICT),
        ((200, {"resultcode": "1012008"}), Fault.EXHAUSTED),
        ((401, {"resultcode": "E"}), Fault.CREDENTIALS),
        ((500, {}), Fault.AWAY),
    ],
)
def test_faults_of_huawei_are_ours(answer: tuple[int, object], fault: Fault) -> None:
    with pytest.raises(ProviderError) as raised:
        huawei_at(Recorded(answer)).bind(line())
    assert raised.value.fault is fault
    with pytest.raises(ProviderError):
        huawei_at(Recorded()).bind(line(mode=Mode.AXYB))


def test_a_receipt_of_alibaba_is_read_without_numbers() -> None:
    told = {
        "id": "1", "call_id": "c1", "sub_id": "10000", "out_id": "moat-7", "phone_no": "13912345678", "peer_no": "13887654321",
        "secret_no": "17000000001", "call_type": 0, "call_time": "2026-11-18 18:00:00", "ring_time": "2026-11-18 18:00:03",
        "start_time": "2026-11-18 18:00:10", "release_time": "2026-11-18 18:01:10", "release_dir": 2, "release_cause": 16,
        "unconnected_cause": 0,
    }  # fmt: skip
    (receipt,) = alibaba.receipts(json.dumps([told]).encode(), NOW)
    kinds = [event.kind for event in receipt.events]
    assert kinds == [EventKind.RINGING, EventKind.ANSWERED, EventKind.ENDED]
    assert receipt.events[2].at - receipt.events[1].at == 60_000
    assert (receipt.reference, receipt.ended, receipt.refused) == ("moat-7", True, False)
    assert not {"13912345678", "13887654321"} & set(repr(receipt).replace("'", " ").split())
    busy = {**told, "start_time": told["release_time"], "release_cause": 17}
    (receipt,) = alibaba.receipts(json.dumps([busy]).encode(), NOW)
    assert receipt.events[-1].failure is Failure.BUSY
    sms = {"id": "9", "sub_id": "10000", "sms_type": 0, "sms_content": "call 13912345678", "send_no": "13912345678"}
    (receipt,) = alibaba.receipts(json.dumps([sms]).encode(), NOW)
    assert "139" not in repr(receipt)


def test_a_bill_of_huawei_is_read_and_a_notice_left() -> None:
    bill = {
        "icid": "i1", "sessionId": "s1", "subscriptionId": "sub-1", "callerNum": A, "calleeNum": B, "bindNum": X,
        "callInTime": "2026-11-18 10:00:00", "fwdStartTime": "2026-11-18 10:00:01", "fwdAlertingTime": "2026-11-18 10:00:03",
        "fwdAnswerTime": "2026-11-18 10:00:10", "callEndTime": "2026-11-18 10:01:10", "userData": "moat-7",
    }  # fmt: skip
    (receipt,) = huawei.receipts(json.dumps({"eventType": "fee", "feeLst": [bill]}).encode(), NOW)
    assert [event.kind for event in receipt.events] == [EventKind.RINGING, EventKind.ANSWERED, EventKind.ENDED]
    assert A[3:] not in repr(receipt)
    assert huawei.receipts(b'{"eventType":"alerting","statusInfo":{}}', NOW) == []


NAMES = st.sampled_from(["id", "call_id", "sub_id", "eventType", "feeLst", "events", "kind", "icid", "call"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text()
PUSHED = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner))


@given(st.binary(max_size=200) | PUSHED.map(lambda one: json.dumps(one).encode()))
def test_no_push_breaks_the_reading(body: bytes) -> None:
    for read in (alibaba.receipts, huawei.receipts, simulator.receipts):
        try:
            read(body, NOW)
        except MalformedReceiptError:
            continue


def test_the_simulators_signature_holds_for_minutes_and_for_one_call() -> None:
    given = signature(b"s", 1_000, "POST", "/p", b"body")
    place: dict[str, Any] = {"method": "POST", "path": "/p", "body": b"body"}
    assert is_signed(b"s", given, 1_200, **place)
    assert not is_signed(b"s", given, 1_301, **place)
    assert not is_signed(b"t", given, 1_000, **place)
    for other in ({"method": "PUT"}, {"path": "/q"}, {"body": b"x"}):
        assert not is_signed(b"s", given, 1_000, **{**place, **other})
    for broken in ("", "t=,v1=", "t=x,v1=y", "签名", given[:-1]):
        assert not is_signed(b"s", broken, 1_000, **place)


class Town:
    """A deployment and a made-up cloud that holds one of its pools."""

    def __init__(self, house: House, cloud: CloudServer) -> None:
        self.house = house
        self.server = cloud
        self.pool = "cloud"
        house.pool(self.pool, modes=["axb", "axyb"], count=4)
        body = {
            "kind": "simulator", "name": "cloud", "login": "moat", "secret": SECRET, "pool": self.pool,
            "url": f"http://127.0.0.1:{cloud.server_port}",
        }  # fmt: skip
        made = house.ok("POST", "/v1/relay/accounts", body, bearer=house.operator)
        self.account, self.receipts = made["account"], made["webhooks"]["receipts"]
        cloud.receipts = self.receipts
        house.clock.advance(seconds=2)

    def held(self) -> list[dict[str, Any]]:
        return [one.line for one in self.server.cloud.held.values()]

    def carried(self, state: str) -> list[Any]:
        found = self.house.ok("GET", f"/v1/relay/carried?state={state}", bearer=self.house.operator)["items"]
        assert isinstance(found, list)
        return found


@pytest.fixture(scope="module", params=BOTH)
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with ExitStack() as held:
        url = None
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            url = SecretStr(cluster.url(held.enter_context(cluster.fresh())))
        houses: list[House] = []

        def push(address: str, headers: Mapping[str, str], body: bytes) -> None:
            answer = houses[0].moat.app.test_client().post(urlsplit(address).path, data=body, headers=dict(headers))
            assert answer.status_code < 500, answer.text

        server = CloudServer(
            ("127.0.0.1", 0), SECRET.encode(), now_seconds=lambda: millis(houses[0].clock()) // 1000, push=push
        )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        held.callback(thread.join)
        held.callback(server.server_close)
        held.callback(server.shutdown)
        place, origin = tmp_path_factory.mktemp("providers"), f"http://127.0.0.1:{server.server_port}"
        house = held.enter_context(house_at(place, url, egress_internal=(origin,)))
        houses.append(house)
        yield Town(house, server)


def test_a_binding_is_held_by_the_cloud_and_ends_with_ours(town: Town) -> None:
    house = town.house
    pair = house.bound(town.pool)
    assert town.carried("waiting")[0]["binding"] == pair.binding
    house.run_jobs()
    (there,) = town.held()
    assert (there["a"], there["b"], there["x"]) == (pair.a, pair.b, pair.x)
    assert town.carried("held")[0]["present"] == pair.x
    other = house.phone()
    swap = {"b": {"subject": house.person(other)}}
    house.ok("PATCH", f"/v1/relay/bindings/{pair.binding}", swap, bearer=house.service)
    house.run_jobs()
    assert [one["b"] for one in town.held()] == [other]
    house.ok("DELETE", f"/v1/relay/bindings/{pair.binding}", bearer=house.service)
    house.run_jobs()
    assert town.held() == []
    assert town.carried("gone")[-1]["binding"] == pair.binding


def test_no_number_of_people_is_stored_or_told_on_the_way_out(town: Town) -> None:
    house = town.house
    pair = house.bound(town.pool)
    house.run_jobs()
    stored = house.rows("relay_", "job", "audit_")
    for number in (pair.a, pair.b):
        assert number[3:] not in stored
    assert pair.a[3:] not in str(town.carried("held"))
    house.ok("DELETE", f"/v1/relay/bindings/{pair.binding}", bearer=house.service)
    house.run_jobs()


def test_a_call_that_the_cloud_tells_of_is_in_the_book_of_calls_once(town: Town) -> None:
    house = town.house
    pair = house.bound(town.pool)
    house.run_jobs()
    assert town.server.call(pair.a, pair.x)
    calls = house.ok("GET", f"/v1/relay/calls?binding={pair.binding}", bearer=house.officer)["items"]
    assert [(one["status"], one["seconds"], one["side"]) for one in calls] == [("completed", 42, "a")]
    told = {
        "id": "r-9", "call": "c-9", "held": "", "reference": f"moat-{pair.binding}", "kind": "voice", "ended": True,
        "began": millis(house.clock()), "events": [],
    }  # fmt: skip
    for _ in range(3):
        town.server.tell([told])
    town.server.tell([{**told, "id": "r-10"}])
    town.server.tell([{**told, "id": "r-11", "reference": "moat-999999"}])
    calls = house.ok("GET", f"/v1/relay/calls?binding={pair.binding}", bearer=house.officer)["items"]
    assert len(calls) == 2


def test_a_receipt_is_refused_without_the_key_of_its_address_or_without_a_signature(town: Town) -> None:
    client, path = town.house.moat.app.test_client(), urlsplit(town.receipts).path
    assert client.post(path, data=b"[]").status_code == 404
    assert client.post(path[:-3] + "AAA", data=b"[]").status_code == 404
    for nobody in (99_999, 2**63, 10**30):
        answer = client.post(f"/v1/relay/provider/{nobody}/abc", data=b"[]")
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    listed = town.house.ok("GET", "/v1/relay/accounts", bearer=town.house.operator)["items"]
    assert urlsplit(town.receipts).path not in str(listed)


def test_a_cloud_that_is_away_is_asked_again_and_one_that_refuses_is_told_of(town: Town) -> None:
    house = town.house
    pair = house.bound(town.pool)
    town.server.secret = b"another"
    house.run_jobs()
    (failed,) = [one for one in town.carried("failed") if one["binding"] == pair.binding]
    assert failed["fault"] == "credentials"
    town.server.secret = SECRET.encode()
    path = f"/v1/relay/carried/{pair.binding}/retry"
    assert house.call("POST", path, bearer=house.operator).status_code == 204
    house.run_jobs()
    assert pair.binding in [one["binding"] for one in town.carried("held")]
    assert house.call("POST", "/v1/relay/carried/999999/retry", bearer=house.operator).status_code == 404


def test_what_was_changed_while_nobody_listened_is_found_by_the_round(town: Town) -> None:
    house = town.house
    pair = house.bound(town.pool)
    house.run_jobs()
    house.clock.advance(days=2)
    rounds = house.moat.work.rounds["relay_carry"]
    rounds(millis(house.clock()))
    house.run_jobs()
    assert pair.x not in [one["x"] for one in town.held() if one["a"] == pair.a]


def test_a_person_who_is_erased_is_held_by_no_cloud(town: Town) -> None:
    house = town.house
    a, b = house.phone(), house.phone()
    name = house.person(a)
    asked = {
        "mode": "axb",
        "pool": town.pool,
        "order": "o-x",
        "a": {"subject": name},
        "b": {"subject": house.person(b)},
    }
    house.ok("POST", "/v1/relay/bindings", asked, bearer=house.service)
    house.run_jobs()
    assert a in [one["a"] for one in town.held()]
    house.ok("POST", f"/v1/subjects/{name}/shred", {"reason": "erasure_request"}, bearer=house.officer)
    house.moat.work.rounds["relay_carry"](millis(house.clock()))
    house.run_jobs()
    assert a not in [one["a"] for one in town.held()]


def test_a_mode_that_the_cloud_has_not_is_a_fault_that_people_see() -> None:
    with pytest.raises(ProviderError) as raised:
        alibaba_at(Recorded()).bind(line(mode=Mode.GXB))
    assert raised.value.fault is Fault.UNSUPPORTED
