"""Masks show what their profile says and no more, alike for every writing, and never what they did not understand."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from masking.mask import PROFILES, UnknownProfileError, mask, mask_many
from tests.vault.test_identifier import WRITINGS
from vault.identifier import KINDS

HIDDEN = "***"

MASKS = [
    ("name", "display", "张三", "张*"),
    ("name", "display", "张三丰", "张**"),
    ("name", "display", "欧阳娜娜", "欧阳**"),
    ("name", "display", "欧阳锋", "欧阳*"),
    ("name", "display", "欧阳", "欧*"),
    ("name", "display", "歐陽修", "歐陽*"),
    ("name", "display", "阿卜杜拉·买买提", "阿**"),
    ("name", "display", "john smith", "J***"),
    ("name", "display", "김민준", "김**"),
    ("name", "export", "张三", HIDDEN),
    ("phone", "display", "13812345678", "138****5678"),
    ("phone", "display", "+852 5912 3419", "59****19"),
    ("phone", "display", "59123419", "59****19"),
    ("phone", "display", "+853 6612 3456", "66****56"),
    ("phone", "display", "0912-345-678", "09****78"),
    ("phone", "display", "+886 912 345 678", "09****78"),
    ("phone", "display", "+44 (0)20 7946 0958", "+44****58"),
    ("phone", "display", "00442079460958", "+44****58"),
    ("phone", "display", "+1 650 253 0000", "+1****00"),
    ("phone", "waybill", "13812345678", "1*******678"),
    ("phone", "waybill", "+85259123419", "****19"),
    ("phone", "export", "13812345678", HIDDEN),
    ("landline", "display", "0571-87654321", "0571****21"),
    ("landline", "display", "010-62345678-801", "010****78"),
    ("landline", "display", "400-123-4567", "400****67"),
    ("landline", "waybill", "8765432", HIDDEN),
    ("email", "display", "John@Example.com", "j***@example.com"),
    ("email", "display", "jo@example.com", "***@example.com"),
    ("id_card", "display", "11010519491231002X", "1****************X"),
    ("id_card", "display", "110105491231002", "1****************X"),
    ("id_card", "support", "110105194912310021", "110***********0021"),
    ("id_card", "waybill", "11010519491231002X", HIDDEN),
    ("passport", "display", "E12345678", "E****78"),
    ("bank_card", "display", "6222 0212 3456 7890 128", "****0128"),
    ("license_plate", "display", "沪A·12345", "沪A****45"),
    ("wechat_id", "display", "wx_8349825", "w****25"),
    ("birth_date", "display", "1990年1月1日", "1990-**-**"),
    ("geo", "display", "39.9042,116.4074", "39.90,116.40"),
    ("geo", "export", "-0.01,116.4074", "-0.1,116.4"),
    ("place", "display", "浙江省杭州市", "浙江省杭州市"),
    ("place", "display", "三里屯", HIDDEN),
    ("place", "waybill", "杭州", HIDDEN),
    ("note", "display", "放门口,电话13812345678", HIDDEN),
    ("no_such_kind", "display", "13812345678", HIDDEN),
]


@pytest.mark.parametrize(("kind", "profile", "value", "masked"), MASKS)
def test_a_value_is_masked_as_its_profile_says(kind: str, profile: str, value: str, masked: str) -> None:
    assert mask(kind, value, profile) == masked


ADDRESSES = [
    ("上海市徐汇区宛平南路500弄9号楼660室", "上海市徐汇区***", "宛平南路500弄***", "宛平南路500弄9号楼***"),
    ("浙江省杭州市滨江区缤纷北苑47-6-746", "浙江省杭州市滨江区***", "缤纷北苑***", "缤纷北苑47***"),
    ("杭州市西湖区文三路918号天苑大厦14楼B座", "杭州市西湖区***", "路918号天苑大厦***", "路918号天苑大厦***"),
    ("嘉兴市南湖区怡景苑一幢二单元1027", "嘉兴市南湖区***", "怡景苑***", "怡景苑一幢***"),
    ("杭州市江干区下沙12号大街东芝公寓2栋422", "杭州市江干区***", "12号大街东芝公寓***", "12号大街东芝公寓2栋***"),
    ("臺北市信義區忠孝東路5段68號3樓", HIDDEN, "忠孝東路5段68号***", "忠孝東路5段68号***"),
    ("乐清市北白象镇东兴街美佳惠超市收货人张三", "乐清市***", "东兴街美佳惠超市***", "东兴街美佳惠超市***"),
    ("杭州市文三路918号 13812345678", "杭州市***", "文三路918号***", "文三路918号***"),
]


@pytest.mark.parametrize(("address", "district", "estate", "building"), ADDRESSES)
def test_an_address_ends_at_the_level_of_its_profile(address: str, district: str, estate: str, building: str) -> None:
    assert mask("address", address).endswith(estate)
    assert mask("address", address, "waybill").endswith(building)
    assert mask("address", address, "support") == mask("address", address, "waybill")
    if district != HIDDEN:
        assert mask("address", address, "export") == district


UNFIT = [
    ("name", "张"),
    ("name", "13812345678"),
    ("phone", "1381234567"),
    ("phone", "138123456789"),
    ("phone", "无"),
    ("phone", "张三13812345678"),
    ("email", "13812345678"),
    ("email", "@example.com"),
    ("address", "13812345678"),
    ("address", "张三"),
    ("address", "12 Main Street"),
    ("id_card", "1101051949123100"),
    ("passport", "E123"),
    ("bank_card", "13812345678"),
    ("license_plate", "A"),
    ("wechat_id", "微信"),
    ("birth_date", "一九九〇年"),
    ("geo", "95,200"),
    ("geo", "here"),
]


@pytest.mark.parametrize(("kind", "value"), UNFIT)
@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_a_value_that_does_not_fit_its_kind_is_hidden_whole(kind: str, value: str, profile: str) -> None:
    assert mask(kind, value, profile) == HIDDEN


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(UnknownProfileError):
        mask("phone", "13812345678", "everything")


@pytest.mark.parametrize("profile", sorted(PROFILES))
@pytest.mark.parametrize(("kind", "normal", "writings"), WRITINGS)
def test_every_writing_of_one_value_masks_alike(kind: str, normal: str, writings: list[str], profile: str) -> None:
    assert {mask(kind, writing, profile) for writing in writings} == {mask(kind, normal, profile)}


values = st.one_of(
    st.sampled_from([value for kind, _, value, _ in MASKS] + [address for address, *_ in ADDRESSES]),
    st.text(alphabet="0123456789+-() .,*张三欧阳省市区路号弄幢楼室苑A@xX年月日·转１\u200b\ud800\x00", max_size=30),
    st.text(max_size=30),
)
kinds = st.sampled_from([*sorted(KINDS), "no_such_kind"])
profiles = st.sampled_from(sorted(PROFILES))


@given(kinds, values, profiles)
@example("address", "浙江-杭州-江干区江汽配城115-117号", "waybill")
@example("phone", "400-239-4567", "display")
@example("geo", "-0.001,0", "display")
def test_masking_a_mask_changes_nothing(kind: str, value: str, profile: str) -> None:
    masked = mask(kind, value, profile)
    assert mask(kind, masked, profile) == masked


@given(kinds, values, profiles)
def test_no_value_comes_back_unless_it_was_a_mask_already(kind: str, value: str, profile: str) -> None:
    masked = mask(kind, value, profile)
    assert masked != value or "*" in value or kind == "geo"
    assert "*" in masked or kind == "geo"


# The longest run of digits or letters of the value that a mask may show; addresses and mail domains are judged apart.
LONGEST_RUN = {
    "name": 2, "phone": 4, "landline": 4, "id_card": 4, "passport": 3, "bank_card": 4, "license_plate": 2,
    "wechat_id": 2, "birth_date": 4, "note": 0,
}  # fmt: skip


@given(st.sampled_from(sorted(LONGEST_RUN)), values, profiles)
def test_no_run_is_shown_longer_than_the_kind_allows(kind: str, value: str, profile: str) -> None:
    shown = re.split(r"[*-]+", mask(kind, value, profile))
    assert max(len(run) for run in shown) <= LONGEST_RUN[kind]


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_of_a_mobile_four_digits_are_hidden_and_seven_on_a_waybill(number: str) -> None:
    assert mask("phone", number) == f"{number[:3]}****{number[7:]}"
    assert mask("phone", number, "waybill") == f"1*******{number[8:]}"


@given(
    st.sampled_from(["上海市徐汇区", "杭州市西湖区文三路918号", "温州市北白象镇"]),
    st.sampled_from(["翡翠城", "金丰大厦", "怡景苑", "东海柠檬郡小区"]),
    st.one_of(st.integers(1, 99).map(str), st.sampled_from(list("ABC一二三")), st.just("十二")),
    st.sampled_from(["幢", "栋", "号楼", "座"]),
    st.tuples(
        st.sampled_from(["", "3单元", "三单元", "东单元", "5层", "B1层", "12楼", "十二楼"]),
        st.integers(101, 3999).map(str),
        st.sampled_from(["", "室", "房", "号"]),
    ).map("".join),
)
def test_no_unit_floor_or_room_is_shown(area: str, estate: str, building: str, word: str, room: str) -> None:
    address = f"{area}{estate}{building}{word}{room}"
    assert mask("address", address) == f"{area}{estate}***"
    assert mask("address", address, "waybill") == f"{area}{estate}{building}{word}***"


@given(st.lists(st.tuples(kinds, values), max_size=8), profiles)
def test_a_batch_is_masked_like_its_items_in_order(items: list[tuple[str, str]], profile: str) -> None:
    assert mask_many(items, profile) == [mask(kind, value, profile) for kind, value in items]


@pytest.mark.parametrize("kind", [*sorted(KINDS), "no_such_kind"])
@pytest.mark.parametrize("text", ["1" * 10**6, "号" * 10**6, "1-" * 500, "-" * 1000, "\ud800" * 999, "市" * 1000])
def test_hostile_texts_are_masked_at_once(kind: str, text: str) -> None:
    assert len(mask(kind, text)) <= 1003
