"""A part of this service as a holder whose acts stand in the book like those of the systems beside it.

How many values an act is about is counted and noted before it. So a process that dies between the act and its note loses nothing:
whoever comes after it asks again, the part does nothing more and counts nothing, and what was noted before stands.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from dsar.holders.book import Book
from dsar.holders.errors import HolderRefusedError
from dsar.holders.holder import Act, Disposal, Errand, Holder, Holding, Person, Piece, Receipt, Use
from dsar.holders.task import OPEN


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
        return self._once(
            person, errand, Act.DISPOSE, lambda: self._holder.dispose(person, disposal, errand), keep=disposal.keep
        )

    def _once(
        self,
        person: Person,
        errand: Errand,
        act: Act,
        do: Callable[[], Receipt],
        *,
        keep: frozenset[Use] = frozenset(),
    ) -> Receipt:
        if act not in self.acts:
            raise HolderRefusedError("not_supported")
        task = self._book.opened(person.tenant, errand, self.name, act, answer_days=None)
        if task.state not in OPEN:
            return task.receipt()
        if act is Act.DISPOSE:
            going = sum(one.count for one in self._holder.inventory(person, errand) if one.use not in keep)
            task = self._book.counted(task, going) if going else task
        receipt = do()
        done = self._book.completed(
            task,
            method=receipt.method,
            count=receipt.count or task.count,
            evidence=receipt.evidence,
            at=receipt.at,
        )
        return done.receipt()
