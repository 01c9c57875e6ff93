"""What a call is answered in TwiML: connected, asked for an extension, or refused in words of its language."""

from dataclasses import dataclass

from masking.relay.calls.announcing import Announcement, announcement_texts
from masking.relay.decision import Collect, RefusalReason, Refuse
from masking.relay.routing import Answer, Connected
from masking.relay.telling import LOCALES, Word, told
from masking.relay.twiml.verbs import Reply

TRIES = 3

_WORDS = {
    RefusalReason.ENDED: Word.ENDED,
    RefusalReason.EMERGENCY: Word.EMERGENCY,
    RefusalReason.EXTENSION: Word.UNKNOWN_EXTENSION,
    RefusalReason.DIRECTION: Word.NOT_NOW,
    RefusalReason.FROZEN: Word.NOT_NOW,
    RefusalReason.NOBODY_TO_REACH: Word.NOT_NOW,
    RefusalReason.SUSPENDED: Word.NOT_NOW,
    RefusalReason.UNAVAILABLE: Word.NOT_NOW,
}
"""Reasons that are told. The others get no word, so that whoever probes numbers learns nothing by them."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the switch posts what follows: this account's webhooks, as paths."""

    base: str

    def digits(self, tries: int) -> str:
        return f"{self.base}/voice?try={tries}"

    def after(self, leg: str) -> str:
        return f"{self.base}/after?leg={leg}"

    def status(self, leg: str) -> str:
        return f"{self.base}/status?leg={leg}"

    @property
    def notice(self) -> str:
        return f"{self.base}/notice"


def answered(answer: Answer, language: str, where: Addresses, *, tries: int, keyed: int) -> bytes:
    """The document for an answer of the relay to the `tries`-th asking, counted from 1, with so many digits given."""
    reply, locale = Reply(language), LOCALES[language]
    if isinstance(answer, Connected):
        return _dialled(reply, answer, locale, where)
    if isinstance(answer, Collect):
        return _asked(reply, answer, locale, where, tries)
    if answer.reason is RefusalReason.EXTENSION and keyed and tries < TRIES:
        return _asked(reply.say(told(Word.UNKNOWN_EXTENSION, locale)), Collect(keyed), locale, where, tries)
    return _refused(reply, answer, locale)


def recording_notice(language: str) -> bytes:
    """What whoever is called hears before a recorded call begins."""
    return Reply(language).say(announcement_texts()[Announcement.RECORDING][LOCALES[language]]).octets()


def _dialled(reply: Reply, answer: Connected, locale: str, where: Addresses) -> bytes:
    if answer.record:
        reply.say(announcement_texts()[Announcement.RECORDING][locale])
    return reply.dial(
        answer.to,
        present=answer.present,
        seconds=answer.max_seconds,
        after=where.after(answer.leg),
        status=where.status(answer.leg),
        recorded=where.notice if answer.record else None,
    ).octets()


def _asked(reply: Reply, answer: Collect, locale: str, where: Addresses, tries: int) -> bytes:
    prompt = told(Word.LAST_DIGITS if answer.shows_care else Word.EXTENSION, locale)
    return reply.gather(prompt, digits=answer.digits, action=where.digits(tries + 1)).hang_up().octets()


def _refused(reply: Reply, answer: Refuse, locale: str) -> bytes:
    word = _WORDS.get(answer.reason)
    if word is not None:
        return reply.say(told(word, locale)).hang_up().octets()
    return reply.reject("busy" if answer.reason is RefusalReason.RATE else "rejected").octets()
