"""What accounts refuse. No message carries a submitted value."""

from masking.relay.errors import RelayError


class AccountNotFoundError(RelayError):
    """No such account."""


class AccountNameTakenError(RelayError):
    """The tenant has an account of this name."""


class AccountFieldsError(RelayError):
    """The kind takes other fields: `field` is the first that is missing, too much or wrong."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class NotAllowedOutsideError(RelayError):
    """The operator has not allowed calls to the provider's address."""


class NoPublicAddressError(RelayError):
    """The operator has not said at which address the outside reaches this service, which is what webhooks are signed with."""


class TooManyAccountsError(RelayError):
    """The tenant has as many accounts as it can have."""
