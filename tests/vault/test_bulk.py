"""Rows as items and answers as rows: what is asked, kept, refused and counted."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from vault.bulk.mapping import Mapping, Plan
from vault.bulk.rows import (
    DONE,
    EMPTY,
    REF_PATTERN,
    SUBJECT_PATTERN,
    WHOLE_ROW,
    Answer,
    KeptPersonalError,
    Record,
    Refused,
    Row,
    count,
    formula_safe,
    gathered,
    prepare,
    refusals_in,
    settle,
    text_of,
)
from vault.messages import Ref, SubjectId

PHONE = "13800138000"
HEADER = ("order", "user", "phone", "note", "amount")
PLAN = Plan.of(
    Mapping.of(["user:phone=phone"], notes=["note"], keep=["amount"], ref="order:{order}"),
    HEADER,
)


def prepared(*cells: object) -> Row:
    return prepare(PLAN, Record(7, cells))


def test_mapped_cells_are_asked_and_kept_cells_copied() -> None:
    row = prepared("o-1", "cust-1", PHONE, "leave it", "12.50")
    asked = [(ask.column.kind, ask.subject, ask.text, ask.ref) for ask in row.asks]
    assert asked == [("phone", "cust-1", PHONE, "order:o-1"), ("note", "cust-1", "leave it", "order:o-1")]
    assert row.cells == ["o-1", "cust-1", "", "", "12.50"]
    settle(row, [Answer("tok_1"), Answer("tok_2")])
    assert row.cells == ["o-1", "cust-1", "tok_1", "tok_2", "12.50"]
    assert not row.refused


def test_a_refused_cell_stays_empty() -> None:
    row = prepared("o-1", "cust-1", "12", "leave it", "12.50")
    settle(row, [Answer(refused="not_a_phone"), Answer("tok_2")])
    assert row.cells == ["o-1", "cust-1", "", "tok_2", "12.50"]
    assert row.refused == [Refused(7, "phone", "not_a_phone")]


@pytest.mark.parametrize("blank", ["", "   ", None, math.nan])
def test_an_empty_cell_is_neither_asked_nor_refused(blank: object) -> None:
    row = prepared("o-1", "cust-1", blank, "leave it", "")
    assert [ask.column.name for ask in row.asks] == ["note"]
    assert not row.refused
    assert row.empty == ["phone"]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (("o-1", "", PHONE, "", ""), "missing_subject"),
        (("o-1", "  ", PHONE, "", ""), "missing_subject"),
        (("", "cust-1", PHONE, "", ""), "missing_ref"),
        (("o-1", "cust 1", PHONE, "", ""), "invalid_subject"),
        (("o-1", "用户1", PHONE, "", ""), "invalid_subject"),
        (("订单1", "cust-1", PHONE, "", ""), "invalid_ref"),
        (("o-1", "cust-1", "1" * 8_001, "", ""), "too_long"),
        (("o-1", "cust-1", "138\ufffd", "", ""), "bad_encoding"),
        (("o-1", "cust-1", ["138"], "", ""), "not_text"),
        (("o-1", "cust-1", True, "", ""), "not_text"),
    ],
)
def test_what_cannot_be_asked_is_refused_here(cells: tuple[object, ...], code: str) -> None:
    row = prepared(*cells)
    assert not row.asks
    assert row.refused == [Refused(7, "phone", code)]
    assert row.cells[2] == ""


def test_a_subject_that_is_no_text_of_the_encoding_is_not_copied() -> None:
    row = prepared("o-1", "cust\ufffd", PHONE, "", "")
    assert row.cells[1] == ""
    assert {refusal.column for refusal in row.refused} == {"user", "phone"}


@pytest.mark.parametrize(
    "personal",
    [
        PHONE,
        "call +86 138-0013-8000",
        "１３８００１３８０００",
        pytest.param(int(PHONE), id="a whole number"),
        "11010519491231002X",
        "4111 1111 1111 1111",
        {"phone": PHONE},
    ],
)
def test_a_kept_column_with_a_personal_number_stops_the_run_and_names_the_place_only(personal: object) -> None:
    with pytest.raises(KeptPersonalError, match=r"column amount .* line 7") as raised:
        prepared("o-1", "cust-1", "", "", personal)
    assert str(personal) not in str(raised.value)


@pytest.mark.parametrize("position", [0, 1])
def test_subject_and_reference_columns_are_guarded_like_kept_ones(position: int) -> None:
    cells = ["o-1", "cust-1", "", "", ""]
    cells[position] = PHONE
    with pytest.raises(KeptPersonalError, match=f"column {HEADER[position]} "):
        prepared(*cells)


@pytest.mark.parametrize(
    "harmless", ["2026-09-01T00:03:10+08:00", "20260901000310", "12.50", 12.5, None, "tok_abc-13_8"]
)
def test_dates_amounts_and_tokens_are_kept(harmless: object) -> None:
    assert prepared("o-1", "cust-1", "", "", harmless).cells[4] == harmless


@given(st.one_of(st.text(max_size=70), st.from_regex(r"[a-z]{1,33}:?[A-Za-z0-9._:-]{0,66}", fullmatch=True)))
def test_subjects_and_references_are_judged_as_the_service_does(text: str) -> None:
    for pattern, model in ((SUBJECT_PATTERN, TypeAdapter(SubjectId)), (REF_PATTERN, TypeAdapter(Ref))):
        try:
            model.validate_python(text)
            accepted = True
        except ValidationError:
            accepted = False
        assert bool(pattern.fullmatch(text)) is accepted


def test_a_row_that_could_not_be_read_is_left_out_and_counted() -> None:
    row = prepare(PLAN, Record(9, (), "wrong_number_of_cells"))
    assert not row.written
    assert row.refused == [Refused(9, WHOLE_ROW, "wrong_number_of_cells")]


def test_counts_tell_done_empty_and_refused_by_column() -> None:
    tally: dict[str, dict[str, int]] = {}
    for cells, answers in (
        (("o-1", "cust-1", PHONE, "x", ""), [Answer("tok_1"), Answer("tok_2")]),
        (("o-2", "cust-1", "12", "", ""), [Answer(refused="not_a_phone")]),
        (("o-3", "", PHONE, "", ""), []),
    ):
        row = prepared(*cells)
        settle(row, answers)
        count(tally, row)
    assert tally == {
        "phone": {DONE: 1, "not_a_phone": 1, "missing_subject": 1},
        "note": {DONE: 1, EMPTY: 2},
    }
    assert refusals_in(tally) == 2


def test_a_number_that_a_table_tool_made_a_fraction_is_its_digits() -> None:
    assert text_of(float(PHONE)) == PHONE
    assert text_of(int(PHONE)) == PHONE
    assert text_of(1.5) is None


def test_no_repr_shows_a_cell() -> None:
    row = prepared("o-1", "cust-1", PHONE, "leave it", "")
    shown = repr([Record(1, (PHONE,)), row, row.asks, Answer(PHONE)])
    assert PHONE not in shown
    assert "leave it" not in shown


def rows_with(asks: list[int]) -> list[Row]:
    ask = prepared("o-1", "cust-1", PHONE, "", "").asks[0]
    return [Row(line, [], asks=[ask] * number) for line, number in enumerate(asks)]


@given(st.lists(st.integers(0, 7), max_size=60), st.integers(7, 20), st.integers(0, 60))
def test_batches_keep_every_row_in_order_and_cut_alike_from_any_former_cut(
    asks: list[int], limit: int, start: int
) -> None:
    batches = [[row.line for row in batch] for batch in gathered(rows_with(asks), limit)]
    assert [line for batch in batches for line in batch] == list(range(len(asks)))
    assert all(sum(asks[line] for line in batch) <= limit and 0 < len(batch) <= limit for batch in batches)
    if batches:
        begun = start % len(batches)
        rest = rows_with(asks)[batches[begun][0] :]
        assert [[row.line for row in batch] for batch in gathered(rest, limit)] == batches[begun:]


@pytest.mark.parametrize("formula", ["=1+1", "+SUM(A1)", "-cmd|' /C calc'!A0", "@x", "\t=1", "\r=1", "＝1"])
def test_what_a_spreadsheet_would_run_is_written_as_text(formula: str) -> None:
    assert formula_safe(formula) == "'" + formula


@pytest.mark.parametrize("harmless", ["+8613800138000", "+86 138-0013-8000", "-12.50", "tok_1", "王小帆", "", "138"])
def test_numbers_and_words_are_written_as_they_are(harmless: str) -> None:
    assert formula_safe(harmless) == harmless
