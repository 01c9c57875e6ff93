"""Asking every holder to do something for a request, whoever of them answers now."""

from collections.abc import Callable
from typing import NamedTuple

from dsar.fulfilment.task import Asked
from dsar.holders.errors import HolderAwayError, HolderRefusedError
from dsar.holders.holder import Act, Errand, Holder, Holders, Person
from work.job import LONGEST_WAIT_SECONDS

REFUSED = "holder_refused"
SOONEST_SECONDS = 0.5


class Answers(NamedTuple):
    """How holders have answered: after how many seconds those that did not are to be asked again, None where all did; and
    whether any has refused."""

    wait_seconds: float | None
    refused: bool

    @property
    def partially(self) -> tuple[str, ...]:
        """As the desk notes it."""
        return (REFUSED,) if self.refused else ()


class Round:
    """Asks all holders of a tenant that can do an act. Each does it once, however often it is asked by the same errand."""

    def __init__(self, holders: Holders) -> None:
        self._holders = holders

    def ask(self, asked: Asked, act: Act, do: Callable[[Holder, Person, Errand], object]) -> Answers:
        """Ask for one act, the service's own parts first: what they stop, stops at once."""
        person, errand = asked.person, Errand(request=asked.request.id, key=act.value)
        again: list[int] = []
        refused = False
        for holder in reversed(self._holders.of(person.tenant)):
            if act not in holder.acts:
                continue
            try:
                do(holder, person, errand)
            except HolderAwayError as away:
                again.append(away.again_at)
            except HolderRefusedError:
                refused = True
        if not again:
            return Answers(None, refused)
        wait = (min(again) - asked.at) / 1_000
        return Answers(min(max(wait, SOONEST_SECONDS), LONGEST_WAIT_SECONDS), refused)
