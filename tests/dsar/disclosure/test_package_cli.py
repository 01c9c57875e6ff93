"""`moat dsar package` and `moat.packages`: officers look from outside."""

import httpx
import pytest
from click.testing import CliRunner
from moat_client.client import Moat

from dsar.disclosure import cli

REQUEST = "01a2035a-75ae-7f4d-bf7a-991cd8d985ac"
ANSWER = {"package": "p-1", "state": "ready", "expires_at": "2026-11-29T13:03:11.851Z", "downloads": 1, "receipt": None}


def answer(request: httpx.Request) -> httpx.Response:
    """A service with one package."""
    path = request.url.path.removeprefix(f"/v1/requests/{REQUEST}/")
    answers: dict[tuple[str, str], dict[str, object]] = {
        ("GET", "package"): ANSWER,
        ("POST", "package"): {"job": "j-1"},
        ("POST", "package/link"): {"sent_by": "sms"},
    }
    if (request.method, path) == ("PUT", "package/choice"):
        assert request.content == b'{"recipient":"age1x","receiver":null}'
        return httpx.Response(204)
    return httpx.Response(200, json=answers[request.method, path])


def moat() -> Moat:
    return Moat("http://moat", token="t", transport=httpx.MockTransport(answer))


@pytest.mark.parametrize(
    ("options", "said"),
    [([], "state      ready"), (["--again"], "made again by job j-1"), (["--link"], "has been sent by sms")],
)
def test_the_command_shows_makes_again_and_sends(
    options: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "connected", moat)
    shown = CliRunner().invoke(cli._show, [REQUEST, *options])
    assert shown.exit_code == 0
    assert said in shown.output


def test_the_client_chooses_for_the_person() -> None:
    with moat() as client:
        client.packages.choose(REQUEST, recipient="age1x")
        assert client.packages.get(REQUEST).downloads == 1
