"""What providers and what they send end as. No message carries a submitted value."""

from enum import StrEnum

from masking.relay.errors import RelayError


class Fault(StrEnum):
    """Why a provider did not do what was asked, in one taxonomy for all of them."""

    UNSUPPORTED = "unsupported_mode"
    INVALID = "invalid"
    CREDENTIALS = "credentials"
    CONFLICT = "conflict"
    EXHAUSTED = "exhausted"
    UNKNOWN = "unknown_binding"
    NUMBER = "number_unusable"
    FORBIDDEN = "forbidden"
    LIMIT = "limit"
    AWAY = "away"
    NOT_ALLOWED = "not_allowed"
    GONE = "party_gone"


PASSING = frozenset({Fault.LIMIT, Fault.AWAY})
"""Faults that pass by themselves: the same may be asked again."""


class ProviderError(RelayError):
    """A provider refused, or did not answer."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class MalformedReceiptError(RelayError):
    """A push that is none of the provider's."""


class ForeignReceiptError(RelayError):
    """A push that the provider did not send, or of an account that there is not."""


class OutwardNotFoundError(RelayError):
    """No such binding at a provider."""
