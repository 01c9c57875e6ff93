"""Which problem each refusal of a message ends as."""

from collections.abc import Mapping

from vault.letters.desk import WAITING_AT_MOST
from vault.letters.envelope import EnvelopeError
from vault.letters.errors import NotProvedError, TooManyLettersError
from web.problems import Problem

INVALID_ENVELOPE = Problem(
    "invalid_envelope",
    422,
    "This is no envelope",
    "A message is an envelope of version 1 as its format says it, padded so that its length is one of eight.",
    "Seal the message as the example in examples/device does.",
)
TOO_MANY_MESSAGES = Problem(
    "too_many_messages",
    409,
    "Too many messages wait",
    f"At most {WAITING_AT_MOST} messages of an order wait for a recipient.",
    "Wait until the recipient's device has fetched and acknowledged some.",
)
REPORT_NOT_PROVED = Problem(
    "report_not_proved",
    422,
    "The report proves nothing",
    "The text is not what the message's commitment was made of, or this service gave no such frank to the reporter's device. "
    "Nothing was stored.",
    "Send the text, opening, keys, hour, commitment and frank exactly as the device had them.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    EnvelopeError: INVALID_ENVELOPE,
    TooManyLettersError: TOO_MANY_MESSAGES,
    NotProvedError: REPORT_NOT_PROVED,
}
