"""Archives that somebody else made are refused before anything of them is unpacked, if they are not what an export can be."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from moat_verifier.archive import Bounds, ZipSource
from moat_verifier.cli import run
from moat_verifier.errors import CannotCheckError, TamperedError, VerificationError

BOUNDS = Bounds()


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return raw.getvalue()


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., ZipSource]:
    def call(raw: bytes, bounds: Bounds = BOUNDS) -> ZipSource:
        path = tmp_path / "export.zip"
        path.write_bytes(raw)
        return ZipSource(path, bounds)

    return call


def refusal(opened: Callable[..., ZipSource], raw: bytes, bounds: Bounds = BOUNDS) -> type[VerificationError]:
    with pytest.raises(VerificationError) as refused:
        opened(raw, bounds)
    return refused.type


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../up",
        "a/../../up",
        "a/./b",
        "a//b",
        "a/",
        "C:\\x",
        "a\\..\\b",
        "",
        "ä",
        "a b",
        "a\nb",
        "a:b",
        ".",
        "..",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str, opened: Callable[..., ZipSource]) -> None:
    info = zipfile.ZipInfo("placeholder")
    info.filename = name
    assert refusal(opened, zipped((info, b"content"))) is TamperedError


def test_a_name_with_a_hidden_end_is_refused(opened: Callable[..., ZipSource]) -> None:
    raw = zipped(("manifest.json!hidden", b"content")).replace(b"manifest.json!hidden", b"manifest.json\0hidden")
    assert refusal(opened, raw) is TamperedError


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["entries.csv", "Entries.CSV"])
def test_two_members_of_one_name_are_refused(second: str, opened: Callable[..., ZipSource]) -> None:
    assert refusal(opened, zipped(("entries.csv", b"1"), (second, b"2"))) is TamperedError


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR])
def test_what_is_no_regular_file_is_refused(kind: int, opened: Callable[..., ZipSource]) -> None:
    info = zipfile.ZipInfo("policy.txt")
    info.external_attr = (kind | 0o777) << 16
    assert refusal(opened, zipped((info, b"/etc/passwd"))) is TamperedError


def test_another_method_and_encryption_are_refused(opened: Callable[..., ZipSource]) -> None:
    assert refusal(opened, zipped(("a", b"x" * 99), method=zipfile.ZIP_BZIP2)) is TamperedError
    raw = bytearray(zipped(("a", b"x")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", raw, raw.index(signature) + offset, 1)
    assert refusal(opened, bytes(raw)) is TamperedError


def test_bounds_of_members_bytes_and_expansion_are_kept(opened: Callable[..., ZipSource]) -> None:
    three = zipped(("a", b"1"), ("b", b"2"), ("c", b"3"))
    assert refusal(opened, three, Bounds(members=2)) is CannotCheckError
    assert refusal(opened, three, Bounds(total_bytes=2)) is CannotCheckError
    bomb = zipped(("entries.ndjson", bytes(2_000_000)), method=zipfile.ZIP_DEFLATED)
    assert refusal(opened, bomb) is CannotCheckError
    opened(bomb, Bounds(ratio=2_000)).__exit__(None, None, None)
    small = zipped(("entries.ndjson", bytes(100_000)), method=zipfile.ZIP_DEFLATED)
    opened(small).__exit__(None, None, None)


def test_bytes_before_the_first_member_a_comment_and_overlaps_are_refused(opened: Callable[..., ZipSource]) -> None:
    good = zipped(("a", b"1"), ("b", b"2"))
    assert refusal(opened, b"#!/bin/sh\n" + good) is TamperedError
    assert refusal(opened, good[:-2] + b"\x05\x00hello") is TamperedError
    overlapping = bytearray(good)
    second = overlapping.rindex(b"PK\x01\x02")
    struct.pack_into("<L", overlapping, second + 42, 0)
    assert refusal(opened, bytes(overlapping)) is TamperedError


def test_a_damaged_member_is_refused_when_it_is_read(opened: Callable[..., ZipSource]) -> None:
    with opened(zipped(("a", b"content")).replace(b"content", b"c0ntent")) as archive, pytest.raises(TamperedError):
        archive.read("a", limit=100)


def test_a_member_longer_than_it_can_be_is_not_read(opened: Callable[..., ZipSource]) -> None:
    with opened(zipped(("a", b"content"))) as archive:
        assert archive.read("absent", limit=1) is None
        with pytest.raises(TamperedError, match="longer"):
            archive.read("a", limit=6)


@pytest.mark.parametrize(
    "raw", [b"PK\x03\x04", b"PK\x03\x04" + bytes(100), zipped(("a", b"1"))[:-5]], ids=["head", "zeros", "cut"]
)
def test_what_is_no_archive_cannot_be_checked(raw: bytes, opened: Callable[..., ZipSource]) -> None:
    assert refusal(opened, raw) is CannotCheckError


def test_an_archive_without_a_manifest_is_no_export(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(("log/checkpoint", b"x")))
    assert run([str(tmp_path / "a.zip")]) == 2
