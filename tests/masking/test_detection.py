"""Personal values are found in free text, in whatever disguise, at the right offsets, in linear time."""

import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masking.detection.normal import normalize
from masking.detection.scanning import RECOGNIZERS, Scanner, TooManyFindingsError
from masking.detection.span import Span, resolve
from masking.mask import mask

SCANNER = Scanner()
PHONE = "13812345678"
RESIDENT = "11010519491231002X"
HAN = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
BANKERS = dict(zip("0123456789", "〇壹贰叁肆伍陆柒捌玖", strict=True))


def found(text: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in SCANNER.scan(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("放门口,电话13812345678", [("phone", "13812345678")]),
        ("+86 138-1234-5678 收", [("phone", "+86 138-1234-5678")]),
        ("打17012345678转1234", [("phone", "17012345678转1234")]),
        ("13512345678、13512345679", [("phone", "13512345678"), ("phone", "13512345679")]),
        ("深圳市南山区科苑路15号B座1203室", [("address", "深圳市南山区科苑路15号B座1203室")]),
        ("座机0571-87654321转02", [("landline", "0571-87654321转02")]),
        ("热线400-820-8820", [("landline", "400-820-8820")]),
        ("HK +852 6123 4567", [("phone", "+852 6123 4567")]),
        ("台湾手机 0912-345-678", [("phone", "0912-345-678")]),
        ("call +44 20 7946 0958", [("phone", "+44 20 7946 0958")]),
        ("+1 (212) 555-0100", [("phone", "+1 (212) 555-0100")]),
        ("1 (800) 555-0199 ext. 12", [("phone", "1 (800) 555-0199 ext. 12")]),
        ("1-800-FLOWERS", [("phone", "1-800-FLOWERS")]),
        ("001-920-866-4851x17", [("phone", "001-920-866-4851x17")]),
        ("not answering at (88) 684-334", [("phone", "(88) 684-334")]),
        ("Phone: 02.27.96.63.08", [("phone", "02.27.96.63.08")]),
        ("062-085-9260x155 mobile", [("phone", "062-085-9260x155")]),
        ("+49 30 901820 ext 5", [("phone", "+49 30 901820 ext 5")]),
        ("邮箱abc@qq.com谢谢", [("email", "abc@qq.com")]),
        ("a.b+c@mail.example.co.uk", [("email", "a.b+c@mail.example.co.uk")]),
        (f"身份证{RESIDENT}", [("id_card", RESIDENT)]),
        ("身份证 110105491231002", [("id_card", "110105491231002")]),
        ("HKID A123456(3)", [("id_card", "A123456(3)")]),
        ("身分證字號A123456789", [("id_card", "A123456789")]),
        ("护照 E12345678", [("passport", "E12345678")]),
        ("回乡证H12345678", [("travel_permit", "H12345678")]),
        ("卡号 6222 0202 0000 0000 017", [("bank_card", "6222 0202 0000 0000 017")]),
        ("4111111111111111", [("bank_card", "4111111111111111")]),
        ("91350100M000100Y43", [("credit_code", "91350100M000100Y43")]),
        ("加微信:abc_12345 谢谢", [("wechat_id", "abc_12345")]),
        ("薇信号是wx-98765a", [("wechat_id", "wx-98765a")]),
        ("扣扣12345678", [("qq", "12345678")]),
        ("合作Q：12345678", [("qq", "12345678")]),
        ("Wechat ID: abc123456", [("wechat_id", "abc123456")]),
        ("86-10-62345678", [("landline", "86-10-62345678")]),
        ("886-912-345-678", [("phone", "886-912-345-678")]),
        ("出生于1987年3月14日", [("birth_date", "1987年3月14日")]),
        ("生日 1990-01-02", [("birth_date", "1990-01-02")]),
        ("护照 E83 920174", [("passport", "E83 920174")]),
        ("车牌京A·12345", [("license_plate", "京A·12345")]),
        ("沪AD12345停门口", [("license_plate", "沪AD12345")]),
        ("运单SF1234567890123", [("parcel", "SF1234567890123")]),
        ("from 203.0.113.7 port", [("ip_address", "203.0.113.7")]),
        ("00:1a:2b:3c:4d:5e", [("mac_address", "00:1a:2b:3c:4d:5e")]),
        ("定位31.2304,121.4737", [("geo", "31.2304,121.4737")]),
    ],
)
def test_a_value_is_found_with_its_kind(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "少放辣,不要香菜,谢谢师傅!",
        "订单20231111138123456780",
        "一共35.80元,满30减5",
        "2023-11-11 12:30送到",
        "三三两两的人,一个一个来",
        "版本1.2.3,编号100200300",
        "3楼2单元1501",
        "微信支付",
        "12.5kg 1000ml 500g",
        "call before 2026-10-12 11.30",
        "call 123-456-789-012-345-678",
    ],
)
def test_what_is_no_personal_value_is_left_alone(text: str) -> None:
    assert found(text) == []


