"""Token text: one writing per row, recognised without a database, and nothing else is ever taken for one."""

import base64
import itertools
import json
import re
import zlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import example, given
from hypothesis import strategies as st

from vault.keys import TokenKey
from vault.token import ParsedToken, issue_many, parse_many

GOLDEN = json.loads((Path(__file__).parent.parent / "vectors" / "token_v1.json").read_text("utf-8"))

OCTETS = bytes(range(32))
KEY = TokenKey(OCTETS, version=3)
KEYS = {3: KEY}
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

tenants = st.integers(0, 2**24 - 1)
kinds = st.integers(0, 255)
rows = st.integers(0, 2**48 - 1)


def issue(row: int = 1, kind: int = 2, tenant: int = 5) -> str:
    return issue_many(KEY, tenant=tenant, rows=[row], kinds=[kind])[0]


def parse(text: str, tenant: int = 5) -> ParsedToken | None:
    return parse_many(KEYS, tenant=tenant, texts=[text])[0]


def written(block: bytes, version: int = 3) -> str:
    """The text of any block, as anybody who knows the format can write it."""
    octets = version.to_bytes(2, "big") + block
    checksum = (zlib.crc32(b"tok_" + octets) & 0xFFFFFF).to_bytes(3, "big")
    return "tok_" + base64.urlsafe_b64encode(octets + checksum).decode()


def encrypted(plain: bytes) -> bytes:
    return Cipher(algorithms.AES(OCTETS), modes.ECB()).encryptor().update(plain)


@given(tenants, st.lists(st.tuples(rows, kinds), max_size=30), st.integers(0, 65535))
def test_every_issued_token_parses_to_its_row_kind_and_version(
    tenant: int, issued: list[tuple[int, int]], version: int
) -> None:
    key = TokenKey(OCTETS, version=version)
    texts = issue_many(key, tenant=tenant, rows=[row for row, _ in issued], kinds=[kind for _, kind in issued])
    assert all(re.fullmatch(r"tok_[A-Za-z0-9_-]{28}", text) for text in texts)
    expected = [ParsedToken(row, kind, version) for row, kind in issued]
    assert parse_many({version: key}, tenant=tenant, texts=texts) == expected


def test_a_token_is_drawn_as_documented() -> None:
    plain = bytes(6) + (0x0A0B0C).to_bytes(3, "big") + bytes([7]) + (0x010203040506).to_bytes(6, "big")
    assert issue(row=0x010203040506, kind=7, tenant=0x0A0B0C) == written(encrypted(plain))


def test_tokens_of_many_rows_are_distinct_and_show_no_order() -> None:
    texts = issue_many(KEY, tenant=5, rows=range(2000), kinds=[2] * 2000)
    assert len(set(texts)) == 2000
    ascending = sum(one < other for one, other in itertools.pairwise(texts))
    assert 800 < ascending < 1200


def test_a_row_always_gives_the_same_token_again() -> None:
    assert issue(row=9) == issue(row=9)


@pytest.mark.parametrize("version", [3, 4])
def test_a_token_of_another_tenant_is_none(version: int) -> None:
    text = issue_many(TokenKey(OCTETS, version=version), tenant=5, rows=[1], kinds=[2])[0]
    keys = {version: TokenKey(OCTETS, version=version)}
    for tenant in (4, 6, 5 + 256, 5 + 2**16, 2**24 - 1, 5 + 2**24, -1):
        assert parse_many(keys, tenant=tenant, texts=[text]) == [None]
    assert parse_many(keys, tenant=5, texts=[text]) != [None]


def test_a_token_of_an_unknown_version_is_none() -> None:
    text = issue()
    assert parse_many({4: TokenKey(OCTETS, version=4)}, tenant=5, texts=[text]) == [None]
    assert parse_many({}, tenant=5, texts=[text]) == [None]


def test_a_token_under_another_key_of_the_same_version_is_none() -> None:
    assert parse_many({3: TokenKey(bytes(32), version=3)}, tenant=5, texts=[issue()]) == [None]


def test_relabelling_a_token_with_another_known_version_is_none() -> None:
    text = issue()
    block = base64.urlsafe_b64decode(text[4:])[2:18]
    keys = {3: KEY, 4: TokenKey(bytes(32), version=4)}
    assert parse_many(keys, tenant=5, texts=[written(block, version=4)]) == [None]


@pytest.mark.parametrize("bit", range(48))
def test_each_of_the_48_padding_bits_must_be_zero(bit: int) -> None:
    plain = (1 << 80 + bit | 5 << 56 | 2 << 48 | 1).to_bytes(16, "big")
    assert parse(written(encrypted(plain))) is None
    assert parse(written(encrypted((5 << 56 | 2 << 48 | 1).to_bytes(16, "big")))) == ParsedToken(1, 2, 3)


@given(st.binary(min_size=16, max_size=16))
def test_a_forged_block_with_a_right_checksum_is_none(block: bytes) -> None:
    assert parse(written(block)) is None


