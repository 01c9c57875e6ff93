"""Addresses are cut at any level; a finer level shows what a coarser one does, and more."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masking.address import Level, mask_address
from masking.gazetteer.divisions import Tier, heads

ADDRESS = "浙江省杭州市滨江区长河街道江南大道228号缤纷北苑47幢2单元1001室"
CUTS = {
    Level.PROVINCE: "浙江省***",
    Level.CITY: "浙江省杭州市***",
    Level.DISTRICT: "浙江省杭州市滨江区***",
    Level.TOWN: "浙江省杭州市滨江区长河街道***",
    Level.ROAD: "浙江省杭州市滨江区长河街道江南大道***",
    Level.ESTATE: "浙江省杭州市滨江区长河街道江南大道228号缤纷北苑***",
    Level.BUILDING: "浙江省杭州市滨江区长河街道江南大道228号缤纷北苑47幢***",
    Level.UNIT: "浙江省杭州市滨江区长河街道江南大道228号缤纷北苑47幢2单元***",
}


@pytest.mark.parametrize("level", Level)
def test_an_address_ends_at_its_level(level: Level) -> None:
    assert mask_address(ADDRESS, level) == CUTS[level]


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("浙江丽水莲都水木清华117栋969", "浙江丽水莲都***"),
        ("宁波宁波市江北区双东路35弄", "宁波宁波市江北区***"),
        ("北京朝阳区建国路88号", "北京朝阳区***"),
        ("延边州延吉市光明街3号", "延边州延吉市***"),
        ("乐清市北白象镇东兴街", "乐清市***"),
    ],
)
def test_divisions_in_short_or_said_twice_are_known(address: str, masked: str) -> None:
    assert mask_address(address, Level.DISTRICT) == masked


def test_the_name_of_a_road_is_no_county() -> None:
    assert list(heads("宁波江东路1号")) == [(Tier.CITY, 2)]


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("红旗新区26-1栋11单元1299室", "红旗新区26-1栋***"),
        ("国际商贸城79号门7楼6街51309", "国际商贸城79号门***"),
        ("中山东路548号解放军113医院住院部3楼", "中山东路548号解放军113医院住院部***"),
        ("温西工具市场西门锦桥商城12幢4号", "温西工具市场西门锦桥商城12幢***"),
        ("潮锦园区14撞1219", "潮锦园区14撞***"),
        ("金华稠州西路105号手机店", "金华稠州西路105号手机店***"),
        ("文三路9号杭州大厦B座12楼", "文三路9号杭州大厦B座***"),
    ],
)
def test_a_building_is_shown_and_nothing_in_it(address: str, masked: str) -> None:
    assert mask_address(address, Level.BUILDING) == masked


parts = st.lists(
    st.sampled_from(
        [
            "浙江省",
            "杭州市",
            "滨江区",
            "长河街道",
            "江南大道",
            "228号",
            "缤纷北苑",
            "47幢",
            "2单元",
            "3楼",
            "1001",
            "室",
            "-",
            " ",
            "西门",
        ]
    ),
    max_size=10,
).map("".join)


@given(parts)
def test_a_finer_level_shows_what_a_coarser_one_does(address: str) -> None:
    shown = [mask_address(address, level).removesuffix("***") for level in Level if level is not Level.TOWN]
    for coarse, fine in pairwise(shown):
        assert fine == "" or coarse.startswith(fine) or fine.startswith(coarse)


@given(parts, st.sampled_from(Level))
def test_cutting_again_changes_nothing(address: str, level: Level) -> None:
    once = mask_address(address, level)
    assert mask_address(once, level) == once


@given(st.text("号-1幢区市路村*", max_size=400), st.sampled_from(Level))
def test_any_text_is_cut(address: str, level: Level) -> None:
    assert mask_address(address, level).endswith("***")
