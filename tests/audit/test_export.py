"""What an export holds, judged by the verifier, which shares no code with what made it."""

import csv
import io
import os
import tracemalloc
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moat_verifier.filter import Filter as VerifiersFilter

from audit import export_part
from audit.entry import (
    Act,
    Action,
    Actor,
    ActorKind,
    Behalf,
    Group,
    ObjectRef,
    Outcome,
    PolicyDigest,
    Reason,
    SubjectRef,
    Succession,
)
from audit.export import PROOFS_AT_MOST, TooManyProofsError
from audit.export_filter import Filter
from audit.export_part import LogDamagedError
from audit.export_rows import COLUMNS, csv_line
from audit.export_shelf import EXPIRES_MS
from tests.audit.exports import JOB, Bench, job_of, takes, verify
from tests.support.audit_log import entries

SIZES = (0, 1, 255, 256, 257, 3_000)


def members(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def rows_of(archive: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in members(archive)["entries.ndjson"].splitlines()]


@pytest.mark.parametrize("size", SIZES)
def test_a_complete_export_of_a_log_of_any_size_is_verified(tmp_path: Path, size: int) -> None:
    bench = Bench(tmp_path, size)
    archive = bench.export(bench.plan(formats=("csv", "parquet")))
    assert verify(archive) == 0
    assert [row["index"] for row in rows_of(archive)] == list(range(size))


@pytest.mark.parametrize("size", SIZES)
def test_an_export_of_one_tenants_entries_with_a_proof_of_each_is_verified(tmp_path: Path, size: int) -> None:
    bench = Bench(tmp_path, size)
    archive = bench.export(bench.plan(complete=False, criteria={"tenant": [2]}, formats=("csv",), proofs=True))
    assert verify(archive) == 0
    rows = rows_of(archive)
    assert len(rows) == sum(orjson.loads(entry)["tenant"] == 2 for entry in bench.log.entries)
    held = members(archive)
    assert not any(name.startswith("log/tile/entries/") for name in held)
    assert sum(name.startswith("proofs/") for name in held) == len(rows)


@pytest.mark.slow
def test_seventy_thousand_entries_are_exported_in_constant_memory_and_verified(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 70_000)
    plan = bench.plan(formats=("csv",))
    tracemalloc.start()
    try:
        archive = bench.export(plan)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert archive.stat().st_size > 20 << 20
    assert peak < 12 << 20
    assert verify(archive) == 0
    inclusion = bench.export(bench.plan(complete=False, criteria={"tenant": [1]}), job=type(JOB)(int=JOB.int + 1))
    assert verify(inclusion) == 0


@pytest.mark.parametrize(
    "criteria",
    [
        {"action": ["vault.detokenize"]},
        {"action": ["vault.search", "vault.tokenize"], "tenant": [1]},
        {"outcome": ["denied"], "purpose": ["delivery"]},
        {"reason": ["policy"]},
        {"kind": ["email"]},
    ],
)
@pytest.mark.parametrize("complete", [True, False])
def test_a_filtered_export_holds_the_rows_that_meet_every_criterion(
    tmp_path: Path, criteria: dict[str, Any], complete: bool
) -> None:
    bench = Bench(tmp_path, 700)
    archive = bench.export(bench.plan(criteria=criteria, complete=complete, formats=("csv",)))
    assert verify(archive) == 0
    wanted = takes(criteria, [orjson.loads(entry) for entry in bench.log.entries])
    assert [row["entry"] for row in rows_of(archive)] == wanted


def test_a_part_of_the_log_between_checkpoints_is_verified(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 3_000)
    for start, stop in ((0, 3_000), (250, 3_000), (0, 1_030), (770, 1_290), (3_000, 3_000)):
        # Indexes that are multiples of ten begin an act in the fixed logs.
        archive = bench.export(bench.plan(start=start, stop=stop, formats=("csv",)))
        assert verify(archive) == 0, (start, stop)
        assert len(rows_of(archive)) == stop - start
        bench.shelf.remove(JOB)


TEXTS = st.sampled_from(
    ["vault.detokenize", "vault.search", "delivery", "policy", "done", "denied", "phone", "plain", "x"]
)
CRITERIA = st.fixed_dictionaries(
    {},
    optional={
        **{
            name: st.lists(TEXTS, min_size=1, max_size=3) for name in ("action", "kind", "outcome", "purpose", "reason")
        },
        "actor.kind": st.lists(st.sampled_from(["credential", "system"]), min_size=1),
        "actor.id": st.lists(st.integers(0, 7), min_size=1, max_size=4),
        "tenant": st.lists(st.integers(0, 3), min_size=1, max_size=2),
        "subject": st.lists(st.sampled_from(["A" * 22, "B" * 22, "C" * 22]), min_size=1, max_size=2),
        "ref": st.lists(st.sampled_from(["A" * 22, "B" * 22]), min_size=1, max_size=2),
        "from": st.sampled_from(["2026-11-22T04:00:00.000Z", "2026-11-22T04:00:00.400Z"]),
        "to": st.sampled_from(["2026-11-22T04:00:00.000Z", "2026-11-22T04:00:00.400Z"]),
    },
)


def peculiar_entries() -> list[dict[str, Any]]:
    """Entries with subjects, orders, people acted for, and without."""
    a, b = SubjectRef("A" * 22), SubjectRef("B" * 22)
    groups = [
        Group(Outcome.DONE, subjects=[a, b], refs=[ObjectRef("A" * 22), ObjectRef("B" * 22)], kind="phone"),
        Group(Outcome.DONE, subjects=[b, b], refs=[ObjectRef("B" * 22)] * 2),
        Group(Outcome.DENIED, Reason.POLICY),
    ]
    behalf = Behalf("courier", SubjectRef("C" * 22))
    actor = Actor(ActorKind.CREDENTIAL, 3, "service")
    act = Act(
        Action.DETOKENIZE, actor, 1, 1_795_320_000_400, "01a20211-eebb-7b0f-8d29-9f5f5b1f0a8e", groups, behalf=behalf
    )
    return [orjson.loads(entry) for entry in [*act.entries("f" * 16), *entries(40)]]


@given(criteria=CRITERIA)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_the_filter_takes_what_the_verifiers_filter_takes(criteria: dict[str, Any]) -> None:
    takes_here, there = Filter(criteria).predicate(), VerifiersFilter.parse(criteria)
    for fields in peculiar_entries():
        assert takes_here(fields) == there.takes(fields)


@pytest.mark.parametrize(
    "criteria",
    [
        {"name": ["x"]},
        {"action": []},
        {"action": "vault.detokenize"},
        {"action": ["Vault"]},
        {"action": ["vault.detokenize\n"]},
        {"tenant": ["1"]},
        {"tenant": [True]},
        {"subject": ["cust-1001"]},
        {"from": "2026-11-22"},
        {"action": ["x"] * 1_001},
    ],
)
def test_what_could_not_stand_in_a_manifest_is_no_filter(criteria: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a filter"):
        Filter(criteria)


def test_the_table_reads_back_and_no_cell_begins_a_formula(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 300)
    text = members(bench.export(bench.plan(formats=("csv",))))["entries.csv"].decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(table) == 300
    assert not any(cell[:1] in {"=", "+", "-", "@", "\t", "\r"} for row in table for cell in row.values())
    assert any(row["leaf"].startswith("'+") for row in table)
    for row, entry in zip(table, map(orjson.loads, bench.log.entries), strict=True):
        assert row["subjects"].removeprefix("'") == " ".join(entry.get("subjects", []))
        assert (row["actor.kind"], row["actor.id"]) == (entry["actor"]["kind"], str(entry["actor"]["id"]))
        assert row["reason"] == entry.get("reason", "")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\tx", "\rx"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    [line] = csv.reader(io.StringIO(csv_line(0, {"view": text, "count": -1}, bytes(32)).decode(), newline=""))
    cells = dict(zip(COLUMNS, line, strict=True))
    assert (cells["view"], cells["count"]) == ("'" + text, "-1")


def test_every_field_that_an_entry_can_have_is_a_column() -> None:
    person = Actor(ActorKind.CREDENTIAL, 3, "service")
    refs = [ObjectRef("A" * 22), ObjectRef("B" * 22)]
    groups = [
        Group(Outcome.DENIED, Reason.POLICY, "delivery", "plain", "phone", [SubjectRef("A" * 22)] * 2, [1, 2], refs),
        Group(Outcome.DONE, subjects=[SubjectRef("A" * 22)], refs=refs[:1], wording="0" * 64),
    ]
    act = Act(
        Action.DETOKENIZE,
        person,
        1,
        0,
        "01a20211-eebb-7b0f-8d29-9f5f5b1f0a8e",
        groups,
        policy=PolicyDigest("0" * 16),
        behalf=Behalf("courier", SubjectRef("A" * 22)),
        approver=person,
        key="0" * 64,
        succeeds=Succession(1, 1, "0" * 64),
    )
    paths = {path for entry in act.entries("0" * 16) for path in paths_of(orjson.loads(entry))}
    assert paths == set(COLUMNS) - {"index", "leaf"}


def paths_of(fields: dict[str, Any], before: str = "") -> set[str]:
    return {
        path
        for name, value in fields.items()
        for path in (paths_of(value, f"{before}{name}.") if isinstance(value, dict) else {before + name})
    }


def test_parquet_holds_the_rows_typed_and_says_which_log_they_are_from(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    bench = Bench(tmp_path, 300)
    archive = bench.export(bench.plan(criteria={"tenant": [1]}, formats=("parquet",)))
    table = parquet.read_table(io.BytesIO(members(archive)["entries.parquet"]))
    rows = rows_of(archive)
    assert table.column("index").to_pylist() == [row["index"] for row in rows]
    assert table.column("subjects").to_pylist() == [row["entry"].get("subjects") for row in rows]
    assert [at.isoformat(timespec="milliseconds")[:-6] + "Z" for at in table.column("at").to_pylist()] == [
        row["entry"]["at"] for row in rows
    ]
    assert table.schema.metadata[b"size"] == b"300"


def test_two_exports_of_one_plan_are_the_same_octets(tmp_path: Path) -> None:
    first, second = Bench(tmp_path / "a", 600), Bench(tmp_path / "b", 600)
    assert first.export(first.plan(formats=("csv",))).read_bytes() == (
        second.export(second.plan(formats=("csv",))).read_bytes()
    )


class PowerCutError(Exception):
    """Stands for the end of the process at some write."""


@pytest.mark.parametrize("durably", range(11))
def test_a_job_that_ends_at_any_write_goes_on_to_the_same_octets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durably: int
) -> None:
    monkeypatch.setattr("audit.export.BUNDLES_PER_PART", 1)
    whole, bench = Bench(tmp_path / "a", 700), Bench(tmp_path / "b", 700)
    plan = bench.plan(formats=("csv", "parquet"))
    expected = whole.export(plan).read_bytes()
    left = durably
    rename = os.rename

    def cut(path: Path, target: Path) -> None:
        nonlocal left
        if left == 0:
            raise PowerCutError
        left -= 1
        rename(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "rename", cut)
        with pytest.raises(PowerCutError):
            bench.export(plan)
    assert not bench.shelf.archive(JOB).exists()
    assert bench.export(plan).read_bytes() == expected
    assert not bench.shelf.workspace(JOB).exists()


def test_a_step_that_is_repeated_after_the_end_changes_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 300)
    archive = bench.export(bench.plan())
    before = archive.read_bytes()
    for number in range(3):
        assert bench.task.step(job_of(bench.plan()), number).finished
    assert archive.read_bytes() == before


def test_a_host_that_has_none_of_the_parts_makes_them_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 700)
    plan = bench.plan(formats=("csv", "parquet"))
    expected = bench.export(plan).read_bytes()
    bench.shelf.remove(JOB)
    last = job_of(plan)
    assert bench.task.step(last, 99).finished
    assert bench.shelf.archive(JOB).read_bytes() == expected


