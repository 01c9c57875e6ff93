"""The verifier over directories: what it accepts, what it refuses and what it names."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from moat_verifier.cli import run

from tests.support import tampering
from tests.support.audit_log import LOG, ORIGIN, WITNESS, Key, Log, entries, write_log
from tests.support.tampering import TOUCHED, Copy, whole_acts

Verified = tuple[int, dict[str, object]]
PINNED = ("--vkey", str(LOG.verifier()))


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Callable[..., Verified]:
    """Exit status and report of the command."""

    def call(target: Path, *options: str | Path) -> Verified:
        status = run([str(target), "--json", *map(str, options)])
        report = json.loads(capsys.readouterr().out)
        assert report["exit"] == status
        return status, report

    return call


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257])
def test_a_log_of_each_size_at_an_edge_of_a_tile_is_verified(
    size: int, verify: Callable[..., Verified], tmp_path: Path
) -> None:
    status, report = verify(write_log(tmp_path / "log", entries(size)).root, *PINNED)
    assert (status, report["verdict"], report["entries"], report["origin"]) == (0, "verified", size, ORIGIN)


@pytest.mark.slow
def test_seventy_thousand_entries_are_verified(verify: Callable[..., Verified], tmp_path: Path) -> None:
    status, report = verify(write_log(tmp_path / "log", entries(70_000)).root, *PINNED)
    assert (status, report["entries"], report["tiles"]) == (0, 70_000, 277)


@pytest.mark.parametrize("tamper", tampering.ALL, ids=lambda tamper: tamper.__name__)
def test_a_tampered_copy_is_refused(
    tamper: Callable[[Log, Path], Copy], log: Log, verify: Callable[..., Verified], tmp_path: Path
) -> None:
    copy = tamper(log, tmp_path / "copy")
    since = [] if copy.seen_before is None else ["--since", copy.seen_before]
    assert verify(copy.root, *PINNED, *since)[0] == 1
    assert verify(copy.root, *since)[0] != 0


def test_the_first_divergence_is_named_with_its_index(
    log: Log, verify: Callable[..., Verified], tmp_path: Path
) -> None:
    found = {}
    for tamper in (
        tampering.flipped_entry,
        tampering.flipped_tile,
        tampering.cut_tail,
        tampering.reordered_in_the_bundle,
    ):
        _, report = verify(tamper(log, tmp_path / tamper.__name__).root, *PINNED)
        found[tamper.__name__] = report["first_divergence"]
    not_its_leaf = "an entry does not hash to its leaf in the tree"
    assert found == {
        "flipped_entry": {"where": "tile/entries/000", "index": TOUCHED, "why": not_its_leaf},
        "reordered_in_the_bundle": {"where": "tile/entries/000", "index": TOUCHED, "why": not_its_leaf},
        "flipped_tile": {"where": "tile/0/000", "index": 0, "why": "does not hash to its hash in the level above"},
        "cut_tail": {"where": "tile/0/001.p/1", "index": 256, "why": "is missing"},
    }


def test_without_a_key_from_outside_nothing_is_verified(log: Log, verify: Callable[..., Verified]) -> None:
    status, report = verify(log.root)
    assert (status, report["reason"]) == (2, "SELF-CONSISTENT ONLY, KEY NOT PINNED")


def test_a_key_of_another_origin_verifies_nothing(log: Log, verify: Callable[..., Verified]) -> None:
    assert verify(log.root, "--vkey", str(Key("audit.example.com/moat/2").verifier()))[0] == 1


def test_any_of_several_keys_suffices_after_a_rotation(log: Log, verify: Callable[..., Verified]) -> None:
    assert verify(log.root, "--vkey", str(Key(ORIGIN, "newer").verifier()), *PINNED)[0] == 0


def test_a_key_that_is_not_its_own_id_is_not_taken(log: Log, verify: Callable[..., Verified]) -> None:
    name, _, material = str(LOG.verifier()).split("+", 2)
    assert verify(log.root, "--vkey", f"{name}+00000000+{material}")[0] == 2


def test_a_log_extends_what_was_seen_before_and_only_forward(
    log: Log, verify: Callable[..., Verified], tmp_path: Path
) -> None:
    size = whole_acts(list(log.entries), 150)
    older = write_log(tmp_path / "older", log.entries[:size])
    for seen in (older.root, older.root / "checkpoint", log.root):
        status, report = verify(log.root, *PINNED, "--since", seen)
        assert status == 0
        assert report["extends"] in {size, log.size}
    status, report = verify(older.root, *PINNED, "--since", log.root)
    assert (status, report["reason"]) == (1, "is shorter than the one seen before")


def test_what_was_seen_before_must_be_signed_too(log: Log, verify: Callable[..., Verified], tmp_path: Path) -> None:
    other = write_log(tmp_path / "other", log.entries[:1], key=Key(ORIGIN, "another"))
    assert verify(log.root, *PINNED, "--since", other.root)[0] == 1


def test_a_quorum_of_the_policy_is_asked_for(log: Log, verify: Callable[..., Verified], tmp_path: Path) -> None:
    absent = Key("witness.example.com/w2", "absent").verifier(4)
    lines = [
        f"log {LOG.verifier()}",
        f"witness w1 {WITNESS.verifier(4)}",
        f"witness w2 {absent}",
        "group both all w1 w2",
    ]
    path = tmp_path / "policy"
    for quorum, expected in (("w1", 0), ("none", 0), ("w2", 1), ("both", 1)):
        path.write_text("\n".join([*lines, f"quorum {quorum}", ""]))
        status, report = verify(log.root, "--policy", path)
        assert status == expected
    assert report["reason"] == "is not cosigned by the quorum of the policy"


def test_a_wrong_cosignature_of_a_known_witness_spoils_the_checkpoint(
    log: Log, verify: Callable[..., Verified], tmp_path: Path
) -> None:
    root = write_log(tmp_path / "log", log.entries, cosigners=()).root
    forged = WITNESS.cosignature("another text\n").line()
    (root / "checkpoint").write_bytes((root / "checkpoint").read_bytes() + forged.encode())
    path = tmp_path / "policy"
    path.write_text(f"log {LOG.verifier()}\nwitness w1 {WITNESS.verifier(4)}\nquorum none\n")
    assert verify(root, "--policy", path)[0] == 1
    assert verify(root, *PINNED)[0] == 0


@pytest.mark.parametrize(
    "entry", [b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1.0}', b'{"a":1,"a":1}', b"[]", b"\xff", b'{"a":"\\u0041"}']
)
def test_an_entry_in_another_form_than_the_canonical_is_refused(
    entry: bytes, verify: Callable[..., Verified], tmp_path: Path
) -> None:
    made = [*entries(3), entry]
    root = write_log(tmp_path / "log", made).root
    status, report = verify(root, *PINNED)
    assert (status, report["first_divergence"]) == (
        1,
        {"where": "entry", "index": 3, "why": "its bytes are not canonical JSON"},
    )
    assert verify(root, *PINNED, "--opaque")[0] == 0


def _part(act: str, part: int, parts: int) -> bytes:
    return json.dumps(
        {"act": act, "part": part, "parts": parts, "v": 1}, sort_keys=True, separators=(",", ":")
    ).encode()


@pytest.mark.parametrize(
    ("made", "index", "why"),
    [
        ([_part("a", 1, 1), _part("b", 1, 3), _part("b", 3, 3)], 1, "has 2 of its 3 entries"),
        ([_part("b", 1, 2), _part("b", 1, 2), _part("b", 2, 2)], 1, "one of its entries stands there twice"),
        ([_part("b", 1, 2), _part("b", 2, 3)], 1, "its entries do not agree how many they are"),
        ([_part("a", 1, 1), _part("b", 1, 1), _part("a", 1, 1)], 2, "stands there twice"),
        ([_part("a", 2, 1)], 0, "does not say which part of which act it is"),
    ],
)
def test_an_act_without_all_of_its_entries_once_is_refused(
    made: list[bytes], index: int, why: str, verify: Callable[..., Verified], tmp_path: Path
) -> None:
    status, report = verify(write_log(tmp_path / "log", made).root, *PINNED)
    assert status == 1
    assert isinstance(divergence := report["first_divergence"], dict)
    assert (divergence["index"], divergence["why"]) == (index, why)


def test_the_parts_of_acts_may_stand_between_each_other(verify: Callable[..., Verified], tmp_path: Path) -> None:
    made = [_part("a", 2, 2), _part("b", 1, 2), _part("a", 1, 2), _part("b", 2, 2)]
    assert verify(write_log(tmp_path / "log", made).root, *PINNED)[0] == 0


def test_what_is_no_log_cannot_be_checked(verify: Callable[..., Verified], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("nothing")
    for target in (tmp_path, tmp_path / "file", tmp_path / "absent"):
        assert verify(target, *PINNED)[0] == 2


def test_a_partial_tile_that_is_gone_is_read_from_the_full_one(
    log: Log, verify: Callable[..., Verified], tmp_path: Path
) -> None:
    older = write_log(tmp_path / "older", log.entries[: whole_acts(list(log.entries), 150)])
    (log_checkpoint := tmp_path / "mixed").mkdir()
    for path in log.root.rglob("*"):
        if path.is_file():
            (place := log_checkpoint / path.relative_to(log.root)).parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
    (log_checkpoint / "checkpoint").write_bytes((older.root / "checkpoint").read_bytes())
    assert verify(log_checkpoint, *PINNED)[0] == 0


def test_links_are_not_followed(log: Log, verify: Callable[..., Verified], tmp_path: Path) -> None:
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked/checkpoint").symlink_to(log.root / "checkpoint")
    assert verify(tmp_path / "linked", *PINNED)[0] == 1
