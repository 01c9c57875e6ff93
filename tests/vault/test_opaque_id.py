"""Ids that are personal numbers in disguise are told from ordinary ids, however these look."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.opaque_id import reads_as_personal

PERSONAL = [
    "13812345678",
    "u-13812345678",
    "u13812345678",
    "cust:8613812345678",
    "0086-138-1234-5678",
    "138.1234.5678",
    "2026-13812345678",
    "+8613812345678",
    "+16502530000",
    "852-61234567",
    "85261234567",
    "886912345678",
    "0912-345-678",
    "010-62345678",
    "0571-8765-4321",
    "11010519491231002X",
    "id:11010519491231002x",
    "order:11010519491231002X",
    "6222021234567890128",
    "4111-1111-1111-1111",
    "pay_4111111111111111",
    "zhang.qq.com",
    "zhang.san@example.com",
    "１３８１２３４５６７８",
]

ORDINARY = [
    "cust-1001",
    "order:o-005850",
    "rider-0282",
    "shop-0429",
    "2026-11-22",
    "order:2026-11-22",
    "20261122130000001",
    "shop-0429-20261122",
    "1763778000",
    "1763778000123",
    "1843127390123456789",
    "2034567890123456782",
    "627123456789012345",
    "110105491231002",
    "15412345678",
    "11010519491231002Y",
    "110105194912310021",
    "65f1a13812345678b2c3d4e5",
    "192.168.1.1:8080",
    "a.b-c_d:e",
    "00000000000000000000",
]


@pytest.mark.parametrize("text", PERSONAL)
def test_an_id_that_is_a_personal_number_reads_as_personal(text: str) -> None:
    assert reads_as_personal(text)


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_id_does_not_read_as_personal(text: str) -> None:
    assert not reads_as_personal(text)


@given(st.uuids(version=4))
def test_no_uuid_reads_as_personal(value: uuid.UUID) -> None:
    assert not reads_as_personal(str(value))
    assert not reads_as_personal(f"cust:{value.hex}") or value.hex.isdigit()


@given(st.integers(1_700_000_000_000_000_000, 2_999_999_999_999_999_999))
def test_no_snowflake_id_of_nineteen_digits_reads_as_personal(value: int) -> None:
    assert not reads_as_personal(str(value))


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", "u", "u-", "cust:", "86", "0086-"]))
def test_every_mainland_mobile_but_our_tokens_reads_as_personal(digits: str, prefix: str) -> None:
    assert reads_as_personal(prefix + digits) is not digits.startswith("154")


@given(st.text(max_size=80))
def test_any_text_is_answered(text: str) -> None:
    assert reads_as_personal(text) in {True, False}
    assert reads_as_personal(text * 1000) in {True, False}