def test_a_cancelled_export_leaves_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 700)
    bench.task.step(job_of(bench.plan()), 0)
    assert bench.shelf.workspace(JOB).exists()
    bench.task.abandon(job_of(bench.plan()))
    assert list(bench.shelf.root.iterdir()) == []


def test_an_export_goes_seven_days_after_it_was_asked_for(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 1)
    archive = bench.export(bench.plan())
    asked = JOB.int >> 80
    (bench.shelf.root / "notes.txt").write_text("somebody else's")
    assert bench.shelf.sweep(asked + EXPIRES_MS - 1) == 0
    assert archive.exists()
    assert bench.shelf.sweep(asked + EXPIRES_MS) == 1
    assert [path.name for path in bench.shelf.root.iterdir()] == ["notes.txt"]


def test_a_log_whose_entry_was_changed_is_not_exported(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 300)
    bundle = bench.log.root / "tile/entries/000"
    octets = bytearray(bundle.read_bytes())
    octets[100] ^= 1
    bundle.write_bytes(octets)
    with pytest.raises(LogDamagedError):
        bench.export(bench.plan())


def test_a_log_whose_tiles_are_of_another_tree_is_not_exported(tmp_path: Path) -> None:
    bench, other = Bench(tmp_path / "a", 300), Bench(tmp_path / "b", 301)
    lines = bytes(bench.log.note).decode().split("\n")
    lines[2] = bytes(other.log.note).decode().split("\n")[2]
    with pytest.raises(LogDamagedError):
        bench.export(bench.plan(note="\n".join(lines)))


