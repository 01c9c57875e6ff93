"""Health, readiness, metrics and logs."""

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from tests.web.house import House, bearer
from web import logs
from web.logs import configure_logging, frames
from web.principal import Role

CANARY = "13812345678"


@pytest.fixture
def lines() -> Iterator[io.BytesIO]:
    kept = (
        sys.excepthook,
        threading.excepthook,
        sys.unraisablehook,
        logging.getLogger().handlers,
        logging.raiseExceptions,
    )
    stream = io.BytesIO()
    configure_logging(stream)
    yield stream
    sys.excepthook, threading.excepthook, sys.unraisablehook, logging.getLogger().handlers, logging.raiseExceptions = (
        kept
    )
    structlog.reset_defaults()
    logs._OUTPUT.stream = None


def read(stream: io.BytesIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_the_service_is_alive_and_ready(house: House) -> None:
    assert house.client.get("/healthz").json == {"status": "alive"}
    assert house.client.get("/readyz").json == {"status": "ready", "checks": ["database", "keys"], "warnings": []}


def test_a_failing_check_is_named_and_its_cause_is_not(house: House) -> None:
    house.broken["database"] = True
    answer = house.client.get("/readyz")
    assert (answer.status_code, answer.json["code"], answer.json["detail"]) == (503, "not_ready", "Failed: database.")
    assert [error["field"] for error in answer.json["errors"]] == ["database"]
    assert CANARY not in answer.text
    assert house.client.get("/healthz").status_code == 200


def test_metrics_need_their_scope_and_name_routes_only(house: House) -> None:
    house.client.get(f"/docs/errors/{CANARY}?{CANARY}")
    house.client.get(f"/{CANARY}")
    house.client.open("/healthz", method=CANARY)
    assert house.client.get("/metrics").status_code == 401
    assert house.client.get("/metrics", headers=bearer(house.credential())).status_code == 403
    answer = house.client.get("/metrics", headers=bearer(house.credential(Role.OPERATOR)))
    assert 'moat_http_requests_total{method="GET",route="/docs/errors/<code>",status="404"} 1.0' in answer.text
    assert 'moat_http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in answer.text
    assert 'method="other"' in answer.text
    assert CANARY not in answer.text


def test_a_request_leaves_one_line_without_path_query_or_header(house: House, lines: io.BytesIO) -> None:
    text = house.credential()
    house.client.get(f"/docs/errors/{CANARY}?q={CANARY}", headers={"User-Agent": CANARY, "X-Request-Id": CANARY})
    answer = house.client.get("/v1/whoami", headers=bearer(text))
    first, second = read(lines)
    assert (first["event"], first["route"], first["status"], first["credential"]) == (
        "request",
        "/docs/errors/<code>",
        404,
        None,
    )
    assert second["request_id"] == answer.headers["X-Request-Id"]
    assert (second["route"], second["method"], second["tenant"], second["credential"]) == ("/v1/whoami", "GET", 1, 1)
    assert second["duration_ms"] > 0
    assert CANARY.encode() not in lines.getvalue()
    assert text.encode() not in lines.getvalue()


def test_an_exception_is_logged_by_type_and_place_and_not_by_message(house: House, lines: io.BytesIO) -> None:
    answer = house.client.get("/v1/parcels/broken", headers=bearer(house.credential()))
    failure = read(lines)[0]
    assert failure["error"] == ["builtins.RuntimeError"]
    assert failure["request_id"] == answer.json["request_id"]
    assert failure["frames"][-1].startswith("web/house.py:")
    assert failure["frames"][-1].endswith(" broken_parcel")
    assert CANARY.encode() not in lines.getvalue()


def test_a_failing_check_is_logged_without_its_message(house: House, lines: io.BytesIO) -> None:
    house.broken["database"] = True
    house.client.get("/readyz")
    assert read(lines)[0]["error"] == ["builtins.OSError"]
    assert CANARY.encode() not in lines.getvalue()


def test_other_libraries_lines_are_passed_on_without_their_words(lines: io.BytesIO) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger("some.library").exception("failed with %s", CANARY)
    logging.getLogger("some.library").warning(f"failed with {CANARY}")
    logging.getLogger("some.library").info("not even this")
    logging.getLogger("granian").info("Started worker-1")
    first, second, third = read(lines)
    assert (first["logger"], first["error"], first["level"]) == ("some.library", ["builtins.ValueError"], "error")
    assert first["at"].startswith("test_health:")
    assert second["level"] == "warning"
    assert third["message"] == "Started worker-1"
    assert CANARY.encode() not in lines.getvalue()


def test_an_exception_that_nobody_catches_in_a_thread_is_logged_without_its_message(lines: io.BytesIO) -> None:
    def fail() -> None:
        raise LookupError(CANARY) from OSError(CANARY)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert read(lines)[0]["error"] == ["builtins.LookupError", "builtins.OSError"]
    assert CANARY.encode() not in lines.getvalue()


def test_structlog_lines_with_exceptions_lose_their_messages(lines: io.BytesIO) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        structlog.get_logger().exception("one")
        structlog.get_logger().error("two", exc_info=error)
        structlog.get_logger().error("three", error=error, other=error)
    assert [line["error"] for line in read(lines)] == [["builtins.ValueError"]] * 3
    assert CANARY.encode() not in lines.getvalue()


def test_frames_are_bounded() -> None:
    def deep(level: int) -> None:
        if level == 0:
            raise ZeroDivisionError
        deep(level - 1)

    with pytest.raises(ZeroDivisionError) as caught:
        deep(100)
    assert len(frames(caught.value)) == 40


def test_a_log_that_cannot_be_written_takes_no_answer_back(house: House) -> None:
    class Full(io.BytesIO):
        def write(self, _line: object) -> int:
            raise OSError

    configure_logging(Full())
    try:
        assert house.client.get("/healthz").status_code == 200
    finally:
        structlog.reset_defaults()
        logs._OUTPUT.stream = None
        logging.getLogger().handlers = []
