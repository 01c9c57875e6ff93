"""Programs of others accept our log and refuse every tampered copy of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import tampering
from tests.support.audit_log import Log, entries, write_log
from tests.support.tampering import Copy, whole_acts
from tests.verifier.conftest import Accepts

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257])
def test_a_log_of_each_size_at_an_edge_of_a_tile_is_accepted(size: int, accepts: Accepts, tmp_path: Path) -> None:
    assert accepts(write_log(tmp_path / "log", entries(size)).root, None)


def test_a_log_that_goes_on_from_the_one_seen_before_is_accepted(log: Log, accepts: Accepts, tmp_path: Path) -> None:
    older = write_log(tmp_path / "older", log.entries[: whole_acts(list(log.entries), 150)])
    assert accepts(log.root, older.root / "checkpoint")


@pytest.mark.parametrize("tamper", tampering.ALL, ids=lambda tamper: tamper.__name__)
def test_a_tampered_copy_is_refused(
    tamper: Callable[[Log, Path], Copy], log: Log, accepts: Accepts, tmp_path: Path
) -> None:
    copy = tamper(log, tmp_path / "copy")
    assert not accepts(copy.root, copy.seen_before)


def test_seventy_thousand_entries_are_accepted_and_one_flipped_byte_among_them_is_not(
    accepts: Accepts, tmp_path: Path
) -> None:
    root = write_log(tmp_path / "log", entries(70_000)).root
    assert accepts(root, None)
    bundle = root / "tile/entries/100"
    content = bundle.read_bytes()
    bundle.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    assert not accepts(root, None)
