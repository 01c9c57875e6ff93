"""Format-preserving tokens: pass for the real thing, are never a real one, and nothing else is taken for one."""

import re
from datetime import date

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import OutOfDomainError, RangeExhaustedError, RangeInUseError
from vault.fpe import FF1
from vault.keys import FormatKey
from vault.preserving import (
    KINDS,
    ParsedText,
    capacity,
    check_unassigned,
    domain,
    draw_serials,
    issue_many,
    parse,
    resolve_many,
)

OCTETS = bytes(range(32))
KEY = FormatKey(OCTETS)
VERSIONS = {"phone": 100, "id_card": 10_000, "bank_card": 10_000}
DIGITS = {"phone": 6, "id_card": 7, "bank_card": 8}

every_kind = pytest.mark.parametrize("kind", ["phone", "id_card", "bank_card"])
kinds = st.sampled_from(sorted(VERSIONS))


def issue(kind: str, serial: int = 1, version: int = 3, tenant: int = 5) -> str:
    return issue_many(KEY, tenant=tenant, kind=kind, version=version, serials=[serial])[0]


def resolve(kind: str, text: str, tenant: int = 5) -> tuple[int, int] | None:
    return resolve_many({3: KEY}, tenant=tenant, kind=kind, texts=[text])[0]


def luhn_holds(text: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(text)):
        total += sum(divmod(2 * int(digit), 10)) if place % 2 else int(digit)
    return total % 10 == 0


def iso7064_holds(text: str) -> bool:
    """ISO 7064 MOD 11-2 by its recursive definition, not by the table of weights."""
    product = 0
    for digit in text[:-1]:
        product = (product + int(digit)) * 2 % 11
    return (product + (10 if text[-1] == "X" else int(text[-1]))) % 11 == 1


def test_the_kinds_are_those_that_are_documented() -> None:
    assert set(KINDS) == {"phone", "id_card", "bank_card"}


def test_the_check_digits_of_published_examples_hold_in_the_tests_own_rules() -> None:
    assert iso7064_holds("11010519491231002X")  # GB 11643-1999, appendix A
    assert not iso7064_holds("110105194912310021")
    assert luhn_holds("79927398713")
    assert not luhn_holds("79927398710")


@given(kinds, st.data())
def test_every_token_parses_and_resolves_to_its_version_and_serial(kind: str, data: st.DataObject) -> None:
    version = data.draw(st.integers(0, VERSIONS[kind] - 1))
    tenant = data.draw(st.integers(0, 2**64 - 1))
    serials = data.draw(st.lists(st.integers(0, capacity(kind) - 1), max_size=20))
    texts = issue_many(KEY, tenant=tenant, kind=kind, version=version, serials=serials)
    assert [(parse(text) or ParsedText("", -1, 0))[:2] for text in texts] == [(kind, version)] * len(texts)
    assert resolve_many({version: KEY}, tenant=tenant, kind=kind, texts=texts) == [(version, it) for it in serials]


@every_kind
def test_tokens_of_many_serials_are_distinct(kind: str) -> None:
    texts = issue_many(KEY, tenant=5, kind=kind, version=3, serials=range(5000))
    assert len(set(texts)) == 5000


def test_a_phone_token_is_a_mobile_number_that_nobody_has() -> None:
    for text in issue_many(KEY, tenant=5, kind="phone", version=3, serials=range(500)):
        assert re.fullmatch(r"1[3-9][0-9]{9}", text)
        assert text.startswith("15403")
        number = phonenumbers.parse(text, "CN")
        assert phonenumbers.is_possible_number(number)
        assert not phonenumbers.is_valid_number(number)


def test_an_id_card_token_has_a_right_check_digit_a_real_date_and_no_province() -> None:
    for version in (0, 59, 3652, 9999):
        texts = issue_many(KEY, tenant=5, kind="id_card", version=version, serials=range(200))
        assert {text[-1] for text in texts} == set("0123456789X")
        for text in texts:
            assert re.fullmatch(r"99[0-9]{15}[0-9X]", text)
            assert iso7064_holds(text)
            assert (
                date(1970, 1, 1) <= date.fromisoformat(f"{text[6:10]}-{text[10:12]}-{text[12:14]}") < date(1998, 1, 1)
            )


def test_a_bank_card_token_has_19_digits_and_a_right_check_digit() -> None:
    texts = issue_many(KEY, tenant=5, kind="bank_card", version=3, serials=range(500))
    assert {text[-1] for text in texts} == set("0123456789")
    assert all(re.fullmatch(r"9970000003[0-9]{9}", text) and luhn_holds(text) for text in texts)


