"""What the operations on webhooks take and give."""

from typing import Annotated

from pydantic import BaseModel, Field

from consent.webhook.change import Topic
from consent.webhook.dead_letter import REPLAYED_AT_MOST
from consent.webhook.state import DeliveryState, Failure, WebhookState
from web.json_body import Body

PAGE_AT_MOST = 200
LARGEST = 2**63 - 1
LONGEST_OVERLAP_SECONDS = 30 * 86_400
DEFAULT_OVERLAP_SECONDS = 86_400

Number = Annotated[int, Field(ge=1, le=LARGEST)]


class SubscriptionRequest(Body):
    """A subscription to be made."""

    url: str = Field(
        max_length=420,
        description="Address to post to. Its origin must be one that the operator allows; it has no query.",
    )
    events: list[Topic] = Field(min_length=1, max_length=len(Topic), description="What to be told of.")


class SecretRequest(Body):
    """How to change over to a new secret."""

    overlap: Annotated[int, Field(strict=True, ge=0, le=LONGEST_OVERLAP_SECONDS)] = Field(
        default=DEFAULT_OVERLAP_SECONDS, description="Seconds for which deliveries are signed with the old secret, too."
    )


class ReplayRequest(Body):
    """Which dead deliveries to try again."""

    deliveries: list[Number] | None = Field(
        default=None, max_length=REPLAYED_AT_MOST, description="Their numbers; without any, the oldest thousand."
    )


class WebhookPath(Body):
    webhook: Number


class PageQuery(Body):
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: int = Field(default=0, ge=0, le=LARGEST, description="`next_cursor` of the page before.")


class DeliveriesQuery(PageQuery):
    state: DeliveryState = DeliveryState.QUEUED


class WebhookAnswer(BaseModel):
    """A subscription without its secret. `gone` is one whose receiver answered 410: resume it when it is back."""

    webhook: int
    url: str
    events: list[Topic]
    state: WebhookState
    created_at: str


class NewWebhookAnswer(WebhookAnswer):
    """A subscription with its secret, which is shown this once."""

    secret: str


class SecretAnswer(BaseModel):
    """The new secret, which is shown this once."""

    secret: str


class WebhooksPage(BaseModel):
    items: list[WebhookAnswer]
    next_cursor: str | None


class DeliveryAnswer(BaseModel):
    """One delivery, without whom it is about. `id` is the webhook-id that the receiver sees."""

    delivery: int
    id: str
    event: str
    type: Topic
    purpose: str
    state: DeliveryState
    happened_at: str
    attempts: int
    next_attempt_at: str | None
    ended_at: str | None
    status: int | None = Field(description="HTTP status of the last answer.")
    error: Failure | None


class DeliveriesPage(BaseModel):
    """Deliveries in one state, and how many there are in each."""

    items: list[DeliveryAnswer]
    counts: dict[str, int]
    next_cursor: str | None


class ReplayAnswer(BaseModel):
    """How many deliveries are tried again."""

    replayed: int
