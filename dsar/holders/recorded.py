"""A part of this service as a holder whose acts stand in the book like those of the systems beside it.

What is held before a disposal is counted and noted. So a process that dies between the act and its note loses nothing: whoever
comes after it asks again, the part does nothing more and counts nothing, and what is gone since the first count is what was done.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from dsar.holders.book import Book
from dsar.holders.errors import HolderRefusedError
from dsar.holders.holder import Act, Disposal, Errand, Holder, Holding, Person, Piece, Receipt
from dsar.holders.task import OPEN, Task


class RecordedHolder:
    """A holder, and the book of what it has done."""

    def __init__(self, holder: Holder, book: Book) -> None:
        self._holder = holder
        self._book = book

    @property
    def name(self) -> str:
        """The part's."""
        return self._holder.name

    @property
    def acts(self) -> frozenset[Act]:
        """The part's."""
        return self._holder.acts

    def inventory(self, person: Person, errand: Errand) -> Sequence[Holding]:
        """As the part has it; counting is not noted."""
        return self._holder.inventory(person, errand)

    def disclose(self, person: Person, errand: Errand) -> Iterator[Piece]:
        """As the part has it, which puts it into the log itself."""
        return self._holder.disclose(person, errand)

    def rectify(self, person: Person, corrections: Mapping[str, str], errand: Errand) -> Receipt:
        """Once."""
        return self._once(person, errand, Act.RECTIFY, lambda: self._holder.rectify(person, corrections, errand))

    def restrict(self, person: Person, errand: Errand, *, on: bool) -> Receipt:
        """Once."""
        act = Act.RESTRICT if on else Act.RELEASE
        return self._once(person, errand, act, lambda: self._holder.restrict(person, errand, on=on))

    def dispose(self, person: Person, disposal: Disposal, errand: Errand) -> Receipt:
        """Once."""
        task = self._opened(person, errand, Act.DISPOSE)
        if task.state not in OPEN:
            return task.receipt()
        if not task.count:
            task = self._book.counted(task, self._held(person, errand))
        receipt = self._holder.dispose(person, disposal, errand)
        gone = receipt.count or max(0, task.count - self._held(person, errand))
        return self._completed(task, receipt, gone)

    def _once(self, person: Person, errand: Errand, act: Act, do: Callable[[], Receipt]) -> Receipt:
        task = self._opened(person, errand, act)
        if task.state not in OPEN:
            return task.receipt()
        receipt = do()
        return self._completed(task, receipt, receipt.count)

    def _opened(self, person: Person, errand: Errand, act: Act) -> Task:
        if act not in self.acts:
            raise HolderRefusedError("not_supported")
        return self._book.opened(person.tenant, errand, self.name, act, answer_days=None)

    def _held(self, person: Person, errand: Errand) -> int:
        return sum(one.count for one in self._holder.inventory(person, errand))

    def _completed(self, task: Task, receipt: Receipt, count: int) -> Receipt:
        done = self._book.completed(task, method=receipt.method, count=count, evidence=receipt.evidence, at=receipt.at)
        return done.receipt()
