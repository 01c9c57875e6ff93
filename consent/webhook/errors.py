"""What webhooks refuse. No message carries a submitted value."""

from consent.errors import ConsentError


class WebhookError(ConsentError):
    """Base of every refusal of webhooks."""


class WebhookNotFoundError(WebhookError):
    """No such subscription in this tenant."""


class OriginRefusedError(WebhookError):
    """The operator has not allowed calls to the origin of the address."""


class TooManyWebhooksError(WebhookError):
    """The tenant has as many subscriptions as it can have."""
