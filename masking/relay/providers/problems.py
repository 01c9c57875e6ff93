"""Which problem each refusal of providers and of what they send ends as."""

from collections.abc import Mapping

from masking.relay.providers.errors import ForeignReceiptError, MalformedReceiptError, OutwardNotFoundError
from web.edge_problems import NOT_FOUND
from web.problems import Problem

MALFORMED = Problem(
    "receipt_malformed",
    400,
    "The receipt cannot be read",
    "What was pushed is not a receipt as the provider documents it.",
    "Compare it with the provider's documentation.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    ForeignReceiptError: NOT_FOUND,
    MalformedReceiptError: MALFORMED,
    OutwardNotFoundError: NOT_FOUND,
}
