"""Asking holders that are away, refuse, or cannot do an act, without a database."""

import uuid
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from dsar.fulfilment.asking import Round
from dsar.fulfilment.task import Asked
from dsar.holders.errors import HolderAwayError, HolderRefusedError
from dsar.holders.holder import Act, Errand, Holder, Person
from dsar.request import Level, Request, RequestState
from dsar.right import Requester, Right

AT = 1_800_000_000_000


@dataclass
class Beside:
    """A system that answers as a test has it."""

    name: str
    answers: list[Exception | None] = field(default_factory=list)
    acts: frozenset[Act] = frozenset(Act)
    errands: list[Errand] = field(default_factory=list)

    def do(self, errand: Errand) -> None:
        self.errands.append(errand)
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer


class These:
    """The holders of every tenant."""

    def __init__(self, *beside: Beside) -> None:
        self.beside = beside

    def of(self, tenant: int) -> list[Holder]:
        return cast("list[Holder]", list(self.beside))


def asked() -> Asked:
    request = Request(
        tenant=1,
        id=uuid.UUID(int=7),
        right=Right.RESTRICTION,
        regime="pipl",
        requester=Requester.SELF,
        subject=5,
        state=RequestState.EXECUTING,
        level=Level.CHANNEL,
        locale="en",
        received_at=AT,
        due_at=AT,
    )
    return Asked(request, (), AT)


def do(holder: Any, person: Person, errand: Errand) -> None:
    assert person == Person(1, 5)
    holder.do(errand)


def test_who_was_away_is_asked_again_by_the_same_errand_when_they_said() -> None:
    orders, vault = Beside("orders", [HolderAwayError(AT + 90_000)]), Beside("vault")
    round_ = Round(These(orders, vault))
    assert round_.ask(asked(), Act.RESTRICT, do) == (90.0, False)
    assert round_.ask(asked(), Act.RESTRICT, do) == (None, False)
    assert len(set(orders.errands + vault.errands)) == 1


def test_the_service_itself_is_asked_first_and_nobody_who_cannot() -> None:
    told: list[str] = []
    notes = Beside("notes", acts=frozenset({Act.DISPOSE}))
    round_ = Round(These(Beside("orders"), notes, Beside("vault")))
    round_.ask(asked(), Act.RESTRICT, lambda holder, _person, _errand: told.append(holder.name))
    assert told == ["vault", "orders"]


def test_a_refusal_keeps_nobody_else_from_doing_it_and_is_told() -> None:
    orders, vault = Beside("orders"), Beside("vault", [HolderRefusedError("not_supported")])
    answers = Round(These(orders, vault)).ask(asked(), Act.RESTRICT, do)
    assert (answers.wait_seconds, answers.partially) == (None, ("holder_refused",))
    assert len(orders.errands) == 1


@pytest.mark.parametrize(("again_at", "wait"), [(0, 0.5), (AT + 10_000_000_000, 3_600.0)])
def test_a_wait_is_neither_nothing_nor_longer_than_an_hour(again_at: int, wait: float) -> None:
    away = Beside("orders", [HolderAwayError(again_at)])
    assert Round(These(away)).ask(asked(), Act.RESTRICT, do).wait_seconds == wait
