"""A filter for Python's logging that lets no personal value into a log: of this service, or of any other.

    handler.addFilter(RedactingFilter())

It belongs on handlers: filters of a logger do not see what its children say. Looks at the message with its arguments, at
tracebacks and at extra attributes that are texts. Names are found where they announce themselves; a text that cannot be looked
at is hidden whole.
"""

import logging
import traceback
from typing import Final

from masking.detection.scanning import Scanner
from masking.finding import Finder
from masking.redaction import Mode, Redactor
from masking.writing import HIDDEN

_OWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
"""What every record has of its own."""


class RedactingFilter(logging.Filter):
    """Rewrites each record that passes, and lets all of them pass."""

    def __init__(self, redactor: Redactor | None = None) -> None:
        super().__init__()
        self._redactor = redactor or Redactor(Finder(Scanner()))

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true. What was personal in the record is masked when this returns."""
        try:
            message = record.getMessage()
        except Exception:  # whatever the arguments raise when they are written: a line of a log must not end a request
            message = HIDDEN
        record.msg, record.args = self._clean(message), None
        if record.exc_info:
            lines = traceback.format_exception(*record.exc_info)
            record.exc_text, record.exc_info = self._clean("".join(lines).rstrip("\n")), None
        elif record.exc_text:
            record.exc_text = self._clean(record.exc_text)
        if record.stack_info:
            record.stack_info = self._clean(record.stack_info)
        for name in vars(record).keys() - _OWN:
            if isinstance(value := getattr(record, name), str):
                setattr(record, name, self._clean(value))
        return True

    def _clean(self, text: str) -> str:
        try:
            (redacted,) = self._redactor.redact([text], Mode.MASK, names=False)
        except Exception:  # likewise, and a text that was not searched is not shown
            return HIDDEN
        return redacted.text