@pytest.mark.parametrize(("kind", "code"), [("phone", 1), ("id_card", 2), ("bank_card", 3)])
def test_a_body_is_ff1_under_the_documented_tweak(kind: str, code: int) -> None:
    tweak = b"moat/preserving/1" + (5).to_bytes(8, "big") + bytes([code]) + (3).to_bytes(4, "big")
    expected = FF1(OCTETS, 10).encrypt(tweak, f"{77:0{DIGITS[kind]}}")
    assert parse(issue(kind, 77)) == ParsedText(kind, 3, int(expected))


@every_kind
def test_tenant_version_and_key_each_give_another_token(kind: str) -> None:
    bodies = {
        (parse(issue(kind)) or ParsedText("", 0, 0)).body,
        (parse(issue(kind, tenant=6)) or ParsedText("", 0, 0)).body,
        (parse(issue(kind, version=4)) or ParsedText("", 0, 0)).body,
        (parse(issue_many(FormatKey(bytes(32)), tenant=5, kind=kind, version=3, serials=[1])[0]) or ("", 0, 0))[2],
    }
    assert len(bodies) == 4


@every_kind
def test_no_other_tenant_or_version_or_key_resolves_to_the_serial(kind: str) -> None:
    texts = issue_many(KEY, tenant=5, kind=kind, version=3, serials=range(1000))
    right: list[tuple[int, int] | None] = [(3, serial) for serial in range(1000)]
    assert resolve_many({3: KEY}, tenant=5, kind=kind, texts=texts) == right
    assert resolve_many({4: KEY}, tenant=5, kind=kind, texts=texts) == [None] * 1000
    for keys, tenant in (({3: KEY}, 6), ({3: FormatKey(bytes(32))}, 5)):
        answers = resolve_many(keys, tenant=tenant, kind=kind, texts=texts)
        assert sum(answer == mine for answer, mine in zip(answers, right, strict=True)) < 5


def forged(kind: str, version: int, body: int) -> str:
    """A text that anybody can write: right prefix and check digit, any body."""
    digits = f"{body:0{DIGITS[kind]}}"
    if kind == "phone":
        return f"154{version:02}{digits}"
    if kind == "bank_card":
        payload = f"997000{version:04}{digits}"
        return next(payload + check for check in "0123456789" if luhn_holds(payload + check))
    born = date.fromordinal(date(1970, 1, 1).toordinal() + version).strftime("%Y%m%d")
    payload = f"99{digits[:4]}{born}{digits[4:]}"
    return next(payload + check for check in "0123456789X" if iso7064_holds(payload + check))


@pytest.mark.parametrize(("kind", "most"), [("phone", 10_000), ("id_card", 100_000), ("bank_card", 1_000_000)])
def test_one_in_a_hundred_texts_may_be_issued_and_any_serial_of_the_sub_range_resolves(kind: str, most: int) -> None:
    assert capacity(kind) == most
    assert resolve(kind, issue(kind, 100 * most - 1)) == (3, 100 * most - 1)
    with pytest.raises(OutOfDomainError):
        issue_many(KEY, tenant=5, kind=kind, version=3, serials=[0, 100 * most])


@every_kind
def test_drawn_serials_are_different_and_all_over_the_sub_range(kind: str) -> None:
    drawn = draw_serials(kind, 5_000)
    assert len(set(drawn)) == 5_000
    assert min(drawn) < domain(kind) / 100
    assert max(drawn) > domain(kind) * 99 / 100
    assert draw_serials(kind, 5_000) != drawn


@every_kind
def test_a_version_without_a_sub_range_is_refused(kind: str) -> None:
    assert issue(kind, version=VERSIONS[kind] - 1)
    for version in (-1, VERSIONS[kind]):
        with pytest.raises(RangeExhaustedError):
            issue(kind, version=version)


@every_kind
def test_a_negative_serial_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="not negative"):
        issue_many(KEY, tenant=5, kind=kind, version=3, serials=[1, -1])


@every_kind
def test_a_token_asked_for_as_another_kind_is_none(kind: str) -> None:
    others = sorted({*VERSIONS, "name", ""} - {kind})
    assert resolve(kind, issue(kind)) == (3, 1)
    assert [resolve(other, issue(kind)) for other in others] == [None] * len(others)


@pytest.mark.parametrize("kind", ["id_card", "bank_card"])
def test_every_change_of_one_digit_is_none(kind: str) -> None:
    text = issue(kind)
    changed = [text[:at] + other + text[at + 1 :] for at in range(len(text)) for other in "0123456789X"]
    assert [parse(bad) for bad in changed if bad != text] == [None] * (len(changed) - len(text))


