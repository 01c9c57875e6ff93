"""The ``--map`` grammar, and how a mapping meets a header."""

import pytest

from vault.bulk.mapping import Mapping, MappingError, Plan, SubjectMap

HEADER = ("订单号", "用户ID", "收货人", "收货电话", "备注", "金额")


def test_a_map_names_the_subject_column_and_pairs_of_kind_and_column() -> None:
    assert SubjectMap.parse("用户ID:phone=收货电话,name=收货人") == SubjectMap(
        "用户ID", (("phone", "收货电话"), ("name", "收货人"))
    )


def test_column_names_may_hold_commas_colons_and_equal_signs() -> None:
    assert SubjectMap.parse("user:id:phone=phone, mobile,name=a=b,id_card=no") == SubjectMap(
        "user:id", (("phone", "phone, mobile"), ("name", "a=b"), ("id_card", "no"))
    )


@pytest.mark.parametrize(
    "text", ["", "用户ID", "用户ID:", "用户ID:收货电话", "phone=收货电话", "用户ID:phone=", ":phone=收货电话"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(MappingError, match="is not of the form"):
        SubjectMap.parse(text)


@pytest.mark.parametrize(
    ("maps", "keep", "ref"),
    [
        (["用户ID:phone=收货电话,name=收货电话"], [], None),
        (["用户ID:phone=收货电话", "骑手ID:phone=收货电话"], [], None),
        (["用户ID:phone=用户ID"], [], None),
        (["用户ID:phone=收货电话"], ["收货电话"], None),
        (["用户ID:phone=收货电话"], [], "order:{收货电话}"),
        ([], ["金额"], None),
    ],
)
def test_a_column_has_one_use(maps: list[str], keep: list[str], ref: str | None) -> None:
    with pytest.raises(MappingError):
        Mapping.of(maps, keep=keep, ref=ref)


def test_an_unknown_kind_is_named_with_those_that_are_known() -> None:
    with pytest.raises(MappingError, match=r"telephone is no kind .* name, phone"):
        Mapping.of(["用户ID:telephone=收货电话"])


def test_notes_belong_to_the_first_maps_subject() -> None:
    mapping = Mapping.of(["用户ID:phone=收货电话", "骑手ID:name=骑手姓名"], notes=["备注"])
    assert mapping.maps[0].columns == (("phone", "收货电话"), ("note", "备注"))
    with pytest.raises(MappingError, match="--note needs a --map"):
        Mapping.of([], notes=["备注"])


def test_the_output_has_what_was_named_in_the_order_of_the_file() -> None:
    mapping = Mapping.of(["用户ID:phone=收货电话,name=收货人"], notes=["备注"], ref="order:{订单号}")
    plan = Plan.of(mapping, HEADER)
    assert plan.output == ("订单号", "用户ID", "收货人", "收货电话", "备注")
    assert [(value.name, value.kind, value.subject) for value in plan.values] == [
        ("收货电话", "phone", 1),
        ("收货人", "name", 1),
        ("备注", "note", 1),
    ]


def test_a_missing_column_is_named_with_those_that_are_there() -> None:
    mapping = Mapping.of(["用户:phone=收货电话"], keep=["餐厅"])
    with pytest.raises(MappingError, match=r"missing column: 用户, 餐厅\ncolumns of the file: 订单号, 用户ID, .*金额"):
        Plan.of(mapping, HEADER)


def test_a_column_that_the_file_has_twice_is_refused_only_if_it_is_named() -> None:
    header = (*HEADER, "金额")
    Plan.of(Mapping.of(["用户ID:phone=收货电话"]), header)
    with pytest.raises(MappingError, match="金额 more than once"):
        Plan.of(Mapping.of(["用户ID:phone=收货电话"], keep=["金额"]), header)


def test_a_reference_template_is_filled_by_columns_only() -> None:
    ref = Mapping.of(["用户ID:phone=收货电话"], ref="order:{订单号}/{订单号}{金额.__class__}").ref
    assert ref is not None
    assert ref.columns == ("订单号", "金额.__class__")
    assert ref.fill({"订单号": "{金额}", "金额.__class__": "x"}) == "order:{金额}/{金额}x"
