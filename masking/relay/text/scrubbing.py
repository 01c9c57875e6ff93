"""Taking out of a text what it should not hold: everything that masking finds, and the two numbers of those who write."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Final

from masking.redaction import Mode, Redactor, splice
from masking.relay.text.wording import digits_of

REMOVED: Final = "[…]"
"""Stands for what was taken out: a mask would still show some of it."""
PASSES: Final = 4
TAIL_DIGITS: Final = 18
TAIL_MS: Final = 10 * 60_000
TAILS_AT_MOST: Final = 10_000
SIGNIFICANT: Final = 8
"""As many digits at the end of somebody's number give it away."""
_MOBILE_DIGITS: Final = 11


@dataclass(frozen=True, slots=True, repr=False)
class Scrubbed:
    """A text without what was found in it, and how much that was. None where so much was found that nobody looked at it all, or
    where a number of the people themselves is left in a writing that nothing else knows."""

    text: str | None
    removed: int


class Scrubber:
    """Finds and takes out. Safe to share between threads where its redactor is."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def scrub(self, text: str, *people: str) -> Scrubbed:
        """The text without personal values; `people` are numbers in E.164 that must not be in it, in whatever writing."""
        clean, removed = text, 0
        for _ in range(PASSES):  # what stood beside a number that is gone now reads otherwise
            (found,) = self._redactor.redact([clean], Mode.REPORT, names=False)
            if found.hidden:
                return Scrubbed(None, removed)
            if not found.spans:
                break
            clean = splice(clean, found.spans, [REMOVED] * len(found.spans))
            removed += len(found.spans)
        written = digits_of(clean)
        if any(one[-SIGNIFICANT:] in written for one in people if len(one) > SIGNIFICANT):
            return Scrubbed(None, removed)
        return Scrubbed(clean, removed)


class Tails:
    """The last digits that somebody wrote to somebody, for ten minutes, in memory only: a number that is sent in two texts is
    found in the second. Another process does not know them, so that this is a hindrance and no wall."""

    def __init__(self) -> None:
        self._tails: OrderedDict[Hashable, tuple[str, int]] = OrderedDict()
        self._lock = Lock()

    def completes(self, key: Hashable, text: str, at: int) -> bool:
        """Whether the digits of this text make a mobile number of China together with those before, and not by themselves."""
        now = digits_of(text)
        with self._lock:
            before, since = self._tails.pop(key, ("", 0))
            before = before if at - since <= TAIL_MS else ""
            joined = before + now
            if joined:
                self._tails[key] = (joined[-TAIL_DIGITS:], at)
            while len(self._tails) > TAILS_AT_MOST:
                self._tails.popitem(last=False)
            crossing = bool(before and now) and _mobile_across(before, now)
            if crossing:
                del self._tails[key]
        return crossing


def _mobile_across(before: str, now: str) -> bool:
    """Whether eleven digits that begin in one and end exactly with the other are a mobile number."""
    for start in range(max(0, len(before) - _MOBILE_DIGITS + 1), len(before)):
        whole = before[start:] + now
        if len(whole) == _MOBILE_DIGITS and whole[0] == "1" and whole[1] in "3456789":
            return True
    return False
