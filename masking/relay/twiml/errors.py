"""What webhooks of TwiML refuse. No message carries a submitted value."""

from masking.relay.errors import RelayError


class MalformedFormError(RelayError):
    """A body that is no form as these webhooks send it."""


class UnsignedError(RelayError):
    """A call whose signature is missing or is not that of the account."""


class RepeatedError(RelayError):
    """A call that came before: its signature has no time in it, so each counts once."""
