"""Which problem each refusal of accounts ends as."""

from collections.abc import Mapping

from masking.relay.accounts.errors import (
    AccountFieldsError,
    AccountNameTakenError,
    AccountNotFoundError,
    NoPublicAddressError,
    NotAllowedOutsideError,
    TooManyAccountsError,
)
from web.edge_problems import NOT_FOUND
from web.problems import Problem

FIELDS = Problem(
    "relay_account_fields",
    422,
    "The kind of account takes other fields",
    "A switch that fetches TwiML has a login and a secret. A provider has an address and the name of a pool as well, which no "
    "other account has, and Alibaba's has a pool key.",
    "Give the fields of the kind.",
)
NAME_TAKEN = Problem(
    "relay_account_name_taken",
    409,
    "An account has this name already",
    "Names of accounts are unique within a tenant.",
    "Choose another name, or delete the other account.",
)
NOT_ALLOWED = Problem(
    "relay_provider_not_allowed",
    422,
    "The provider's address may not be called",
    "Providers are called at https addresses whose origin the operator of the service has allowed.",
    "Ask the operator to start the service with --egress-allow and the origin of the address.",
)
NO_ADDRESS = Problem(
    "relay_no_public_address",
    409,
    "The service does not know its own address",
    "Webhooks are signed with the address that the other side calls, which behind a proxy only the operator knows.",
    "Ask the operator to start the service with --relay-url.",
)
TOO_MANY = Problem(
    "too_many_relay_accounts",
    409,
    "There are as many accounts as there can be",
    "A tenant has at most twenty accounts.",
    "Delete one that is not needed any more.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    AccountNotFoundError: NOT_FOUND,
    AccountFieldsError: FIELDS,
    AccountNameTakenError: NAME_TAKEN,
    NotAllowedOutsideError: NOT_ALLOWED,
    NoPublicAddressError: NO_ADDRESS,
    TooManyAccountsError: TOO_MANY,
}
