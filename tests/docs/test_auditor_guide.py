"""The auditor's guide: both languages show the same, and its OpenSSL commands accept what was signed and nothing else."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, Page
from tests.support.audit_log import LOG, Key, entries, write_log

ENGLISH = Page(ROOT / "docs" / "auditor-guide.md")
CHINESE = Page(ROOT / "docs" / "auditor-guide.zh-CN.md")


def test_both_languages_show_the_same_commands_and_output() -> None:
    assert CHINESE.blocks == ENGLISH.blocks
    assert CHINESE.bare_headings == ENGLISH.bare_headings > 0


@pytest.mark.parametrize("page", [ENGLISH, CHINESE], ids=["english", "chinese"])
def test_the_commands_for_openssl_accept_the_log_and_refuse_another_key(page: Page, tmp_path: Path) -> None:
    (commands,) = [block.text for block in page.blocks if "openssl pkeyutl" in block.text]
    write_log(tmp_path / "log", entries(30))
    shutil.copytree(tmp_path / "log", tmp_path / "other")
    for key, expected in ((LOG, 0), (Key(LOG.name, "another"), 1)):
        script = re.sub(r"^KEY='[^']*'", f"KEY='{key.verifier()}'", commands, flags=re.MULTILINE)
        ran = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (ran.returncode, "Signature Verified Successfully" in ran.stdout) == (expected, expected == 0)


@pytest.mark.parametrize("page", [ENGLISH, CHINESE], ids=["english", "chinese"])
def test_the_change_that_the_guide_makes_is_one(page: Page, tmp_path: Path) -> None:
    (commands,) = [block.text for block in page.blocks if "sed -i" in block.text]
    (change,) = [line for line in commands.splitlines() if "sed -i" in line]
    log = write_log(tmp_path / "log", entries(30))
    before = (log.root / "tile/entries/000.p/30").read_bytes()
    subprocess.run(["sh", "-c", change], cwd=tmp_path, check=True)
    after = (log.root / "tile/entries/000.p/30").read_bytes()
    assert len(after) == len(before)
    assert after != before
