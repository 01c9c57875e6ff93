"""What every answer carries, and what ends as which problem."""

import re
from ipaddress import ip_network
from typing import Any

import pytest
from werkzeug.test import Client

from database.engine import Database
from tests.web.house import Clock, House, bearer, build_house
from web.context import Envelope
from web.edge import Bounds
from web.problems import Catalogue, Problem

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def every_kind_of_answer(house: House) -> list[Any]:
    credential = bearer(house.credential())
    client = house.client
    return [
        client.get("/healthz"),
        client.get("/docs"),
        client.get("/nowhere"),
        client.delete("/healthz"),
        client.get("/v1/whoami"),
        client.get("/v1/whoami", headers=credential),
        client.get("/v1/credentials", headers=credential),
        client.get("/v1/parcels/broken", headers=credential),
        client.get("/v1/parcels/lost", headers=credential),
        client.post("/v1/parcels", data=b"{", content_type="application/json", headers=credential),
        client.options("/healthz"),
        client.open("/healthz", method="FROB"),
    ]


def test_every_answer_carries_a_request_id_and_the_security_headers(house: House) -> None:
    answers = every_kind_of_answer(house)
    assert sorted({answer.status_code for answer in answers}) == [200, 400, 401, 403, 404, 405, 409, 500]
    for answer in answers:
        assert UUID7.fullmatch(answer.headers["X-Request-Id"])
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Strict-Transport-Security" not in answer.headers
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == len(answers)


def test_every_problem_has_the_fields_of_rfc_9457_and_a_page(house: House) -> None:
    for answer in every_kind_of_answer(house):
        if answer.status_code < 400:
            continue
        assert answer.content_type == "application/problem+json"
        body = answer.json
        assert body["status"] == answer.status_code
        assert body["request_id"] == answer.headers["X-Request-Id"]
        assert body["type"] == f"/docs/errors/{body['code']}"
        assert body["title"]
        assert house.client.get(body["type"]).status_code == 200


def test_a_clients_request_id_is_neither_used_nor_repeated(house: House) -> None:
    answer = house.client.get("/healthz", headers={"X-Request-Id": "13812345678"})
    assert "13812345678" not in str(answer.headers)


def test_an_unexpected_exception_shows_nothing_but_its_request_id(house: House) -> None:
    answer = house.client.get("/v1/parcels/broken", headers=bearer(house.credential()))
    assert set(answer.json) == {"type", "title", "status", "code", "request_id"}
    assert "13812345678" not in answer.text


def test_a_packages_exception_ends_as_its_problem(house: House) -> None:
    answer = house.client.get("/v1/parcels/lost", headers=bearer(house.credential()))
    assert (answer.status_code, answer.json["code"], answer.json["title"]) == (409, "parcel_lost", "The parcel is lost")
    assert "13812345678" not in answer.text


def test_a_wrong_method_lists_the_right_ones(house: House) -> None:
    assert house.client.delete("/healthz").headers["Allow"] == "GET, HEAD, OPTIONS"


def test_an_unknown_path_is_not_repeated(house: House) -> None:
    assert "13812345678" not in house.client.get("/v1/13812345678?13812345678").text


def test_over_tls_browsers_are_told_to_stay_there(database: Database) -> None:
    house = build_house(database, Clock(), Bounds(secure_transport=True))
    assert house.client.get("/healthz").headers["Strict-Transport-Security"] == "max-age=31536000"


def test_one_code_has_one_meaning() -> None:
    one = Problem("taken", 409, "Taken", "It is.", "Wait.")
    with pytest.raises(ValueError, match="taken"):
        Catalogue([one, Problem("taken", 404, "Taken", "It is.", "Wait.")])
    assert list(Catalogue([one, one])) == [one]


def test_the_nearest_class_decides_the_problem() -> None:
    one, other = Problem("one", 400, "", "", ""), Problem("other", 400, "", "", "")
    catalogue = Catalogue([], [{LookupError: one, KeyError: other}])
    found = [catalogue.of(error) for error in (KeyError(), IndexError(), OSError())]
    assert [error and error.problem for error in found] == [other, one, None]


def test_calls_beyond_the_slots_are_turned_away_until_one_is_free(database: Database) -> None:
    house = build_house(database, Clock(), Bounds(calls_at_once=1, patience_seconds=0.01))
    credential = bearer(house.credential())
    slots = house.edge.slots
    assert slots.enter()
    answer = house.client.get("/v1/whoami", headers=credential)
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "busy", "1")
    assert house.client.get("/healthz").status_code == 200
    slots.leave()
    for _ in range(3):
        assert house.client.get("/v1/whoami", headers=credential).status_code == 200
        assert house.client.get("/v1/whoami").status_code == 401
        assert house.client.get("/v1/parcels/broken", headers=credential).status_code == 500


def test_behind_a_proxy_nobody_else_may_connect(database: Database) -> None:
    house = build_house(database, Clock(), Bounds(proxies=(ip_network("10.0.0.0/8"),)))
    direct = {"REMOTE_ADDR": "203.0.113.9"}
    assert house.client.get("/healthz", environ_base=direct).status_code == 403
    assert house.client.get("/nowhere", environ_base=direct).json["code"] == "not_through_proxy"
    assert house.client.get("/healthz", environ_base={"REMOTE_ADDR": "10.1.2.3"}).status_code == 200
    assert house.client.get("/healthz", environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code == 200


def test_what_fails_outside_flask_shows_nothing_either() -> None:
    failures: list[str] = []

    def broken(_environ: object, _start: object) -> list[bytes]:
        raise RuntimeError("13812345678")

    envelope = Envelope(
        broken,
        now=Clock(),
        access_line=lambda _context, _duration: None,
        failure_line=lambda error, request_id: failures.append(f"{type(error).__name__} {request_id}"),
        secure_transport=False,
    )
    answer: Any = Client(envelope).get("/13812345678")
    assert (answer.status_code, answer.json["code"]) == (500, "internal")
    assert failures == [f"RuntimeError {answer.headers['X-Request-Id']}"]
    assert "13812345678" not in answer.text
