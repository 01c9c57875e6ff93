"""Which problem each refusal of webhooks ends as."""

from collections.abc import Mapping

from consent.webhook.errors import OriginRefusedError, TooManyWebhooksError, WebhookNotFoundError
from web.edge_problems import NOT_FOUND
from web.problems import Problem

ORIGIN_REFUSED = Problem(
    "origin_not_allowed",
    422,
    "The address may not be called",
    "Webhooks go to https addresses whose origin the operator of the service has allowed, and which hold no name, password or "
    "query.",
    "Ask the operator to start the service with --egress-allow and the origin of the address.",
)
TOO_MANY = Problem(
    "too_many_webhooks",
    409,
    "There are as many webhooks as there can be",
    "A tenant has at most twenty subscriptions.",
    "Delete one that is not needed any more.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    WebhookNotFoundError: NOT_FOUND,
    OriginRefusedError: ORIGIN_REFUSED,
    TooManyWebhooksError: TOO_MANY,
}