DISGUISES: dict[str, Callable[[str], str]] = {
    "spaced": " ".join,
    "dashed": "-".join,
    "full stops": "。".join,
    "listed": "丶".join,
    "telephone signs": lambda number: "📞".join((number[:3], number[3:])),
    "middle dots": lambda number: "·".join((number[:3], number[3:7], number[7:])),
    "commas": lambda number: "，".join((number[:3], number[3:7], number[7:])),
    "full width": lambda number: "".join(chr(ord(digit) + 0xFEE0) for digit in number),
    "Chinese numerals": lambda number: "".join(HAN[digit] for digit in number),
    "bankers' numerals": lambda number: "".join(BANKERS[digit] for digit in number),
    "every second a numeral": lambda number: "".join(
        HAN[digit] if place % 2 else digit for place, digit in enumerate(number)
    ),
    "letters": lambda number: number.replace("0", "O").replace("1", "l"),
    "cyrillic letters": lambda number: number.replace("0", "о").replace("1", "I"),
    "circled": lambda number: "".join("⓪①②③④⑤⑥⑦⑧⑨"[int(digit)] for digit in number),
    "keycaps": lambda number: "".join(f"{digit}\ufe0f\u20e3" for digit in number),
    "zero width": "\u200b".join,
}


@pytest.mark.parametrize("number", [PHONE, "110105199003070009"])
@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_number_in_disguise_is_found_whole(number: str, disguise: str) -> None:
    hidden = DISGUISES[disguise](number)
    text = f"联系{hidden}谢谢"
    covered = {place for span in SCANNER.scan(text) for place in range(span.start, span.end)}
    assert set(range(2, 2 + len(hidden))) <= covered


@pytest.mark.parametrize(
    ("kind", "number"), [("phone", PHONE), ("id_card", "110105199003070009"), ("bank_card", "6222020200000000017")]
)
@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_number_in_disguise_has_the_mask_of_the_plain_number(kind: str, number: str, disguise: str) -> None:
    assert mask(kind, DISGUISES[disguise](number)) == mask(kind, number)
    assert mask(kind, DISGUISES[disguise](number), "waybill") == mask(kind, number, "waybill")


NOISE = st.text(st.sampled_from("放门口的谢啊,。 😀👨‍👩‍👧e\u0301ﬁ㎏\u200b"), max_size=12)


@given(before=NOISE, after=NOISE)
def test_offsets_count_code_points_of_the_text_as_it_came(before: str, after: str) -> None:
    text = f"{before}电话{PHONE},{after}"
    (span,) = SCANNER.scan(text)
    assert text[span.start : span.end].rstrip("\u200b") == PHONE


@given(st.text(max_size=200))
def test_any_text_is_searched_and_its_findings_are_in_order_apart_and_inside(text: str) -> None:
    end = 0
    for span in SCANNER.scan(text):
        assert end <= span.start < span.end <= len(text)
        end = span.end


@given(st.text(max_size=100))
def test_normalizing_keeps_a_way_back(text: str) -> None:
    normal = normalize(text)
    if normal.ends is not None:
        assert len(normal.ends) == len(normal.text)
        assert list(normal.ends) == sorted(set(normal.ends))
    else:
        assert len(normal.text) == len(text)


def test_lone_surrogates_are_no_obstacle() -> None:
    text = f"\ud83d电话{PHONE}\udc00"
    assert found(text) == [("phone", PHONE)]


@pytest.mark.parametrize("unit", ["1", "1-", "一", "a@", "(1", "1３八O", "1:", "1\u200b", "微信", "+8", "1.1."])
def test_hostile_text_takes_work_in_proportion_to_its_length(unit: str) -> None:
    """Counted in calls of Python, so that no clock is asked."""

    def calls(length: int) -> int:
        counted = 0

        def count(_frame: object, event: str, _argument: object) -> None:
            nonlocal counted
            counted += event in {"call", "c_call"}

        text = (unit * length)[:length]
        sys.setprofile(count)
        try:
            SCANNER.scan(text)
        except TooManyFindingsError:
            pass
        finally:
            sys.setprofile(None)
        return counted

    assert calls(8_000) <= 4.5 * calls(2_000) + 2_000


@given(st.text(st.sampled_from("0123456789一三 -.,:@号路栋室QqvVxX微信电话上海EHA()+"), max_size=60))
def test_the_gate_lets_through_whatever_a_pattern_finds(text: str) -> None:
    octets = normalize(text).text.encode()
    let_through = set(SCANNER._gate.Match(octets) or ())
    assert {place for place, pattern in enumerate(SCANNER._patterns) if pattern.search(octets)} <= let_through


def test_too_many_candidates_are_told_apart_from_none() -> None:
    with pytest.raises(TooManyFindingsError):
        SCANNER.scan(f"{PHONE} " * 5_000)


def test_the_surest_of_overlapping_findings_wins_then_the_longest() -> None:
    spans = [Span("a", 0, 5, 0.4), Span("b", 3, 8, 1.0), Span("c", 3, 9, 1.0), Span("d", 9, 10, 0.4)]
    assert resolve(spans) == [Span("c", 3, 9, 1.0), Span("d", 9, 10, 0.4)]


def test_every_kind_has_a_name_for_presidio() -> None:
    plugin = pytest.importorskip("masking.recognizers.plugin")
    assert {one.kind for one in RECOGNIZERS} | {"place"} == set(plugin.ENTITIES)
