"""Every kind: all writings of one value share one normal form; what does not fit is refused without being repeated."""

import re
from datetime import date

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vault.identifier import KIND_BY_CODE, KINDS, InvalidIdentifier, Sensitivity, normal_form

ID = "11010519491231002X"  # the example of GB 11643
CARD = "6222021234567890128"


def form(kind: str, value: str, region: str = "CN") -> str:
    return normal_form(KINDS[kind], value, region=region)


def refusal(kind: str, value: str, region: str = "CN") -> str:
    with pytest.raises(InvalidIdentifier) as caught:
        form(kind, value, region)
    return caught.value.code


def test_codes_are_the_ones_inside_issued_tokens() -> None:
    assert {kind.name: kind.code for kind in KINDS.values()} == {
        "name": 1, "phone": 2, "landline": 3, "email": 4, "address": 5, "id_card": 6, "passport": 7, "bank_card": 8,
        "license_plate": 9, "wechat_id": 10, "birth_date": 11, "geo": 12, "note": 13,
    }  # fmt: skip
    assert {code: kind.name for code, kind in KIND_BY_CODE.items()} == {k.code: k.name for k in KINDS.values()}


def test_what_article_28_calls_sensitive_is_sensitive() -> None:
    sensitive = {kind.name for kind in KINDS.values() if kind.sensitivity is Sensitivity.SENSITIVE}
    assert sensitive == {"id_card", "passport", "bank_card", "birth_date", "geo"}


WRITINGS = [
    ("name", "张三", ["张三", " 张三\n", "张 三", "张\u3000三", "\ufeff张三", "张\u200b三"]),
    ("name", "阿卜杜拉·买买提", ["阿卜杜拉•买买提", "阿卜杜拉・买买提", "阿卜杜拉 · 买买提"]),
    ("name", "Anna Lee", ["Anna  Lee", "Anna\u00a0Lee", "Ａｎｎａ Lee", "Anna\tLee"]),
    ("phone", "+8613812345678", ["13812345678", "138 1234 5678", "138-1234-5678", "+86 13812345678", "8613812345678"]),
    ("phone", "+8613812345678", ["0086 138-1234-5678", "１３８１２３４５６７８", "\u202d13812345678\u202c"]),
    ("phone", "+8613812345678", ["(+86)13812345678", "138\u20131234\u20135678", "+86\u00a0138 1234 5678"]),
    ("phone", "+8613812345678;ext=1234", ["13812345678转1234", "13812345678,1234", "138-1234-5678 ext. 1234"]),
    ("phone", "+8613812345678;ext=1234", ["13812345678#1234", "13812345678 分机1234", "13812345678-1234"]),
    ("phone", "+85261234567", ["+852 6123 4567", "00852-61234567", "+852-6123-4567"]),
    ("phone", "+16502530000", ["+1 (650) 253-0000", "001 650 253 0000"]),
    ("landline", "+861062345678", ["010-62345678", "(010)62345678", "010 6234 5678", "+86 10 62345678"]),
    ("landline", "+861062345678;ext=801", ["010-62345678-801", "010-62345678转801", "01062345678 分机 801"]),
    ("landline", "+864001234567", ["400-123-4567", "4001234567", "400 1234 567"]),
    ("email", "zhang.san+a@example.com", ["Zhang.San+A@Example.COM", "ｚhang.san+a@example.com "]),
    ("email", "wang@xn--fsqu00a.xn--fiqs8s", ["wang@例子.中国", "wang@例子。中国", "wang@XN--FSQU00A.xn--fiqs8s"]),
    ("address", "杭州市西湖区文三路918号", ["杭州市 西湖区 文三路918号", "杭州市西湖区文三路\u3000９１８号"]),
    ("address", "12 Main St, Apt 4", ["12  Main St, Apt 4", "12 Main St,\nApt 4"]),
    ("id_card", ID, [ID, ID.lower(), "110105 19491231 002X", "110105491231002", "１１０１０５19491231002Ｘ"]),
    ("passport", "E12345678", ["e12345678", "E 1234 5678"]),
    ("bank_card", CARD, [CARD, "6222 0212 3456 7890 128", "6222-0212-3456-7890-128"]),
    ("license_plate", "沪A12345", ["沪A·12345", "沪a 12345", "滬A-12345", "沪Ａ１２３４５"]),
    ("wechat_id", "wx_8349825", ["WX_8349825", " wx_8349825 "]),
    ("birth_date", "1990-01-01", ["1990/1/1", "1990年1月1日", "1990.01.01", "19900101", "1990 年 1 月 1 日"]),
    (
        "geo",
        "39.904200,116.407400",
        ["39.9042,116.4074", "39.9042, 116.4074", "39.9042，116.4074", "+39.9042 116.4074"],
    ),
    ("geo", "0.000000,0.000000", ["-0.0000001,0", "0,-0.0"]),
    ("note", "放门口\n\tdon't", ["放门口\n\tdon't"]),
    ("note", "caf\u00e9", ["cafe\u0301"]),
]


