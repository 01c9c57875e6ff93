"""What an entry says: canonical bytes over a closed set of fields."""

import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit.entry import (
    ENTRY_BYTES_AT_MOST,
    SUBJECTS_PER_ENTRY,
    Act,
    Action,
    Actor,
    ActorKind,
    Behalf,
    Group,
    ObjectRef,
    Outcome,
    PolicyDigest,
    Reason,
    SubjectRef,
)
from audit.event_id import uuid7

AT = 1_793_606_400_123
REQUEST = str(uuid7(AT))
EVENT = str(uuid7(AT))
WHO = Actor(ActorKind.CREDENTIAL, 7, "service")

pseudonyms = st.text("abcXYZ019_-", min_size=22, max_size=22)
codes = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)


def act(*groups: Group, **fields: Any) -> Act:
    return Act(Action.TOKENIZE, WHO, 1, AT, REQUEST, groups or (Group(Outcome.DONE),), **fields)


@st.composite
def groups(draw: st.DrawFn) -> Group:
    size = draw(st.integers(0, 3))
    subjects = [SubjectRef(draw(pseudonyms)) for _ in range(size)]
    refs = [ObjectRef(draw(pseudonyms)) for _ in range(size)] if draw(st.booleans()) else []
    rows = draw(st.lists(st.integers(1, 2**48), min_size=size, max_size=size)) if draw(st.booleans()) else []
    return Group(
        draw(st.sampled_from(Outcome)),
        draw(st.none() | st.sampled_from(Reason)),
        draw(st.none() | codes),
        draw(st.none() | codes),
        draw(st.none() | codes),
        subjects,
        rows,
        refs,
        draw(st.none() | st.integers(0, 10_000)),
    )


@given(st.lists(groups(), min_size=1, max_size=4), st.sampled_from(Action), st.integers(0, 2**31), st.booleans())
def test_bytes_are_those_of_rfc_8785(parts: list[Group], action: Action, tenant: int, acting: bool) -> None:
    behalf = Behalf("courier", SubjectRef("a" * 22)) if acting else None
    for body in Act(action, WHO, tenant, AT, REQUEST, parts, policy=PolicyDigest("0" * 16), behalf=behalf).entries(
        EVENT
    ):
        assert body == rfc8785.dumps(orjson.loads(body))
        assert body.isascii()


def test_an_entry_says_who_did_what_when_and_to_whom() -> None:
    group = Group(Outcome.DONE, None, "delivery", "plain", "phone", [SubjectRef("s" * 22)], [5], [ObjectRef("r" * 22)])
    (body,) = act(group, policy=PolicyDigest("0123456789abcdef")).entries(EVENT)
    assert orjson.loads(body) == {
        "v": 1,
        "act": EVENT,
        "part": 1,
        "parts": 1,
        "at": "2026-11-02T08:00:00.123Z",
        "tenant": 1,
        "request": REQUEST,
        "action": "vault.tokenize",
        "outcome": "done",
        "actor": {"kind": "credential", "id": 7, "role": "service"},
        "purpose": "delivery",
        "view": "plain",
        "kind": "phone",
        "policy": "0123456789abcdef",
        "subjects": ["s" * 22],
        "rows": [5],
        "ref": "r" * 22,
        "count": 1,
    }


@pytest.mark.parametrize("size", [0, 1, 499, 500, 501, 1_000, 1_001])
def test_long_groups_are_split_and_nothing_is_lost_or_doubled(size: int) -> None:
    rows = list(range(1, size + 1))
    subjects = [SubjectRef(f"{row:022}") for row in rows]
    refs = [ObjectRef(f"{row % 3:022}") for row in rows]
    entries = [
        orjson.loads(body) for body in act(Group(Outcome.DONE, subjects=subjects, rows=rows, refs=refs)).entries(EVENT)
    ]
    assert len(entries) == max(1, -(-size // SUBJECTS_PER_ENTRY))
    assert [entry["part"] for entry in entries] == list(range(1, len(entries) + 1))
    assert {entry["parts"] for entry in entries} == {len(entries)}
    assert [row for entry in entries for row in entry.get("rows", [])] == rows
    assert [subject for entry in entries for subject in entry.get("subjects", [])] == subjects
    assert sum(entry["count"] for entry in entries) == max(1, size)


def test_the_longest_part_fits_into_a_log_entry() -> None:
    rows = [2**48 - 1] * SUBJECTS_PER_ENTRY
    group = Group(
        Outcome.DENIED, Reason.NOT_NECESSARY, "p" * 48, "plain", "k" * 48, [SubjectRef("s" * 22)] * len(rows), rows,
        [ObjectRef(f"{number:022}") for number in range(len(rows))],
    )  # fmt: skip
    (body,) = act(group, policy=PolicyDigest("0" * 16), behalf=Behalf("courier", SubjectRef("b" * 22))).entries(EVENT)
    assert len(body) <= ENTRY_BYTES_AT_MOST


@pytest.mark.parametrize(
    "make",
    [
        lambda: Actor(ActorKind.CREDENTIAL, 1, "Customer Service"),
        lambda: Behalf("courier", SubjectRef("rider-0282")),
        lambda: Behalf("王小明", None),
        lambda: Group(Outcome.DONE, purpose="13812345678"),
        lambda: Group(Outcome.DONE, kind="王小明"),
        lambda: Group(Outcome.DONE, view="x" * 49),
        lambda: Group(Outcome.DONE, subjects=[SubjectRef("s" * 22)], rows=[1, 2]),
        lambda: act(policy=PolicyDigest("my policy")),
        lambda: Act(Action.TOKENIZE, WHO, 1, AT, "request of 13812345678"),
    ],
    ids=["role", "behalf", "behalf_role", "purpose", "kind", "view", "columns", "policy", "request"],
)
def test_free_text_finds_no_place_in_an_entry(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"code|pseudonym|together|digest|UUID"):
        make()


def test_event_ids_are_version_7_and_grow_with_time() -> None:
    made = [uuid7(AT + millisecond) for millisecond in range(50)]
    assert made == sorted(made)
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {"specified in RFC 4122"}
    assert made[3].int >> 80 == AT + 3
    assert len({uuid7(AT) for _ in range(1_000)}) == 1_000
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", EVENT)
