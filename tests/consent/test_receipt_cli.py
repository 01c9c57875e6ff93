"""`moat consent verify` and `moat-verify receipt` give the same verdict by their exit status."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from moat_verifier.cli import run

from commands.program import main
from consent.receipts.jws import jwk, sign
from tests.consent.test_receipt_signature import Key


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    """Something that is signed and is no receipt."""
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps({"a": 1, "signature": sign({"a": 1}, Key())}))
    return file


def test_both_commands_say_the_same(receipt: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [jwk(Key().public)]}))
    asked = [str(receipt), "--jwk", str(keys), "--json"]
    status = run(["receipt", *asked])
    told = json.loads(capsys.readouterr().out)
    answer = CliRunner().invoke(main, ["consent", "verify", *asked])
    assert (status, answer.exit_code) == (1, 1)
    assert json.loads(answer.output) == told
    assert told["first_divergence"]["where"] == "receipt"


@pytest.mark.parametrize("given", ["{}", '{"kty":"EC","crv":"P-256","x":"AA"}', "missing.json", '{"keys":[1]}'])
def test_what_is_no_key_cannot_check_anything(receipt: Path, given: str) -> None:
    assert run(["receipt", str(receipt), "--jwk", given]) == 2
    assert CliRunner().invoke(main, ["consent", "verify", str(receipt), "--vkey", "nonsense"]).exit_code == 2