def test_more_rows_than_can_be_proved_fail_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert PROOFS_AT_MOST * 150 < 1 << 20
    monkeypatch.setattr(export_part, "PROOFS_AT_MOST", 10)
    bench = Bench(tmp_path, 30)
    with pytest.raises(TooManyProofsError):
        bench.export(bench.plan(proofs=True))


@pytest.mark.parametrize(("before", "size"), [(3, 257), (256, 257), (257, 257), (200, 3_000)])
def test_an_export_proves_that_the_log_extends_the_one_of_the_export_before(
    tmp_path: Path, before: int, size: int
) -> None:
    old, new = Bench(tmp_path / "old", before), Bench(tmp_path / "new", size)
    first = old.export(old.plan())
    second = new.export(new.plan(previous=old.plan().note, complete=False, criteria={"tenant": [1]}))
    assert verify(second, "--since", str(first)) == 0


Tamper = Callable[[dict[str, bytes]], None]


def swap(name: str, old: bytes, new: bytes) -> Tamper:
    def change(held: dict[str, bytes]) -> None:
        assert old in held[name]
        held[name] = held[name].replace(old, new, 1)

    return change


def restated(change: Tamper) -> Tamper:
    """The change, with the manifest made to list what is there now."""

    def with_manifest(held: dict[str, bytes]) -> None:
        change(held)
        fields = orjson.loads(held["manifest.json"])
        for listed in fields["files"]:
            octets = held.get(listed["name"], b"")
            listed["bytes"], listed["sha256"] = len(octets), sha256(octets).hexdigest()
        held["manifest.json"] = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)

    return with_manifest


