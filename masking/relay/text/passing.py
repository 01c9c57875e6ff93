"""Passing a text on.

1. route     where it goes: masking.relay.routing, which writes the entry and the attempt down
2. wish      whoever writes STOP gets no more texts from that number, and START takes it back; neither goes any further
3. scrub     everything personal goes, and a text with a number of the two people in a writing of its own is not passed on
4. flags     links, and what is about one-time codes, are not passed on: whoever is at the other side cannot know who writes
5. count     how many texts a binding and a person may send, and whether the other side wants any

What comes back is a new text. The one that came is in no row, entry, job or line of a log.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

from audit.entry import Act, Action, Group, Outcome, Reason
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from masking.relay.asking import Router
from masking.relay.bound import By
from masking.relay.decision import CallKind, Collect, RefusalReason, Refuse
from masking.relay.number import RelayNumber, caller_number
from masking.relay.ports import Directories, Directory
from masking.relay.routing import Connected
from masking.relay.telling import Word
from masking.relay.text import store
from masking.relay.text.scrubbing import Scrubber, Tails
from masking.relay.text.wording import Flag, Wish, flags_of, wish_of

HOUR_MS: Final = 3_600_000
COUNTED_HOURS: Final = 48
LONGEST: Final = 1_600
"""Characters of a text: ten segments of an SMS in GSM 7-bit."""


class TextReason(StrEnum):
    """Why a text that had somewhere to go was not passed on."""

    LINK = "link"
    CODE = "one_time_code"
    NUMBER = "number_in_text"
    TOO_LONG = "too_long"
    EMPTY = "empty"
    UNWANTED = "unwanted"
    TOO_MANY = "too_many_texts"
    STOPPED = "stopped"
    STARTED = "started"


_WORDS: Final = {
    TextReason.LINK: Word.LINK,
    TextReason.CODE: Word.CODE,
    TextReason.NUMBER: Word.NUMBER,
    TextReason.UNWANTED: Word.UNWANTED,
    TextReason.TOO_MANY: Word.TOO_MANY,
    TextReason.STOPPED: Word.STOPPED,
    TextReason.STARTED: Word.STARTED,
    RefusalReason.ENDED: Word.ENDED,
}
"""What its sender is told; of other reasons nothing, for whoever probes numbers learns nothing by it."""
_ENTRY_REASONS: Final = {
    TextReason.LINK: Reason.POLICY,
    TextReason.CODE: Reason.POLICY,
    TextReason.NUMBER: Reason.POLICY,
    TextReason.UNWANTED: Reason.RESTRICTED,
    TextReason.TOO_LONG: Reason.INVALID,
    TextReason.EMPTY: Reason.INVALID,
    TextReason.TOO_MANY: Reason.RATE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """How many texts may go, in the last 60 to 120 minutes and in the last day."""

    binding_hour: int = 20
    sender_hour: int = 60
    sender_day: int = 300


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Passed:
    """Send `text` to `to`, from `present`. `removed` tells how many values were taken out. Has no repr: it is somebody's number
    and somebody's words."""

    to: str
    present: str
    text: str
    binding: int
    leg: str
    removed: int
    flags: frozenset[Flag]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Send nothing on. `word` is what its sender may be told, from the number that they wrote to."""

    reason: RefusalReason | TextReason
    word: Word | None
    binding: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Written:
    """A text as a switch presents it: the number it was sent to, who sent it, what it says."""

    called: str
    caller: str
    text: str


class Texts:
    """Passes texts on."""

    def __init__(
        self,
        database: Database,
        directories: Directories,
        log: AuditLog,
        router: Router,
        scrubber: Scrubber,
        caps: Caps,
    ) -> None:
        self._database = database
        self._directories = directories
        self._log = log
        self._router = router
        self._scrubber = scrubber
        self._caps = caps
        self._tails = Tails()

    def pass_on(self, by: By, written: Written) -> Passed | Held:
        """What becomes of a text. Never raises for what somebody may send."""
        answer = self._router.route(by, called=written.called, caller=written.caller, kind=CallKind.TEXT)
        if isinstance(answer, Collect):
            return _held(RefusalReason.EXTENSION)
        if isinstance(answer, Refuse):
            return _held(answer.reason, answer.binding)
        ends = self._directories.using(by.tenant, lambda directory: _ends(directory, written, answer.to))
        if ends is None:  # whom the relay lets write has a number
            return _held(RefusalReason.ANONYMOUS, answer.binding)
        return self._judged(by, written, answer, ends)

    def _judged(self, by: By, written: Written, to: Connected, ends: "_Ends") -> Passed | Held:
        """Steps 2 to 5."""
        wish = wish_of(written.text)
        if wish is not None:
            return self._write(by, to.binding, lambda tx: _wished(tx, by, wish, ends))
        read = self._read(written, to, ends, by.at)
        if isinstance(read, TextReason):
            return self._write(by, to.binding, lambda _: read)
        return self._write(by, to.binding, lambda tx: self._forbidden(tx, by, ends, to) or read)

    def _read(self, written: Written, to: Connected, ends: "_Ends", at: int) -> Passed | TextReason:
        """Steps 3 and 4."""
        text = written.text.strip()
        if not text:
            return TextReason.EMPTY
        if len(text) > LONGEST:
            return TextReason.TOO_LONG
        if Flag.CODE in flags_of(text):
            return TextReason.CODE
        scrubbed = self._scrubber.scrub(text, ends.caller, to.to)
        flags = flags_of(scrubbed.text or "")
        if Flag.LINK in flags:
            return TextReason.LINK
        if scrubbed.text is None or self._tails.completes((to.binding, ends.sender), text, at):
            return TextReason.NUMBER
        return Passed(
            to=to.to,
            present=to.present,
            text=scrubbed.text,
            binding=to.binding,
            leg=to.leg,
            removed=scrubbed.removed,
            flags=flags,
        )

    def _forbidden(self, tx: Transaction, by: By, ends: "_Ends", to: Connected) -> TextReason | None:
        """Step 5, which counts the text."""
        if tx.one(store.STOPPED, tenant=by.tenant, number=to.present, fingerprint=ends.receiver) is not None:
            return TextReason.UNWANTED
        row = tx.one(store.PARTIES, tenant=by.tenant, fingerprint=ends.sender)
        party, hour = 0 if row is None else int(row[0]), by.at // HOUR_MS
        place: dict[str, Any] = {"tenant": by.tenant, "binding": to.binding, "sender": party, "hour": hour}
        tx.insert(store.INSERT_COUNTS, [(*place.values(), 0)])
        tx.run(store.COUNT_ONE, **place)
        sent = tx.one(store.OF_BINDING, tenant=by.tenant, binding=to.binding, after=hour - 2)
        many = sent is not None and sent[0] > self._caps.binding_hour
        if party and not many:
            for hours, limit in ((2, self._caps.sender_hour), (24, self._caps.sender_day)):
                sent = tx.one(store.OF_SENDER, tenant=by.tenant, sender=party, after=hour - hours)
                many = many or (sent is not None and sent[0] > limit)
        return TextReason.TOO_MANY if many else None

    def _write(self, by: By, binding: int, work: Callable[[Transaction], Passed | TextReason]) -> Passed | Held:
        """Do it in a transaction with its entry."""

        def whole(tx: Transaction) -> Passed | TextReason:
            came = work(tx)
            wished = came in {TextReason.STOPPED, TextReason.STARTED} if isinstance(came, TextReason) else False
            denied = isinstance(came, TextReason) and not wished
            group = Group(
                Outcome.DENIED if denied else Outcome.DONE,
                _ENTRY_REASONS.get(came) if isinstance(came, TextReason) else None,
                rows=[binding],
            )
            action = Action.RELAY_TEXT_WISH if wished else Action.RELAY_TEXT
            self._log.append(tx, Act(action, by.actor, by.tenant, by.at, by.request, [group]))
            return came

        came = self._database.write(by.tenant, whole)
        return _held(came, binding) if isinstance(came, TextReason) else came


class _Ends(NamedTuple):
    """The caller in E.164, by what the sender and the receiver are found, and the relay number between them."""

    caller: str
    sender: bytes
    receiver: bytes
    dialled: str


class TextErasure:
    """Lets go of what counts the texts of an erased person, and of what they wanted. Comes before the relay's own."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:  # noqa: ARG002 - as the port has it
        """Called in the transaction that destroys the person's key."""
        tx.run(store.FORGET_SENDER, tenant=tenant, subject=subject_number)
        tx.run(store.FORGET_STOPS, tenant=tenant, subject=subject_number)