@pytest.mark.parametrize(("kind", "normal", "writings"), WRITINGS)
def test_all_writings_of_a_value_share_its_normal_form(kind: str, normal: str, writings: list[str]) -> None:
    assert {form(kind, writing) for writing in writings} == {normal}


@pytest.mark.parametrize(
    ("region", "writing", "normal"),
    [
        ("HK", "6123 4567", "+85261234567"),
        ("TW", "0912-345-678", "+886912345678"),
        ("MO", "66123456", "+85366123456"),
        ("HK", "+8613812345678", "+8613812345678"),
        ("TW", "+86 138 1234 5678", "+8613812345678"),
    ],
)
def test_a_number_without_country_code_is_read_in_the_tenants_region(region: str, writing: str, normal: str) -> None:
    assert form("phone", writing, region) == normal


@pytest.mark.parametrize(
    "plate",
    [
        "京AD12345",
        "粤B12345D",
        "粤Z1234港",
        "粤Z1234澳",
        "京A1234警",
        "京A1234学",
        "京A1234挂",
        "使014578",
        "WJ京12345",
    ],
)
def test_special_plates_are_plates(plate: str) -> None:
    assert form("license_plate", plate) == plate


REFUSALS = [
    ("phone", "", "empty"),
    ("phone", " \u3000\t", "empty"),
    ("phone", "无", "not_a_phone"),
    ("phone", "1381234", "not_a_phone"),
    ("phone", "138123456789", "not_a_phone"),
    ("phone", "12812345678", "not_a_phone"),
    ("phone", "6502530000 FLOWERS", "not_a_phone"),
    ("phone", "1" * 41, "too_long"),
    ("phone", "13812345\x00678", "control_characters"),
    ("landline", "13812345678", "not_a_landline"),
    ("landline", "62345678", "not_a_phone"),
    ("name", "???", "not_a_name"),
    ("name", "张\x1b[31m", "control_characters"),
    ("name", "\ud800", "not_unicode"),
    ("address", "12-3", "not_an_address"),
    ("email", "zhang@localhost", "not_an_email"),
    ("email", "zhang san@example.com", "not_an_email"),
    ("email", "a..b@example.com", "not_an_email"),
    ("email", "a@1.2.3.4", "not_an_email"),
    ("email", f"{'a' * 65}@example.com", "not_an_email"),
    ("id_card", ID[:17] + "1", "wrong_check_digit"),
    ("id_card", "99" + ID[2:], "unknown_place"),
    ("id_card", "110105194913310020", "not_a_date"),
    ("id_card", "110105490231002", "not_a_date"),
    ("id_card", ID + "1", "not_an_id_card"),
    ("bank_card", CARD[:-1] + "9", "wrong_check_digit"),
    ("bank_card", "12345678901", "not_a_bank_card"),
    ("passport", "PASSPORT", "not_a_passport"),
    ("passport", "13812345678", "not_a_passport"),
    ("license_plate", "沪I12345", "not_a_license_plate"),
    ("license_plate", "沪A1234", "not_a_license_plate"),
    ("wechat_id", "wx", "not_a_wechat_id"),
    ("birth_date", "1990-02-30", "not_a_date"),
    ("birth_date", "01/02/1990", "not_a_date"),
    ("geo", "91,0", "out_of_bounds"),
    ("geo", "nan,0", "not_a_position"),
    ("geo", "1e1,0", "not_a_position"),
    ("note", "\n", "empty"),
    ("note", "a" * 4001, "too_long"),
    ("note", "a\x00", "control_characters"),
]


