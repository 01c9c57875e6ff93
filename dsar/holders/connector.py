"""A system beside this one as a holder: each thing it is asked is a task in the book, carried one move further by each call.

    1. open      the task of the errand is found, or made with a random id for the system
    2. hand over what the person is known by is looked up, recorded as leaving, and sent; it is stored nowhere
    3. ask       how far the system is, until it is done, cancelled, or past its deadline
    4. note      the end, with the digest of the signed answer

A call that does not come to the end raises HolderAwayError with the time from which on the next may. Whoever asks does so from a
durable job, whose step it repeats: after a crash the task goes on where it was, under the same id, which the system takes once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from dsar.holders import opendsr
from dsar.holders.book import Book
from dsar.holders.errors import HolderAwayError, HolderRefusedError, ProcessorAwayError, ProcessorError
from dsar.holders.holder import Act, Disposal, Errand, Holding, Person, Piece, Receipt, Use
from dsar.holders.opendsr import RequestStatus, Status, Wanted
from dsar.holders.ports import Identities
from dsar.holders.processor import LostError, Processor
from dsar.holders.task import OPEN, Task, TaskState

RESULT_PAGES_AT_MOST = 10_000
SOONEST_MS = 2_000
LATEST_MS = 3_600_000
NOTHING_TO_DO = "none"
ERASED = "subject_erased"
CANCELLED = "cancelled"


class _Answer(NamedTuple):
    """A task that is done, and what the system says of it; None where its receipt is enough and it was not asked again."""

    task: Task
    status: Status | None


class RemoteHolder:
    """A declared system of one tenant."""

    def __init__(self, processor: Processor, book: Book, identities: Identities) -> None:
        self._processor = processor
        self._connector = processor.connector
        self._book = book
        self._identities = identities

    @property
    def name(self) -> str:
        """As declared."""
        return self._connector.name

    @property
    def acts(self) -> frozenset[Act]:
        """As declared."""
        return self._connector.acts

    def inventory(self, person: Person, errand: Errand) -> Sequence[Holding]:
        """What the system counts, with what it has to keep by its own laws."""
        answer = self._carry(person, errand, Act.INVENTORY, again=True)
        return answer.status.holdings if answer.status is not None else []

    def disclose(self, person: Person, errand: Errand) -> Iterator[Piece]:
        """Page by page, each verified before it is read; nothing of it is stored."""
        answer = self._carry(person, errand, Act.DISCLOSE, again=True)
        task = answer.task
        if answer.status is None or answer.status.results_url is None or task.outside is None:
            return iter(())
        return self._pieces(task.outside, self._page(task.outside, answer.status.results_url))

    def rectify(self, person: Person, corrections: Mapping[str, str], errand: Errand) -> Receipt:
        """What of the corrections is of its categories. Where nothing is, it is not asked."""
        theirs = {name: value for name, value in corrections.items() if self._is_theirs(name.partition(".")[0])}
        if not theirs and Act.RECTIFY in self.acts:
            return Receipt(holder=self.name, method=NOTHING_TO_DO, count=0, at=self._book.at())
        return self._carry(person, errand, Act.RECTIFY, corrections=theirs).task.receipt()

    def restrict(self, person: Person, errand: Errand, *, on: bool) -> Receipt:
        """Store, but do not use; or use again."""
        return self._carry(person, errand, Act.RESTRICT if on else Act.RELEASE).task.receipt()

    def dispose(self, person: Person, disposal: Disposal, errand: Errand) -> Receipt:
        """Everything but what is to be kept of its categories: of those of others it learns nothing."""
        keep = frozenset(use for use in disposal.keep if self._is_theirs(use[0]))
        return self._carry(person, errand, Act.DISPOSE, keep=keep).task.receipt()

    def _is_theirs(self, category: str) -> bool:
        return category in self._connector.categories

    def _carry(
        self,
        person: Person,
        errand: Errand,
        act: Act,
        *,
        keep: frozenset[Use] = frozenset(),
        corrections: Mapping[str, str] | None = None,
        again: bool = False,
    ) -> _Answer:
        """Carry the task of an errand as far as it goes now. One that is done is only asked about, where its answer is wanted
        `again`."""
        if act not in self.acts:
            raise HolderRefusedError("not_supported")
        days = self._connector.answer_days
        task = self._book.opened(person.tenant, errand, self.name, act, answer_days=days)
        if task.state not in OPEN and not (again and task.evidence is not None):
            task.receipt()
            return _Answer(task, None)
        if task.next_at > self._book.at() and task.state in OPEN:
            raise HolderAwayError(task.next_at)
        assert task.outside is not None
        wanted = Wanted(act=act, id=task.outside, submitted_at=task.created_at, keep=keep, corrections=corrections)
        try:
            if task.state is TaskState.ASKED:
                task = self._hand_over(person, task, wanted)
            return _Answer(task, None) if task.state not in OPEN and task.evidence is None else self._ask(task, wanted)
        except ProcessorError as error:
            raise self._put_off(task, error) from None

    def _hand_over(self, person: Person, task: Task, wanted: Wanted) -> Task:
        """Step 2. A system that can know the person by nothing has nothing to do."""
        types = {one.type for one in self._connector.identities}
        known = self._identities.of(person.tenant, person.number, types, task.request)
        if known is None:
            raise _refusal(self._book.ended(task, TaskState.DEAD, error=ERASED))
        if not known.identities:
            return self._book.completed(task, method=NOTHING_TO_DO, count=0, evidence=None)
        body = opendsr.request_body(self._connector, wanted, known.identities)
        self._book.leaving(task, known.ref)
        return self._book.accepted(task, self._processor.submit(wanted.id, body))

    def _ask(self, task: Task, wanted: Wanted) -> _Answer:
        """Steps 3 and 4."""
        status = self._processor.status(wanted.id, wanted.act)
        if status.state is RequestStatus.COMPLETED:
            done = task
            if task.state in OPEN:
                done = self._book.completed(task, method=status.method, count=status.count, evidence=status.digest)
            return _Answer(done, status)
        if status.state is RequestStatus.CANCELLED:
            raise _refusal(self._book.ended(task, TaskState.DEAD, error=CANCELLED))
        at = self._book.at()
        waiting = self._book.waiting(task, at + _pause_ms(at - task.created_at))
        raise HolderAwayError(waiting.next_at) if waiting.state in OPEN else _refusal(waiting)

    def _page(self, asked: UUID, url: str) -> opendsr.Page:
        try:
            return self._processor.page(asked, url)
        except ProcessorAwayError as error:
            raise HolderAwayError(self._book.at() + max(SOONEST_MS, error.asked_ms)) from None
        except ProcessorError as error:
            raise HolderRefusedError(error.code) from None

    def _pieces(self, asked: UUID, page: opendsr.Page) -> Iterator[Piece]:
        for _ in range(RESULT_PAGES_AT_MOST):
            yield from page.items
            if page.next is None:
                return
            page = self._page(asked, page.next)
        raise HolderRefusedError("too_many_pages")

    def _put_off(self, task: Task, error: ProcessorError) -> HolderAwayError | HolderRefusedError:
        """Note a failure. What a system has lost it is handed anew."""
        lost = isinstance(error, LostError)
        if task.state not in OPEN:  # Done already, and only asked about again.
            if lost:
                self._book.reopened(task)
            return HolderAwayError(self._book.at() + SOONEST_MS)
        failed = self._book.failed(replace(task, state=TaskState.ASKED) if lost else task, error)
        return HolderAwayError(failed.next_at) if failed.state in OPEN else _refusal(failed)


def _refusal(task: Task) -> HolderRefusedError:
    return HolderRefusedError(task.error or task.state.value)


def _pause_ms(elapsed_ms: int) -> int:
    """How long a system that is at work is left alone: a quarter of the time that it has had, within bounds."""
    return min(LATEST_MS, max(SOONEST_MS, elapsed_ms // 4))
