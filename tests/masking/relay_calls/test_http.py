"""The book of calls over HTTP, in a deployment as it is composed."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pydantic import SecretStr

from masking.relay.calls.rules_text import default_text
from tests.api.conftest import Api, composed, refused
from tests.conftest import BOTH
from web.principal import Role


@pytest.fixture(scope="module", params=BOTH)
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with ExitStack() as held:
        url = None
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            url = SecretStr(cluster.url(held.enter_context(cluster.fresh())))
        yield held.enter_context(composed(tmp_path_factory.mktemp("calls"), url))


@pytest.fixture(scope="module")
def officer(api: Api) -> Any:
    return api.credential(Role.PRIVACY_OFFICER)


def test_without_the_scope_nothing_is_shown(api: Api) -> None:
    service = api.credential(Role.SERVICE)
    for path in ("calls", "cases", "rules", "legal-keys", "statistics?first=2026-11-01&last=2026-11-02"):
        refused(api.call("GET", f"/v1/relay/{path}", credential=service), 403, "forbidden")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("calls", 200),
        ("calls?binding=1&order=order:o-1", 422),
        ("calls?refused=any&kind=text&limit=1", 200),
        ("calls?refused=perhaps", 422),
        ("calls?cursor=zzz", 422),
        ("calls?number=%2B861700000", 200),
        ("calls?subject=nobody", 200),
        ("calls?order=order:o-1&since=2026-01-01T00:00:00Z", 200),
        ("calls?since=yesterday", 422),
        ("calls?until=13912345678", 422),
        ("calls/0190c000-0000-7000-8000-000000000000", 404),
        ("calls/%00", 422),
        ("cases", 200),
        ("cases?closed=true", 200),
        ("cases/1", 404),
        ("statistics?first=2026-11-01&last=2026-11-30&zone=Asia/Shanghai", 200),
        ("statistics?first=2026-11-02&last=2026-11-01", 422),
        ("statistics?first=2026-01-01&last=2026-12-01", 422),
        ("statistics?first=2026-11-01&last=2026-11-01&zone=../../etc/passwd", 422),
        ("statistics?first=9999-12-31&last=9999-12-31", 422),
        ("legal-keys", 200),
    ],
)
def test_what_is_asked_is_answered_or_refused_with_a_reason(api: Api, officer: Any, path: str, status: int) -> None:
    answer = api.call("GET", f"/v1/relay/{path}", credential=officer)
    assert answer.status_code == status, answer.text


def test_rules_are_read_changed_under_a_higher_version_and_refused_with_the_place_that_is_wrong(
    api: Api, officer: Any
) -> None:
    shown: Any = api.call("GET", "/v1/relay/rules", credential=officer).json
    assert (shown["version"], shown["source"]) == (0, default_text())
    again: Any = api.call("PUT", "/v1/relay/rules", {"source": default_text()}, credential=officer).json
    assert again["version"] == 1
    changed = default_text().replace("short_seconds: 6", "short_seconds: 9")
    refused(api.call("PUT", "/v1/relay/rules", {"source": changed}, credential=officer), 409, "relay_rules_version")
    wrong = api.call("PUT", "/v1/relay/rules", {"source": changed + "\nmore: 1"}, credential=officer)
    refused(wrong, 422, "relay_rules")
    assert "more" in wrong.text
    changed = changed.replace("version: 1", "version: 2")
    assert api.call("PUT", "/v1/relay/rules", {"source": changed}, credential=officer).status_code == 200


def test_a_case_that_is_not_there_is_not_closed(api: Api, officer: Any) -> None:
    body = {"reason": "false_alarm", "lift": True}
    refused(api.call("POST", "/v1/relay/cases/7/close", body, credential=officer), 404, "not_found")
    body["reason"] = "erased"
    refused(api.call("POST", "/v1/relay/cases/7/close", body, credential=officer), 422, "invalid_request")
