"""The client and the file commands against the real application, in this process: shapes that a stand-in could get wrong."""

import csv
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from moat_client.answers import Item, Revealed, Tokenized, TokenUse
from moat_client.client import Moat
from moat_client.errors import ItemError, MoatError

from commands.demo import DemoService, DemoStart
from demo.cast import Place
from demo.orders import COLUMNS, rows
from vault.bulk import cli

PHONE = "13800138000"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[DemoService]:
    with DemoStart().opened(Place(tmp_path), port=8080) as opened:  # nobody listens
        yield opened


def connected(service: DemoService, role: str, *scopes: str) -> Moat:
    return Moat("http://moat.test", service.credential(role, role, scopes), transport=service.transport)


def test_values_tokens_profiles_and_searches_have_the_shapes_that_the_client_reads(service: DemoService) -> None:
    moat = connected(service, "service", "act_as:courier")
    issued, refused = moat.tokenize(
        [Item("cust-1", "phone", PHONE), Item("cust-1", "phone", "12")], purpose="delivery", ref="order:o-1"
    )
    assert isinstance(issued, Tokenized)
    assert isinstance(refused, ItemError)
    assert (refused.code, bool(refused.detail)) == ("not_a_phone", True)
    shown, unknown = moat.detokenize(
        [TokenUse(issued.token, ref="order:o-1"), "tok_none"], purpose="delivery", view="plain", normal_form=True
    )
    assert isinstance(shown, Revealed)
    assert (shown.subject, shown.kind, shown.view, shown.value) == ("cust-1", "phone", "plain", "+86" + PHONE)
    assert isinstance(unknown, ItemError)
    assert unknown.code == "not_found"
    tokens = moat.put_subject("cust-1", type="customer", purpose="account", fields={"phone": PHONE, "name": "王小帆"})
    assert tokens["phone"] == issued.token
    profile = moat.subject("cust-1")
    assert (profile.type, profile.state, profile.fields["phone"].masked) == ("customer", "active", "138****8000")
    record = moat.token(issued.token)
    assert (record.kind, record.subject, record.uses_left) == ("phone", "cust-1", None)
    assert ("delivery", "order:o-1") in {(use.purpose, use.ref) for use in record.uses}
    [found] = moat.search([("phone", "138 0013 8000")], purpose="delivery")
    assert not isinstance(found, ItemError)
    assert [match.token for match in found.matches] == [issued.token]
    moat.revoke(issued.token)
    with pytest.raises(MoatError, match="not_found"):
        moat.token(issued.token)


def test_a_repeat_under_one_key_is_answered_alike_and_another_body_is_a_conflict(service: DemoService) -> None:
    moat = connected(service, "service")
    first = moat.tokenize([Item("cust-1", "phone", PHONE)], purpose="delivery", idempotency_key="import-1")
    assert moat.tokenize([Item("cust-1", "phone", PHONE)], purpose="delivery", idempotency_key="import-1") == first
    with pytest.raises(MoatError) as raised:
        moat.tokenize([Item("cust-2", "phone", PHONE)], purpose="delivery", idempotency_key="import-1")
    assert raised.value.status == 409


def test_a_stream_is_answered_line_by_line(service: DemoService) -> None:
    moat = connected(service, "service")
    good = orjson.dumps({"subject": "cust-1", "kind": "phone", "value": PHONE})
    answers = [orjson.loads(line) for line in moat.tokenize_stream([good, b"{}"] * 1_100, purpose="delivery")]
    assert len(answers) == 2_200
    assert {answer["token"] for answer in answers[::2]} == {answers[0]["token"]}
    assert {answer["error"]["code"] for answer in answers[1::2]} == {"invalid_item"}


def test_a_file_of_orders_goes_through_the_service_and_back(
    service: DemoService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out, back = (tmp_path / name for name in ("orders.csv", "out.csv", "back.csv"))
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows(2_000, 1)])
    text = service.credential("files", "service", ())
    monkeypatch.setattr(cli, "Moat", lambda: Moat("http://moat.test", text, transport=service.transport))
    options = [
        "--map",
        "用户ID:phone=收货电话,name=收货人,address=收货地址",
        "--ref",
        "order:{订单号}",
        "--purpose",
        "delivery",
    ]
    result = CliRunner().invoke(cli.tokenize, [str(source), *options, "-o", str(out)])
    assert result.exit_code == 3, result.output
    refused = (tmp_path / "out.csv.refused.csv").read_text(encoding="utf-8")
    assert "not_a_phone" in refused
    assert "138" not in refused
    result = CliRunner().invoke(cli.detokenize, [str(out), *options, "--view", "plain", "-o", str(back)])
    assert result.exit_code == 0, result.output
    sent = {row[0]: row for row in rows(2_000, 1) if len(row) == len(COLUMNS) and row[1]}
    with back.open(encoding="utf-8", newline="") as file:
        returned = {row["订单号"]: row for row in csv.DictReader(file)}
    assert all(
        (returned[number]["收货人"], returned[number]["收货地址"]) == (row[2], row[4]) for number, row in sent.items()
    )


def test_a_person_is_frozen_freed_and_shredded(service: DemoService) -> None:
    moat, officer = connected(service, "service"), connected(service, "privacy_officer")
    [issued] = moat.tokenize([Item("cust-1", "phone", PHONE)], purpose="delivery")
    assert isinstance(issued, Tokenized)
    assert officer.freeze("cust-1") == "frozen"
    [frozen] = moat.detokenize([issued.token], purpose="delivery")
    assert isinstance(frozen, ItemError)
    assert officer.unfreeze("cust-1") == "active"
    shredded = officer.shred("cust-1", reason="erasure_request")
    assert shredded["state"] == "erased"
    assert officer.shred_receipt("cust-1")["complete_on"] == shredded["complete_on"]
    [gone] = moat.detokenize([issued.token], purpose="delivery")
    assert isinstance(gone, ItemError)


def test_refusals_are_explained_and_recorded(service: DemoService) -> None:
    moat, auditor = connected(service, "service"), connected(service, "auditor")
    with pytest.raises(MoatError) as raised:
        moat.freeze("cust-1")
    assert (raised.value.code, raised.value.status) == ("denied", 403)
    explained = moat.explain(raised.value.request_id)
    assert explained["request"] == raised.value.request_id
    for number in range(3):
        moat.tokenize([Item(f"cust-{number}", "phone", PHONE)], purpose="delivery")
    whole = [entry["number"] for entry in auditor.audit_entries(limit=100)]
    paged = [entry["number"] for entry in auditor.audit_entries(limit=2)]
    assert len(whole) >= 4
    assert paged[: len(whole)] == whole


def test_credentials_are_made_listed_rotated_and_ended(service: DemoService) -> None:
    admin = connected(service, "admin")
    made = admin.create_credential("orders", role="service", scopes=["act_as:courier"], test=True, expires_in=3_600)
    assert made.text is not None
    assert made.text not in repr(made)
    who = Moat("http://moat.test", made.text, transport=service.transport).whoami()
    assert (who.credential, who.role, who.test) == (made.id, "service", True)
    assert "act_as:courier" in who.scopes
    rotated = admin.rotate_credential(made.id, overlap=0)
    assert rotated.text not in {None, made.text}
    admin.revoke_credential(made.id)
    [listed] = [credential for credential in admin.credentials() if credential.id == made.id]
    assert listed.revoked_at is not None
    assert listed.text is None
    with pytest.raises(MoatError, match="unauthenticated"):
        Moat("http://moat.test", str(rotated.text), transport=service.transport).whoami()
