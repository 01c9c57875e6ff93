"""Calls that meet are answered together.

A call that finds nobody before it goes alone, at once. Those that come while it is under way line up, and the first of them takes
all the others along when it ends: one transaction, one statement for each step and one commit, however many they are. So the more
calls there are, the less each of them costs, and nobody ever waits for others to come.

What fails for all is tried again for each: every caller then asks alone, on its own thread, as if there were no others. A failed
commit whose connection broke may have been made, so this is for what may be done twice, such as reading with an entry in the log.
"""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

Call = TypeVar("Call")
Answer = TypeVar("Answer")

AT_ONCE = 64
"""Calls that are answered together at most."""


class _Waiting(Generic[Call, Answer]):
    """A call in the line. Its thread sleeps on `turn`, and is woken once: with an answer, to lead, or to go alone."""

    __slots__ = ("answer", "answered", "call", "leads", "turn")
    answer: Answer | Exception

    def __init__(self, call: Call) -> None:
        self.call = call
        self.answered = False
        self.leads = False
        self.turn = Lock()
        self.turn.acquire()


class Gathering(Generic[Call, Answer]):
    """Gathers the calls of each tenant, first come first served; at most one gathering of a tenant is under way in this process.

    `together` answers calls of one tenant, in their order: an answer or an exception for each. What it raises instead is the
    outcome of none of them, and must have left nothing behind.
    """

    def __init__(
        self, together: Callable[[int, Sequence[Call]], Sequence[Answer | Exception]], *, at_once: int = AT_ONCE
    ) -> None:
        self._together = together
        self._at_once = at_once
        self._lock = Lock()
        self._lines: dict[int, deque[_Waiting[Call, Answer]]] = {}

    @property
    def waiting(self) -> int:
        """How many calls are in line now, beside those that are under way."""
        with self._lock:
            return sum(len(line) for line in self._lines.values())

    def ask(self, tenant: int, call: Call) -> Answer:
        """The answer to `call`.

        Raises:
            Exception: the one that `together` gave for this call, or raised for it alone.
        """
        with self._lock:
            line = self._lines.get(tenant)
            if line is None:
                self._lines[tenant] = deque()
            else:
                mine = _Waiting[Call, Answer](call)
                line.append(mine)
        if line is None:
            return self._lead(tenant, call)
        mine.turn.acquire()
        if mine.leads:
            return self._lead(tenant, call)
        return _told(mine.answer) if mine.answered else self._alone(tenant, call)

    def _lead(self, tenant: int, call: Call) -> Answer:
        others = self._others(tenant)
        try:
            answer, *answers = self._asked(tenant, [call, *(one.call for one in others)])
            for one, its in zip(others, answers, strict=True):
                one.answer, one.answered = its, True
        except Exception:  # whatever it is, it may be of one call alone: each asks again by itself
            if not others:
                raise
        else:
            return _told(answer)
        finally:
            self._hand_over(tenant)
            for one in others:
                one.turn.release()
        return self._alone(tenant, call)

    def _alone(self, tenant: int, call: Call) -> Answer:
        return _told(self._asked(tenant, [call])[0])

    def _asked(self, tenant: int, calls: Sequence[Call]) -> Sequence[Answer | Exception]:
        answers = self._together(tenant, calls)
        if len(answers) != len(calls):
            raise ValueError("as many answers as calls")
        return answers

    def _others(self, tenant: int) -> list[_Waiting[Call, Answer]]:
        """Those who have come by now, as many as go together with one more."""
        with self._lock:
            line = self._lines[tenant]
            return [line.popleft() for _ in range(min(len(line), self._at_once - 1))]

    def _hand_over(self, tenant: int) -> None:
        """Let the first of those who have come since lead the others."""
        with self._lock:
            line = self._lines[tenant]
            if not line:
                del self._lines[tenant]
                return
            next_one = line.popleft()
        next_one.leads = True
        next_one.turn.release()


def _told(answer: Answer | Exception) -> Answer:
    if isinstance(answer, Exception):
        raise answer
    return answer
