"""The entry schema is closed: a field that could hold free text fails here, before anybody can put a person's data into it."""

import ast
import dataclasses
import enum
import re
import types
import typing
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from audit import entry
from audit.entry import (
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
    Succession,
)

ROOT = Path(__file__).parents[2]
REQUEST = "01a20211-eebb-7b0f-8d29-9f5f5b1f0a8e"
DIGESTS = {SubjectRef, ObjectRef, PolicyDigest}
MAKERS_OF_DIGESTS = {"vault/policy.py", "vault/subject.py", "vault/grouping.py", "vault/pseudonym.py"}
WRITERS_OF_IDS = {"dsar/request.py", "work/decisions.py"}
"""What writes an id that is made here and tells nothing of anybody, in the form of a pseudonym."""
KEEPERS_OF_PSEUDONYMS = {"dsar/erasure/means.py", "masking/relay/binding.py", "masking/relay/routing.py"}
"""What kept a pseudonym that the vault had made, of a person or an order, and reads it back."""

FREE_TEXTS = (
    "13812345678",
    "+8613812345678",
    "11010519491231002X",
    "6222021234567890123",
    "6222021234567890",
    "zhang.san@example.com",
    "张三",
    "北京市朝阳区建国路88号",
    "Zhang San",
    "called the customer",
    "京A12345",
    "192.0.2.17",
    "a\nb",
)
"""What people write, and what they are: none of it may get into a text field of an entry."""

TEXT_FIELDS: dict[tuple[type, str], Any] = {
    (Actor, "role"): lambda text: Actor(ActorKind.CREDENTIAL, 1, text),
    (Behalf, "role"): lambda text: Behalf(text, None),
    (Group, "purpose"): lambda text: Group(Outcome.DONE, purpose=text),
    (Group, "view"): lambda text: Group(Outcome.DONE, view=text),
    (Group, "kind"): lambda text: Group(Outcome.DONE, kind=text),
    (Group, "wording"): lambda text: Group(Outcome.DONE, wording=text),
    (Succession, "root"): lambda text: Succession(1, 1, text),
    (Act, "request"): lambda text: Act(Action.SEARCH, Actor(ActorKind.SYSTEM), 1, 0, text),
    (Act, "key"): lambda text: Act(Action.SEARCH, Actor(ActorKind.SYSTEM), 1, 0, REQUEST, key=text),
}
"""Every field whose type is text, and how one is made. Each must refuse what is not its form."""


def fields_of(kind: type) -> Iterator[tuple[type, str, Any]]:
    """Each field that an entry is made of: the class, the field's name and its type without Optional and Sequence."""
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        for inner in plain(hints[field.name]):
            if dataclasses.is_dataclass(inner):
                yield from fields_of(typing.cast(type, inner))
            else:
                yield kind, field.name, inner


def plain(hint: Any) -> Iterator[Any]:
    if typing.get_origin(hint) in {typing.Union, types.UnionType, Sequence, typing.get_origin(Sequence[int])}:
        for inner in typing.get_args(hint):
            yield from plain(inner)
    elif hint is not type(None):
        yield hint


def names_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from names_of(inner)


def test_no_field_of_an_entry_can_hold_free_text() -> None:
    for owner, name, kind in fields_of(Act):
        closed = kind is int or kind in DIGESTS or (isinstance(kind, type) and issubclass(kind, enum.Enum))
        assert closed or (kind is str and (owner, name) in TEXT_FIELDS), f"{owner.__name__}.{name} could hold free text"


@pytest.mark.parametrize(("owner", "name"), TEXT_FIELDS)
def test_a_text_field_refuses_what_is_not_its_form(owner: type, name: str) -> None:
    for text in FREE_TEXTS:
        with pytest.raises(ValueError, match=r"code|pseudonym|digest|digits|UUID"):
            TEXT_FIELDS[owner, name](text)


def test_every_text_field_that_is_tried_here_is_one() -> None:
    assert {(owner, name) for owner, name, kind in fields_of(Act) if kind is str} == set(TEXT_FIELDS)


def test_enumerated_values_are_codes() -> None:
    for listed in (Action, Outcome, Reason, ActorKind):
        for value in listed:
            assert re.fullmatch(r"[a-z][a-z_]*(\.[a-z_]+)?", value), value


def test_only_the_vault_makes_pseudonyms_and_digests() -> None:
    makers = set()
    for path in ROOT.glob("*/**/*.py"):
        if path.parts[len(ROOT.parts)] in {".venv", "bench", "tests", "build", "clients"}:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) in {kind.__name__ for kind in DIGESTS}:
                makers.add(str(path.relative_to(ROOT)))
    assert makers == MAKERS_OF_DIGESTS | WRITERS_OF_IDS | KEEPERS_OF_PSEUDONYMS


def test_every_name_in_an_entry_is_documented() -> None:
    group = Group(
        Outcome.DENIED,
        Reason.POLICY,
        purpose="delivery",
        view="plain",
        kind="phone",
        subjects=[SubjectRef("A" * 22)] * 2,
        rows=[1, 2],
        refs=[ObjectRef("B" * 22), ObjectRef("C" * 22)],
    )
    actor = Actor(ActorKind.CREDENTIAL, 1, "service")
    act = Act(
        Action.DETOKENIZE,
        actor,
        1,
        0,
        REQUEST,
        [group],
        policy=PolicyDigest("0" * 16),
        behalf=Behalf("courier", SubjectRef("A" * 22)),
        approver=actor,
        key="0" * 64,
        succeeds=Succession(1, 2, "0" * 64),
    )
    (body,) = act.entries(REQUEST)
    documented = set(re.findall(r"[a-z_]+", entry.__doc__ or ""))
    assert set(names_of(orjson.loads(body))) <= documented
