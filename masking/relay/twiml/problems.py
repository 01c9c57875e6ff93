"""Which problem each refusal of webhooks ends as."""

from collections.abc import Mapping

from masking.relay.twiml.errors import MalformedFormError, RepeatedError, UnsignedError
from web.problems import Problem

UNSIGNED = Problem(
    "webhook_unsigned",
    401,
    "The webhook bears no valid signature",
    "A webhook of a switch is signed with the secret of its account, over the very address that the switch called. This one is "
    "not, or there is no such account.",
    "Compare the account's secret, and the address that --relay-url names with the one that was entered at the switch.",
)
MALFORMED = Problem(
    "webhook_malformed",
    400,
    "The webhook cannot be read",
    "The form lacks a field that such a webhook has, or has one twice, or one that is too long.",
    "Compare it with what the switch documents.",
)
REPEATED = Problem(
    "webhook_repeated",
    409,
    "The webhook came before",
    "Signatures of webhooks have no time in them, so that each counts once.",
    "Nothing: the first one was answered.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    UnsignedError: UNSIGNED,
    MalformedFormError: MALFORMED,
    RepeatedError: REPEATED,
}
