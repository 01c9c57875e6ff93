"""Global Privacy Control: a signal opts out at once, repeats harmlessly, yields to the person's later words, and is confirmed."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from consent.catalogue_text import starter_catalogue
from consent.signals.gpc import said_by
from tests.conftest import BOTH
from tests.consent.test_receipt import Service

MARKED = ["marketing_sms", "marketing_call", "merchant_sharing", "cross_border"]


@pytest.fixture(scope="module", params=BOTH)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with ExitStack() as held:
        url = None
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            url = SecretStr(cluster.url(held.enter_context(cluster.fresh())))
        made = Service(tmp_path_factory.mktemp("gpc"), url)
        held.callback(made.moat.close)
        yield made


def signal(service: Service, subject: str, **more: Any) -> dict[str, str]:
    """What a signal comes to for each purpose."""
    answer: Any = service.call("POST", "/v1/signals/gpc", {"subject": subject, **more}).json
    assert (answer["subject"], answer["honored"]) == (subject, True)
    return {one["purpose"]: one["outcome"] for one in answer["items"]}


def decided(service: Service, subject: str, purpose: str) -> tuple[str, str]:
    """The decision once whatever was answered before is too old to be kept."""

    def asked() -> Any:
        answer: Any = service.call("POST", "/v1/decisions", {"items": [{"subject": subject, "purpose": purpose}]}).json
        return answer["items"][0]

    first = asked()
    if first["decision"] == "allow":
        time.sleep(first["ttl_s"])
    last = asked()
    return last["decision"], last["reason"]


def test_the_starter_catalogue_marks_what_sells_shares_or_advertises() -> None:
    assert [one.id for one in starter_catalogue().by_id.values() if one.gpc] == MARKED


@given(st.lists(st.text(), max_size=4))
def test_only_the_value_1_is_the_signal(values: list[str]) -> None:
    assert said_by([*values, "1"])
    assert said_by(values) == any(part.strip() == "1" for value in values for part in value.split(","))


@pytest.mark.parametrize("value", ["", "0", "true", "11", "1;x=1", "\uff11"])
def test_any_other_value_is_ignored(value: str) -> None:
    assert not said_by([value])


def test_a_signal_opts_out_of_what_is_marked_and_of_nothing_else(service: Service) -> None:
    service.say("cust-gpc-1", "given", "marketing_sms")
    service.say("cust-gpc-1", "given", "recommendation")
    assert decided(service, "cust-gpc-1", "marketing_sms") == ("allow", "given")
    assert signal(service, "cust-gpc-1", channel="web") == dict.fromkeys(MARKED, "opted_out")
    for purpose in MARKED:
        assert decided(service, "cust-gpc-1", purpose) == ("deny", "gpc")
    assert decided(service, "cust-gpc-1", "recommendation") == ("allow", "given")
    history: Any = service.call("GET", "/v1/subjects/cust-gpc-1/consents/history").json
    told = {(one["purpose"], one["state"]): (one["method"], one["expressed_by"]) for one in history["items"]}
    assert told["marketing_sms", "withdrawn"] == ("gpc", "signal")
    assert told["marketing_call", "refused"] == ("gpc", "signal")


def test_repeating_a_signal_adds_nothing(service: Service) -> None:
    signal(service, "cust-gpc-2")
    assert signal(service, "cust-gpc-2") == dict.fromkeys(MARKED, "already")
    history: Any = service.call("GET", "/v1/subjects/cust-gpc-2/consents/history").json
    assert len(history["items"]) == len(MARKED)


def test_what_the_person_says_after_the_signal_stands_against_its_repetition(service: Service) -> None:
    signal(service, "cust-gpc-3")
    service.clock.advance(days=200)
    service.say("cust-gpc-3", "given", "marketing_sms")
    assert decided(service, "cust-gpc-3", "marketing_sms") == ("allow", "given")
    assert signal(service, "cust-gpc-3") == {**dict.fromkeys(MARKED, "already"), "marketing_sms": "kept"}
    assert decided(service, "cust-gpc-3", "marketing_sms") == ("allow", "given")
    service.say("cust-gpc-3", "withdrawn", "marketing_sms")
    assert decided(service, "cust-gpc-3", "marketing_sms") == ("deny", "withdrawn")


@pytest.mark.parametrize("path", ["/v1/presentations", "/v1/consents"])
@pytest.mark.parametrize(("header", "denied"), [("1", True), ("0", False)])
def test_the_header_of_a_call_is_the_signal(service: Service, path: str, header: str, denied: bool) -> None:
    subject = f"cust-header-{header}-{path.rpartition('/')[2]}"
    service.say(subject, "given", "marketing_sms")
    bodies = {
        "/v1/presentations": {"subject": subject, "purposes": ["recommendation"], "locale": "en", "channel": "web"},
        "/v1/consents": {"items": [{"subject": subject, "purpose": "recommendation", "state": "refused"}]},
    }
    headers = {"Authorization": f"Bearer {service.service}", "Sec-GPC": header}
    answer = service.moat.app.test_client().post(path, headers=headers, json=bodies[path])
    assert answer.status_code == 200, answer.text
    assert decided(service, subject, "marketing_sms") == (("deny", "gpc") if denied else ("allow", "given"))


def test_who_has_signalled_is_not_asked_again_by_the_platform(service: Service) -> None:
    signal(service, "cust-gpc-4")
    asked = {"subject": "cust-gpc-4", "purposes": ["marketing_sms"], "locale": "en", "channel": "web"}
    assert service.call("POST", "/v1/presentations", asked, status=409).json["code"] == "recently_refused"  # type: ignore[index]  # an object
    service.call("POST", "/v1/presentations", {**asked, "asked_by": "person"})


def test_an_id_that_reads_as_personal_is_refused_and_an_erased_person_is_not_found(service: Service) -> None:
    answer: Any = service.call("POST", "/v1/signals/gpc", {"subject": "13812345678"}, status=422).json
    assert [one["code"] for one in answer["errors"]] == ["subject_is_personal"]
    assert "13812345678" not in str(answer)


def test_the_signal_has_a_receipt(service: Service) -> None:
    service.say("cust-gpc-5", "given", "marketing_sms")
    answer: Any = service.call("POST", "/v1/signals/gpc", {"subject": "cust-gpc-5"}).json
    event = next(one["consent"] for one in answer["items"] if one["purpose"] == "marketing_sms")
    service.publish()
    for shape in ("json", "jsonld"):
        assert service.verdict(service.receipt("cust-gpc-5", event, shape), *service.pins()) == 0


def test_support_for_the_signal_is_published_to_everybody(service: Service) -> None:
    answer = service.moat.app.test_client().get("/.well-known/gpc.json")
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert answer.json == {"gpc": True, "lastUpdate": "2026-11-22"}