@every_kind
def test_any_other_writing_of_a_token_is_none(kind: str) -> None:
    text = issue(kind)
    assert parse(text) is not None
    full_width = text[:8] + chr(ord(text[8]) + 0xFEE0) + text[9:]
    writings = ["+86" + text, " " + text, text + "\n", text[:-1] + "\n", text + "0", text[:-1], full_width, text[::-1]]
    writings += [text[:8] + "\ud800" + text[9:], text[:8] + "²" + text[9:], text[:3] + " " + text[3:], text + text, ""]
    assert [parse(writing) for writing in writings] == [None] * len(writings)


def test_a_lower_case_check_character_is_another_writing() -> None:
    texts = issue_many(KEY, tenant=5, kind="id_card", version=3, serials=range(100))
    ending_in_x = [text for text in texts if text.endswith("X")]
    assert ending_in_x
    assert all(parse(text[:-1] + "x") is None for text in ending_in_x)


def id_card(born: str) -> str:
    payload = f"990000{born}000"
    return next(payload + check for check in "0123456789X" if iso7064_holds(payload + check))


def test_id_card_dates_that_stand_for_no_version_are_none() -> None:
    assert parse(id_card("19700101")) == ParsedText("id_card", 0, 0)
    assert parse(id_card("19970518")) == ParsedText("id_card", 9999, 0)
    outside = ["19691231", "19970519", "19710229", "19701301", "19700100", "00000101", "19700001"]
    assert [parse(id_card(born)) for born in outside] == [None] * len(outside)


@given(
    st.one_of(
        st.text(max_size=25),
        st.from_regex(r"\A154[0-9]{0,9}\Z"),
        st.from_regex(r"\A99\d{15}[\dXx]\Z"),
        st.from_regex(r"\A997000\d{12,14}\Z"),
    ),
    kinds,
)
def test_parsing_and_resolving_never_raise_and_parse_only_what_can_be_written(text: str, kind: str) -> None:
    parsed = parse(text)
    assert parsed is None or forged(*parsed) == text
    assert resolve_many({3: KEY}, tenant=5, kind=kind, texts=[text])[0] is None or (parsed and parsed.kind == kind)


def test_good_and_bad_texts_keep_their_places_in_a_batch_of_several_versions() -> None:
    new = FormatKey(bytes(32))
    fresh = issue_many(new, tenant=5, kind="phone", version=4, serials=[8])[0]
    texts = ["", issue("phone", 7), fresh, issue("phone", 1, version=5), issue("phone", 9), issue("id_card")]
    answers = resolve_many({3: KEY, 4: new}, tenant=5, kind="phone", texts=texts)
    assert answers == [None, (3, 7), (4, 8), None, (3, 9), None]


def test_a_configured_phone_range_takes_the_place_of_the_default() -> None:
    text = issue_many(KEY, tenant=5, kind="phone", version=3, serials=[1], phone_prefix="179")[0]
    assert text.startswith("17903")
    assert parse(text) is None
    assert parse(issue("phone"), phone_prefix="179") is None
    assert resolve_many({3: KEY}, tenant=5, kind="phone", texts=[text], phone_prefix="179") == [(3, 1)]


def test_the_default_phone_range_is_unassigned_in_the_installed_metadata() -> None:
    check_unassigned()


@pytest.mark.parametrize("prefix", ["138", "153", "174", "162", "199"])
def test_a_phone_range_that_people_may_have_is_refused(prefix: str) -> None:
    with pytest.raises(RangeInUseError):
        check_unassigned(prefix)


@pytest.mark.parametrize("assigned", [15400000000, 15477700000, 15499999999])
def test_a_part_of_the_range_that_is_assigned_later_is_enough(assigned: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def valid(number: phonenumbers.PhoneNumber) -> bool:
        return number.country_code == 86 and number.national_number == assigned

    check_unassigned.cache_clear()  # a process with another version of the library
    monkeypatch.setattr(phonenumbers, "is_valid_number", valid)
    with pytest.raises(RangeInUseError):
        check_unassigned()


@pytest.mark.parametrize("prefix", ["", "15", "1544", "254", "124", "15x", "154\n", "１54"])
def test_a_text_that_is_no_prefix_of_mobile_numbers_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="three digits"):
        check_unassigned(prefix)


def test_an_empty_batch_is_empty() -> None:
    assert issue_many(KEY, tenant=5, kind="phone", version=3, serials=[]) == []
    assert resolve_many({3: KEY}, tenant=5, kind="phone", texts=[]) == []