def test_every_change_of_one_character_fails_the_checksum_itself() -> None:
    # CRC is affine: what one token shows of a difference holds for all. The key is no part of this test.
    text = issue()
    changed = [text[:at] + other + text[at + 1 :] for at in range(4, 32) for other in ALPHABET if other != text[at]]
    assert len(changed) == 28 * 63
    assert not any(checksum_fits(bad) for bad in changed)
    assert parse_many(KEYS, tenant=5, texts=changed) == [None] * len(changed)


def test_every_swap_of_two_neighbours_fails_the_checksum_itself() -> None:
    # A swap changes both characters by the same non-zero difference, and all 63 are tried; CRC is affine, as above.
    text = issue()
    swapped = [
        text[:at] + differing(text[at], by) + differing(text[at + 1], by) + text[at + 2 :]
        for at in range(4, 31)
        for by in range(1, 64)
    ]
    assert not any(checksum_fits(bad) for bad in swapped)


def differing(character: str, by: int) -> str:
    return ALPHABET[ALPHABET.index(character) ^ by]


def checksum_fits(text: str) -> bool:
    octets = base64.urlsafe_b64decode(text[4:])
    return zlib.crc32(b"tok_" + octets[:18]) & 0xFFFFFF == int.from_bytes(octets[18:], "big")


TEXT = issue()
OTHER_WRITINGS = {
    "nothing": "",
    "prefix alone": "tok_",
    "one character less": TEXT[:-1],
    "one character more": TEXT + "A",
    "padding": TEXT + "=",
    "trailing newline": TEXT + "\n",
    "leading space": " " + TEXT[:-1],
    "trailing nul": TEXT + "\0",
    "upper case": TEXT.upper(),
    "upper-case prefix": "TOK_" + TEXT[4:],
    "no prefix": TEXT[4:],
    "standard base64 plus": TEXT[:10] + "+" + TEXT[11:],
    "standard base64 slash": TEXT[:10] + "/" + TEXT[11:],
    "padding inside": TEXT[:10] + "=" + TEXT[11:],
    "lone surrogate": TEXT[:10] + "\ud800" + TEXT[11:],
    "full-width letter": TEXT[:10] + "\uff21" + TEXT[11:],
    "twice": TEXT + TEXT,
    "very long": "tok_" + "A" * 100_000,
}


@pytest.mark.parametrize("writing", OTHER_WRITINGS)
def test_any_other_writing_of_a_token_is_none(writing: str) -> None:
    assert parse(TEXT) == ParsedToken(1, 2, 3)
    assert parse(OTHER_WRITINGS[writing]) is None


@given(st.lists(st.one_of(st.text(max_size=40), st.text(ALPHABET, min_size=28, max_size=28).map("tok_".__add__))))
@example(["\ud800" * 32])
def test_parsing_never_raises_and_knows_only_what_was_issued(texts: list[str]) -> None:
    assert parse_many(KEYS, tenant=5, texts=texts) == [None] * len(texts)


def test_good_and_bad_texts_keep_their_places_in_a_batch_of_several_versions() -> None:
    new = TokenKey(bytes(32), version=4)
    fresh = issue_many(new, tenant=5, rows=[8], kinds=[1])[0]
    texts = ["", issue(7), fresh, "tok_" + "A" * 28, issue(7, tenant=6), issue(9, kind=255), fresh]
    assert parse_many({3: KEY, 4: new}, tenant=5, texts=texts) == [
        None,
        ParsedToken(7, 2, 3),
        ParsedToken(8, 1, 4),
        None,
        None,
        ParsedToken(9, 255, 3),
        ParsedToken(8, 1, 4),
    ]


@pytest.mark.parametrize(
    ("tenant", "row", "kind"), [(2**24, 1, 1), (-1, 1, 1), (1, 2**48, 1), (1, -1, 1), (1, 1, 256), (1, 1, -1)]
)
def test_a_number_outside_its_field_is_never_issued(tenant: int, row: int, kind: int) -> None:
    with pytest.raises(ValueError, match="outside its field"):
        issue_many(KEY, tenant=tenant, rows=[3, row], kinds=[3, kind])


def test_rows_and_kinds_of_different_number_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        issue_many(KEY, tenant=1, rows=[1, 2], kinds=[1])


def test_an_empty_batch_is_empty() -> None:
    assert issue_many(KEY, tenant=1, rows=[], kinds=[]) == []
    assert parse_many(KEYS, tenant=1, texts=[]) == []


@pytest.mark.parametrize("vector", GOLDEN["tokens"], ids=lambda vector: vector["text"])
def test_tokens_of_the_first_release_still_parse(vector: dict[str, str | int]) -> None:
    version, tenant, text = int(vector["version"]), int(vector["tenant"]), str(vector["text"])
    keys = {version: TokenKey(bytes.fromhex(str(vector["key"])), version=version)}
    expected = ParsedToken(int(vector["row"]), int(vector["kind"]), version)
    assert parse_many(keys, tenant=tenant, texts=[text]) == [expected]
    assert issue_many(keys[version], tenant=tenant, rows=[expected.row], kinds=[expected.kind]) == [text]
