"""Relay numbers, real numbers, callers, and numbers that save lives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masking.relay.errors import EmergencyNumberError, InvalidNumberError
from masking.relay.number import NumberKind, RelayNumber, caller_number, real_number

SEVEN_HUNDRED = "700110000010001"
WRITINGS = (
    "17012340000", "170 1234 0000", "170-1234-0000", "１７０１２３４００００", "8617012340000", "008617012340000",
    "0086 170-1234-0000", "+86 (170) 1234.0000", "＋８６１７０１２３４００００", " 17012340000 ",
    "sip:17012340000@carrier.example;user=phone", "tel:+86-170-1234-0000",
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("+8617000003333", NumberKind.E164, "+8617000003333"),
        ("008617000003333", NumberKind.E164, "+8617000003333"),
        ("+86 170-0000-3333", NumberKind.E164, "+8617000003333"),
        ("+８６17000003333", NumberKind.E164, "+8617000003333"),
        (SEVEN_HUNDRED, NumberKind.CN700, SEVEN_HUNDRED),
        (f"+86{SEVEN_HUNDRED}", NumberKind.CN700, SEVEN_HUNDRED),
        (f"0086{SEVEN_HUNDRED}", NumberKind.CN700, SEVEN_HUNDRED),
        (f"86{SEVEN_HUNDRED}", NumberKind.CN700, SEVEN_HUNDRED),
        ("95588", NumberKind.SHORT, "95588"),
    ],
)
def test_a_relay_number_has_one_normal_form(written: str, kind: NumberKind, value: str) -> None:
    assert RelayNumber.parse(written) == RelayNumber.parse(written, "CN") == RelayNumber(kind, value)


@pytest.mark.parametrize(
    ("written", "region", "value"),
    [
        *((one, "CN", "+8617012340000") for one in WRITINGS),
        ("0571-88880001", "CN", "+8657188880001"),
        ("+86 0571 88880001", "CN", "+8657188880001"),
        ("6123 4567", "HK", "+85261234567"),
        ("001 86 17012340000", "HK", "+8617012340000"),
        ("88880001", "CN", "88880001"),
    ],
)
def test_a_relay_number_in_national_writing_is_of_the_tenants_region(written: str, region: str, value: str) -> None:
    assert RelayNumber.parse(written, region).value == value


@pytest.mark.parametrize("written", WRITINGS)
def test_a_caller_is_known_in_every_writing_in_which_a_dialled_number_is(written: str) -> None:
    assert caller_number(written, "CN") == "+8617012340000"


@pytest.mark.parametrize(
    "written", ["", "abc", "+", "+0123456789", "1" * 41, "12", "+86170000033330000", "一二三", "０"]
)
def test_what_is_no_relay_number_is_refused(written: str) -> None:
    with pytest.raises(InvalidNumberError):
        RelayNumber.parse(written)


@pytest.mark.parametrize(
    "written", ["110", "119", "120", "122", "112", "12110", "+86110", "0086 120", "911", "999", "１１０"]
)
def test_numbers_that_save_lives_are_neither_relay_numbers_nor_parties(written: str) -> None:
    with pytest.raises(EmergencyNumberError):
        RelayNumber.parse(written)
    with pytest.raises(EmergencyNumberError):
        real_number(written, "CN")
    assert caller_number(written, "CN") is None


@pytest.mark.parametrize(
    "written", ["13812345678", "138 1234 5678", "+86 138-1234-5678", "0086 13812345678", "１３８１２３４５６７８"]
)
def test_every_writing_of_a_real_number_is_one(written: str) -> None:
    assert real_number(written, "CN") == caller_number(written, "CN") == "+8613812345678"


def test_sip_addresses_name_callers() -> None:
    assert caller_number("sip:+8613812345678@127.0.0.1;user=phone", "CN") == "+8613812345678"
    assert caller_number("tel:+86-138-1234-5678;phone-context=+86", "CN") == "+8613812345678"


@pytest.mark.parametrize(
    "presented",
    ["", "anonymous", "Anonymous", "sip:anonymous@anonymous.invalid", "+266696687", "+8656696", "+86282452253", "unavailable",
     SEVEN_HUNDRED, "13812345678x12", "x", "9" * 60],
)  # fmt: skip
def test_callers_without_a_number_are_nobody(presented: str) -> None:
    assert caller_number(presented, "CN") is None


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_is_not(text: str) -> None:
    assert caller_number(text, "CN") is None or caller_number(text, "CN").startswith("+")  # type: ignore[union-attr]  # as said
    try:
        parsed = RelayNumber.parse(text, "CN")
    except (InvalidNumberError, EmergencyNumberError):
        return
    assert RelayNumber.parse(parsed.value, "CN") == parsed
