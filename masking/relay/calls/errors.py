"""What the book of calls refuses."""

from masking.relay.errors import RelayError


class CallNotFoundError(RelayError):
    """No such call, or its record is gone."""


class CaseNotFoundError(RelayError):
    """No such case."""


class CaseClosedError(RelayError):
    """The case was closed before."""


class RulesError(RelayError):
    """Rules that cannot be used. The text names the field, and never what stood in it."""


class RulesVersionError(RelayError):
    """Rules that were applied before with other words, or older than those in force."""


class SpanError(RelayError):
    """The days asked for are too many, or end before they begin."""


class LegalError(RelayError):
    """The sealed stream, its keys, or what was taken from it cannot be used so. The text says why, without values."""


class NoLegalKeyError(LegalError):
    """Calls are to be sealed, and there is no key for this month: nothing is connected."""