@pytest.mark.parametrize(("kind", "value", "code"), REFUSALS)
def test_what_does_not_fit_is_refused_by_code_and_never_repeated(kind: str, value: str, code: str) -> None:
    assert refusal(kind, value) == code
    said = InvalidIdentifier(code)
    assert re.fullmatch(r"[a-z_]+", str(said))
    assert "%" not in said.detail
    assert "{" not in said.detail


@pytest.mark.parametrize(
    "writing", ["15412345678", "154-1234-5678", "+86 15412345678", "0154 1234 5678", "(154)12345678"]
)
def test_the_range_of_format_preserving_tokens_is_no_phone(writing: str) -> None:
    assert refusal("phone", writing) == "not_a_phone"


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=60), st.sampled_from(["CN", "HK", "TW", "MO", "US", "XX", ""]))
@example("phone", "+" * 40, "CN")
@example("phone", "00" * 20, "CN")
@example("phone", "+86;ext=1", "CN")
@example("name", "ﷺ" * 100, "CN")
def test_any_text_has_a_stable_normal_form_or_is_refused(kind: str, value: str, region: str) -> None:
    try:
        normal = form(kind, value, region)
    except InvalidIdentifier:
        return
    assert form(kind, normal, region) == normal
    assert normal.encode()


@given(
    st.sampled_from(sorted(KINDS)),
    st.text(alphabet="0123456789+-() .;,x#转extX@aB年月日号/:京沪A·\u202d\u200b１\ud800\x00", max_size=30),
)
def test_a_text_of_telling_characters_has_a_stable_normal_form_or_is_refused(kind: str, value: str) -> None:
    try:
        normal = form(kind, value)
    except InvalidIdentifier:
        return
    assert form(kind, normal) == normal


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize(
    "value", ["9" * 1_000_000, "(" * 1_000_000, "\ud800" * 100_000, "a." * 120 + "@", "\u202e" * 100]
)
def test_hostile_texts_are_refused_or_answered_at_once(kind: str, value: str) -> None:
    try:
        form(kind, value)
    except InvalidIdentifier:
        return
    assert len(value) <= KINDS[kind].max_length


@given(
    st.sampled_from(["", "+86", "+86 ", "+86-", "0086", "0086 ", "86", "86 ", "86-"]),
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["", " ", "-"]),
    st.sampled_from(["", " ", "-"]),
)
def test_the_short_way_for_mainland_mobiles_answers_what_phonenumbers_would(
    prefix: str, digits: str, first: str, second: str
) -> None:
    writing = prefix + first.join([digits[:3], second.join([digits[3:7], digits[7:]])])
    expected = phonenumbers.format_number(phonenumbers.parse(writing, "CN"), phonenumbers.PhoneNumberFormat.E164)
    if digits.startswith("154"):
        assert refusal("phone", writing) == "not_a_phone"
    else:
        assert form("phone", writing) == expected


@given(st.integers(0, 10**6), st.dates(min_value=date(1900, 1, 1)), st.integers(0, 999))
def test_of_all_check_characters_exactly_one_is_accepted(place: int, born: date, sequence: int) -> None:
    body = f"44{place % 10000:04}{min(born.year, 2099)}{born.month:02}{min(born.day, 28):02}{sequence:03}"
    accepted = [last for last in "0123456789X" if not _refused("id_card", body + last)]
    assert len(accepted) == 1


@given(st.from_regex(r"[1-9][0-9]{11,18}", fullmatch=True), st.integers(0, 18), st.integers(1, 9))
def test_one_wrong_digit_on_a_card_is_always_found(body: str, place: int, shift: int) -> None:
    card = next(body[:-1] + last for last in "0123456789" if not _refused("bank_card", body[:-1] + last))
    place %= len(card)
    wrong = card[:place] + str((int(card[place]) + shift) % 10) + card[place + 1 :]
    assert _refused("bank_card", wrong)


def _refused(kind: str, value: str) -> bool:
    try:
        form(kind, value)
    except InvalidIdentifier:
        return True
    return False
