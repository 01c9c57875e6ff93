"""`moat dsar standing`, `see` and `session-key`, and `moat.identity`, against the application itself."""

from functools import partial
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from moat_client.client import Moat
from moat_client.errors import MoatError

from dsar.identity import cli
from tests.dsar.identity.centre import Centre
from tests.dsar.identity.signing import Platform


def client(centre: Centre, credential: str) -> Moat:
    return Moat("http://localhost", token=credential, transport=httpx.WSGITransport(app=centre.moat.app))


def said(centre: Centre, credential: str, monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    monkeypatch.setattr(cli, "connected", partial(client, centre, credential))
    by_name = {command.name: command for command in cli.identity_commands()}
    shown = CliRunner().invoke(by_name[words[0]], list(words[1:]))
    assert shown.exit_code == 0, shown.output
    return shown.output


def test_an_officer_sees_documents_until_nothing_is_missing(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"subject": centre.person().account, "right": "access", "regime": "pipl", "requester": "guardian"}
    request = centre.ok("POST", "/v1/requests", body, bearer=centre.service)["request"]
    officer = partial(said, centre, centre.officer, monkeypatch)
    assert "not verified  none of document, missing relation" in officer("standing", request)
    assert "not verified  document of document, missing relation" in officer("see", request, "identity", "id_card")
    assert "  verified  document of document  " in officer("see", request, "relation", "household_register")


def test_an_operator_adds_lists_and_revokes_keys(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    platform, file = Platform(), tmp_path / "platform.pub"
    file.write_text(platform.pem)
    operator, key = partial(said, centre, centre.operator, monkeypatch, "session-key"), platform.public.thumbprint
    assert operator("add", str(file)).strip() == key
    assert f"{key}  EdDSA  " in operator("list")
    operator("revoke", key)
    assert key not in operator("list")


def test_the_client_hands_people_over_and_their_codes_on(centre: Centre) -> None:
    ann = centre.person()
    with client(centre, centre.service) as moat:
        assert "/privacy/default/enter/mpl1_" in moat.identity.hand_over(ann.account)
        body = {"subject": ann.account, "right": "access", "regime": "gdpr"}
        request = centre.ok("POST", "/v1/requests", body, bearer=centre.service)["request"]
        challenge = moat.identity.send_code(request, ["sms"])
        (code,) = centre.codes()
        with pytest.raises(MoatError) as wrong:
            moat.identity.answer(request, challenge, f"{(int(code) + 1) % 10**6:06}")
        assert wrong.value.code == "not_verified"
        assert moat.identity.answer(request, challenge, code).verified
        assert moat.identity.session(request, centre.ok("POST", centre.link(ann))["session"]).level == "two_factors"
