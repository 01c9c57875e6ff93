"""CONTRIBUTING's recipe for a new kind, followed to the letter on a copy of the tree."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT

RECIPE = (
    (ROOT / "CONTRIBUTING.md")
    .read_text(encoding="utf-8")
    .split("## Add a kind of personal data\n")[1]
    .split("\n## ")[0]
)
COPIED = (
    "audit",
    "clients",
    "composition",
    "consent",
    "database",
    "demo",
    "dsar",
    "masking",
    "migrations",
    "vault",
    "web",
    "work",
)

TRIAL = """
from pathlib import Path

from httpx import WSGITransport
from moat_client.answers import Item
from moat_client.client import Moat

import settings, vault.identifier
from app import opened
from commands.serving import default_tenant
from composition.clock import operator_occasion
from deployment import prepare
from web.issuance import Grant
from web.logs import configure_logging
from web.principal import Role

assert Path(vault.identifier.__file__).is_relative_to(Path.cwd())
configure_logging()
chosen = settings.load(data=Path("d"), keys=Path("k"))
prepare(chosen)
moat = opened(chosen)
tenant = default_tenant(moat.tenants, chosen)
_, text = moat.credentials.create(tenant, Grant(name="trial", role=Role.SERVICE), operator_occasion())
with Moat("http://copy", text.reveal(), transport=WSGITransport(moat.app)) as client:
    items = [Item("cust-1", "locker_code", writing) for writing in ("9-3 7k2", "937K2", "9?")]
    first, second, wrong = client.tokenize(items, purpose="delivery")
    print(first.token == second.token, wrong.code)
    for view in ("masked", "plain"):
        print(*(shown.value for shown in client.detokenize([first.token], purpose="delivery", view=view)))
    print(*(refused.code for refused in client.tokenize(items[:1], purpose="payment")))
moat.close()
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the program."""
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for path in ROOT.glob("*.py"):
        shutil.copy(path, tmp_path)
    return tmp_path


@pytest.mark.slow
def test_the_recipe_for_a_new_kind_works_and_touches_three_files(tree: Path) -> None:
    edits = _edits()
    assert edits.count("+++ b/") <= 3
    applied = subprocess.run(
        ["git", "apply", "-C1", "-"], cwd=tree, input=edits, text=True, capture_output=True, check=False
    )
    assert applied.returncode == 0, f"the recipe no longer fits the files: {applied.stderr}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MOAT_")}
    trial = subprocess.run(
        [sys.executable, "-c", TRIAL],
        cwd=tree,
        env=environment | {"PYTHONPATH": str(tree)},
        text=True,
        capture_output=True,
        check=False,
    )
    assert trial.returncode == 0, trial.stderr
    assert trial.stdout.splitlines() == ["True not_a_locker_code", "****2", "9-3 7k2", "not_necessary"]


def _edits() -> str:
    """The recipe's diffs as one patch."""
    blocks = RECIPE.split("   ```diff\n")[1:]
    return "".join(textwrap.dedent(block.split("   ```\n")[0]) for block in blocks)
