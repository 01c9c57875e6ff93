"""Tiles and bundles: the layout's paths, widths and octets."""

import contextlib
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import MalformedError
from audit.merkle import leaf_hash, root_of, tree_root
from audit.tile import (
    TilePath,
    bundles_between,
    cut,
    decode_bundle,
    decode_tile,
    encode_bundle,
    hashes_at,
    nodes_of,
    tiles_between,
    width_at,
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (TilePath(0, 1234067), "tile/0/x001/x234/067"),
        (TilePath(0, 0, 30), "tile/0/000.p/30"),
        (TilePath(None, 0, 30), "tile/entries/000.p/30"),
        (TilePath(0, 1067, 8), "tile/0/x001/067.p/8"),
        (TilePath(63, 999), "tile/63/999"),
    ],
)
def test_paths_are_those_of_the_specification(tile: TilePath, path: str) -> None:
    assert str(tile) == path
    assert TilePath.parse(path) == tile


@given(st.one_of(st.none(), st.integers(0, 63)), st.integers(0, 10**15), st.integers(1, 256))
def test_every_path_is_read_back(level: int | None, number: int, width: int) -> None:
    assert TilePath.parse(str(TilePath(level, number, width))) == TilePath(level, number, width)


@pytest.mark.parametrize(
    "path",
    ["", "tile/0/0", "tile/00/000", "tile/64/000", "tile/0/x000/067", "tile/0/067.p/0", "tile/0/067.p/256", "tile/0/067.p/08",
     "tile/0/x001/67", "tile/-1/000", "tile/0/000/", "/tile/0/000", "tile/0/../0/000", "tile/entries/000.p", "tile/0/000.p/1\n",
     "tile/0/\u0660\u0660\u0660", "tile/data/000", "checkpoint"],
)  # fmt: skip
def test_what_is_no_path_of_the_layout_is_refused(path: str) -> None:
    with pytest.raises(MalformedError):
        TilePath.parse(path)


@given(st.text(max_size=30))
def test_no_text_makes_the_path_parser_fail_otherwise(text: str) -> None:
    with contextlib.suppress(MalformedError):
        assert str(TilePath.parse(text)) == text


def test_a_log_of_70_000_entries_has_the_tiles_of_the_specification() -> None:
    paths = {str(path) for path in tiles_between(0, 70_000)}
    full = {str(TilePath(0, number)) for number in range(273)}
    assert paths == full | {"tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"}


def test_the_last_tile_of_273_160_entries_is_that_of_the_study() -> None:
    last = [str(path) for path in tiles_between(0, 273_160) if path.level == 0][-1]
    assert last == "tile/0/x001/067.p/8"


@given(st.integers(0, 70_000), st.integers(0, 5_000))
def test_what_a_log_gained_is_what_is_new_or_wider(old: int, more: int) -> None:
    before, after = set(tiles_between(0, old)), set(tiles_between(0, old + more))
    assert set(tiles_between(old, old + more)) == after - before
    assert all(path.width == width_at(path.level, path.number, old + more) for path in after)
    assert sum(path.width for path in after if path.level == 0) == hashes_at(0, old + more)
    assert {str(path) for path in bundles_between(old, old + more)} == {
        str(path).replace("tile/0/", "tile/entries/") for path in after - before if path.level == 0
    }


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_bundles_are_read_back(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries), len(entries)) == entries


@given(st.binary(max_size=200), st.integers(0, 256))
def test_octets_that_are_no_bundle_are_refused(octets: bytes, width: int) -> None:
    with contextlib.suppress(MalformedError):
        assert encode_bundle(decode_bundle(octets, width)) == octets


def test_a_bundle_with_more_or_less_than_its_path_says_is_refused() -> None:
    octets = encode_bundle([b"a", b"bc"])
    for wrong, width in ((octets, 1), (octets, 3), (octets[:-1], 2), (octets + b"\x00", 2), (octets + b"\x00\x00", 2)):
        with pytest.raises(MalformedError):
            decode_bundle(wrong, width)
    assert octets == b"\x00\x01a\x00\x02bc"


def test_an_entry_longer_than_a_bundle_can_say_is_refused() -> None:
    assert len(encode_bundle([b"x" * 65_535])) == 65_537
    with pytest.raises(ValueError, match="longer"):
        encode_bundle([b"x" * 65_536])


def test_a_narrower_tile_is_cut_from_a_wider_one() -> None:
    hashes = [bytes([number]) * 32 for number in range(5)]
    assert cut(b"".join(hashes), TilePath(0, 0, 5), 2) == b"".join(hashes[:2])
    assert cut(encode_bundle([b"a", b"bc"]), TilePath(None, 0, 2), 1) == b"\x00\x01a"
    with pytest.raises(MalformedError):
        cut(b"".join(hashes), TilePath(0, 0, 5), 6)
    with pytest.raises(MalformedError):
        decode_tile(b"".join(hashes)[:-1], 5)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 700, 65_536, 66_000])
def test_the_root_computed_from_tiles_is_that_of_the_leaves(size: int) -> None:
    leaves = [leaf_hash(number.to_bytes(4, "big")) for number in range(size)]
    levels = [leaves]
    while len(levels[-1]) >= 256:
        above = levels[-1]
        levels.append([root_of(above[at : at + 256]) for at in range(0, len(above) // 256 * 256, 256)])

    def read(path: TilePath) -> bytes:
        assert path.level is not None
        assert path in set(tiles_between(0, size))
        return b"".join(levels[path.level][path.number * 256 :][: path.width])

    assert tree_root(size, nodes_of(size, read)) == root_of(leaves)
    with pytest.raises(MalformedError):
        nodes_of(size, read)(0, size)


def test_hashes_at_a_level_are_of_full_tiles_only() -> None:
    assert [hashes_at(level, 65_535) for level in (0, 1, 2)] == [65_535, 255, 0]
    assert sha256(b"").digest() == root_of([])