def drop_row(held: dict[str, bytes]) -> None:
    lines = held["entries.ndjson"].splitlines(keepends=True)
    held["entries.ndjson"] = b"".join(lines[:5] + lines[6:])


def reorder(held: dict[str, bytes]) -> None:
    lines = held["entries.ndjson"].splitlines(keepends=True)
    held["entries.ndjson"] = b"".join([*lines[:5], lines[6], lines[5], *lines[7:]])


def flip(name: str) -> Tamper:
    def change(held: dict[str, bytes]) -> None:
        held[name] = bytes([held[name][0] ^ 1]) + held[name][1:]

    return change


def remove(name: str) -> Tamper:
    def change(held: dict[str, bytes]) -> None:
        del held[name]

    return change


TAMPERED: dict[str, Tamper] = {
    "a row says something else": swap("entries.ndjson", b"vault.detokenize", b"vault.tokenizeee"),
    "a row says something else, and the manifest lists it": restated(
        swap("entries.ndjson", b"vault.detokenize", b"vault.tokenizeee")
    ),
    "a line of the table says something else": restated(swap("entries.csv", b"vault.detokenize", b"vault.search")),
    "a row is left out": restated(drop_row),
    "two rows are exchanged": restated(reorder),
    "the manifest counts other rows": swap("manifest.json", b'"rows":', b'"rows":1'),
    "the checkpoint is of another size": swap("log/checkpoint", b"\n300\n", b"\n299\n"),
    "a leaf is another": flip("log/tile/0/000"),
    "a node is another": flip("log/tile/1/000.p/1"),
    "an entry's length is another": flip("log/tile/entries/001.p/44"),
    "a bundle is missing": remove("log/tile/entries/001.p/44"),
    "the table is missing": remove("entries.csv"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_tampered_copy_is_refused(tmp_path: Path, how: str) -> None:
    bench = Bench(tmp_path, 300)
    archive = bench.export(bench.plan(formats=("csv",)))
    assert verify(archive) == 0
    held = members(archive)
    TAMPERED[how](held)
    copy = tmp_path / "copy.zip"
    with zipfile.ZipFile(copy, "w") as written:
        for name, octets in held.items():
            written.writestr(name, octets)
    assert verify(copy) == 1


def test_without_pinned_keys_nothing_is_called_verified(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 257)
    assert verify(bench.export(bench.plan()), pinned=False) == 2
