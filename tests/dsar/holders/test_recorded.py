"""Parts of this service whose acts stand in the book: once, and counted truly whenever the process dies, on both databases."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from uuid import UUID

import pytest

from audit.log import AuditLog
from dsar.holders.book import Book
from dsar.holders.errors import HolderHeldError, HolderRefusedError
from dsar.holders.holder import Act, Disposal, Errand, Holding, Person, Piece, Receipt
from dsar.holders.recorded import RecordedHolder
from tests.support.vault import Vault

REQUEST = UUID("0199e7a0-0000-7000-8000-000000000002")
PERSON = Person(1, 7)
ERRAND = Errand(request=REQUEST, key="first")
KEPT = ("phone", "delivery", "order:o-2")


class KilledError(BaseException):
    """The process is gone."""


class Shelf:
    """A part that holds five values for one use and two for another."""

    name = "shelf"
    acts = frozenset({Act.INVENTORY, Act.DISCLOSE, Act.DISPOSE, Act.RESTRICT, Act.RELEASE})

    def __init__(self) -> None:
        self.held = {("phone", "delivery", "order:o-1"): 5, KEPT: 2}
        self.hindered: Callable[[], None] = lambda: None
        self.restricted: list[bool] = []

    def inventory(self, person: Person, errand: Errand) -> Sequence[Holding]:
        return [
            Holding(holder=self.name, category=use[0], purpose=use[1], ref=use[2], count=count, since=0)
            for use, count in self.held.items()
        ]

    def disclose(self, person: Person, errand: Errand) -> Iterator[Piece]:
        return iter([("phone", {"value": "13812345678"})])

    def rectify(self, person: Person, corrections: Mapping[str, str], errand: Errand) -> Receipt:
        raise AssertionError("not among its acts")

    def restrict(self, person: Person, errand: Errand, *, on: bool) -> Receipt:
        self.restricted.append(on)
        return Receipt(holder=self.name, method="restrict", count=7, at=5)

    def dispose(self, person: Person, disposal: Disposal, errand: Errand) -> Receipt:
        gone = sum(self.held.pop(use) for use in set(self.held) - disposal.keep)
        self.hindered()
        return Receipt(holder=self.name, method="delete", count=gone, at=5)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def recorded(vault: Vault, shelf: Shelf) -> RecordedHolder:
    return RecordedHolder(shelf, Book(vault.database, AuditLog(), vault.clock))


def disposed(recorded: RecordedHolder, keep: frozenset[tuple[str, str, str]] = frozenset({KEPT})) -> Receipt:
    return recorded.dispose(PERSON, Disposal(reason="erasure_request", keep=keep), ERRAND)


def test_an_act_is_done_once_and_stands_in_the_book(vault: Vault, recorded: RecordedHolder, shelf: Shelf) -> None:
    first = disposed(recorded)
    assert (first.method, first.count, first.at) == ("delete", 5, 5)
    shelf.held[("phone", "delivery", "order:o-1")] = 9
    assert disposed(recorded) == first
    assert vault.sql("SELECT holder, act, key, state, count, outside FROM holder_task") == [
        ("shelf", "dispose", "first", "completed", 5, None)
    ]
    recorded.restrict(PERSON, ERRAND, on=True)
    recorded.restrict(PERSON, ERRAND, on=True)
    recorded.restrict(PERSON, ERRAND, on=False)
    assert shelf.restricted == [True, False]


def test_a_process_that_dies_between_the_act_and_its_note_leaves_the_true_count(
    recorded: RecordedHolder, shelf: Shelf
) -> None:
    def die() -> None:
        raise KilledError

    shelf.hindered = die
    with pytest.raises(KilledError):
        disposed(recorded)
    shelf.hindered = lambda: None
    assert disposed(recorded).count == 5


def test_a_refusal_leaves_the_task_open(vault: Vault, recorded: RecordedHolder, shelf: Shelf) -> None:
    def refuse() -> None:
        raise HolderHeldError

    shelf.hindered = refuse
    with pytest.raises(HolderHeldError):
        disposed(recorded)
    assert vault.sql("SELECT state FROM holder_task") == [("asked",)]


def test_what_the_part_cannot_do_is_not_asked(vault: Vault, recorded: RecordedHolder) -> None:
    with pytest.raises(HolderRefusedError, match="not_supported"):
        recorded.rectify(PERSON, {"phone": "1"}, ERRAND)
    assert vault.sql("SELECT 1 FROM holder_task") == []


def test_counting_and_giving_out_pass_through(vault: Vault, recorded: RecordedHolder) -> None:
    assert [one.count for one in recorded.inventory(PERSON, ERRAND)] == [5, 2]
    assert list(recorded.disclose(PERSON, ERRAND)) == [("phone", {"value": "13812345678"})]
    assert vault.sql("SELECT 1 FROM holder_task") == []


@pytest.mark.parametrize("key", ["", "a key", "x" * 41, "王", "A"])
def test_an_errand_is_named_by_a_code(key: str) -> None:
    with pytest.raises(ValueError, match="code"):
        Errand(request=REQUEST, key=key)