class Forgetting:
    """Deletes counts that count no more."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(self, at: int) -> None:
        hour = at // HOUR_MS - COUNTED_HOURS
        self._database.write(None, lambda tx: tx.run(store.FORGET_COUNTS, hour=hour))


def _ends(directory: Directory, written: Written, to: str) -> _Ends | None:
    number = caller_number(written.caller, directory.region)
    if number is None:
        return None
    dialled = RelayNumber.parse(written.called, directory.region).value
    return _Ends(number, directory.fingerprint(number), directory.fingerprint(to), dialled)


def _wished(tx: Transaction, by: By, wish: Wish, ends: _Ends) -> TextReason:
    """Step 2. Somebody who is no party of the relay is sent nothing by it, so that there is nothing to stop."""
    if wish is Wish.START:
        tx.run(store.DELETE_STOPS, tenant=by.tenant, number=ends.dialled, fingerprint=ends.sender)
        return TextReason.STARTED
    parties = tx.all(store.PARTIES, tenant=by.tenant, fingerprint=ends.sender)
    tx.insert(store.INSERT_STOPS, [(by.tenant, party, ends.dialled, by.at) for (party,) in parties])
    return TextReason.STOPPED


def _held(reason: RefusalReason | TextReason, binding: int | None = None) -> Held:
    return Held(reason=reason, word=_WORDS.get(reason), binding=binding)
