"""Where calls come in: the one function behind every adapter.

What a switch presents is read at once. Calls of a tenant that meet are answered together, in one transaction, so that they share
its statements and its commit; each of them hears of its number after that.

What a caller or a switch sends never raises. What fails here does, and whoever asked connects nobody: calls fail closed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from database.engine import Database
from database.gathering import Gathering
from masking.relay.bound import By
from masking.relay.decision import CallKind, RefusalReason, Refuse
from masking.relay.errors import EmergencyNumberError, InvalidNumberError, UnconfirmedCallerError
from masking.relay.number import RelayNumber, caller_number
from masking.relay.ports import Directories, Directory
from masking.relay.routes import Incoming
from masking.relay.routing import Answer, Books, Round

_DIGITS_AT_MOST = 4
_NOBODY = b""


@dataclass(frozen=True, slots=True, repr=False)
class _Presented:
    """A call or a text as a switch presents it, to a number of a relay."""

    by: By
    dialled: str
    caller: str
    kind: CallKind
    digits: str | None


class Exchange:
    """Answers switches. `region_of` tells where national numbers of a tenant are from."""

    def __init__(
        self, database: Database, directories: Directories, books: Books, region_of: Callable[[int], str]
    ) -> None:
        self._database = database
        self._region_of = region_of
        self._directories = directories
        self._books = books
        self._calls = Gathering[_Presented, Answer](self._together)

    def route(
        self, by: By, *, called: str, caller: str, kind: CallKind = CallKind.VOICE, digits: str | None = None
    ) -> Answer:
        """Where a call or a text goes. `called` and `caller` are as a switch has them, in any writing, an empty caller or a word
        for one without a number; `digits` are what the caller keyed in, if anything.

        Raises:
            UnconfirmedCallerError: `by` was looked up a moment before, and could not be confirmed.
        """
        try:
            dialled = RelayNumber.parse(called, self._region_of(by.tenant))
        except EmergencyNumberError:
            return _unread(by, RefusalReason.EMERGENCY)
        except InvalidNumberError:
            return _unread(by, RefusalReason.INVALID)
        return self._calls.ask(by.tenant, _Presented(by, dialled.value, caller, kind, _keyed(digits)))

    def _together(self, tenant: int, presented: Sequence[_Presented]) -> Sequence[Answer | Exception]:
        def attempt(directory: Directory) -> Sequence[Answer | Exception]:
            calls = [_incoming(directory, one) for one in presented]
            return self._database.write(tenant, lambda tx: Round(self._books, tx, directory, calls).answers())

        return self._directories.using(tenant, attempt)


def _unread(by: By, reason: RefusalReason) -> Refuse:
    """The answer to what is no number of a relay, for which no transaction is begun."""
    if by.secret:
        raise UnconfirmedCallerError
    return Refuse(reason)


def _incoming(directory: Directory, presented: _Presented) -> Incoming:
    number = caller_number(presented.caller, directory.region)
    return Incoming(
        by=presented.by,
        dialled=presented.dialled,
        kind=presented.kind,
        digits=presented.digits,
        number=number or "",
        caller=_NOBODY if number is None else directory.fingerprint(number),
    )


def _keyed(digits: str | None) -> str | None:
    """What was keyed in, as far as it can mean something; whatever else was is what nobody has."""
    if digits is None:
        return None
    text = digits.strip().rstrip("#")
    return text if text.isascii() and text.isdecimal() and len(text) <= _DIGITS_AT_MOST else ""
