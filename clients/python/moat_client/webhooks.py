"""The calls about webhooks, receipts and signals, which ``Moat`` has beside its others."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from moat_client.calls import Calls, path_of


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription. ``secret`` is there in the answer that makes it, and in no other; no ``repr`` shows it."""

    id: int
    url: str
    events: tuple[str, ...]
    state: str
    secret: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Webhook":
        """Read one subscription of an answer."""
        events, secret = answer.get("events"), answer.get("secret")
        return cls(
            id=int(str(answer["webhook"])),
            url=str(answer.get("url", "")),
            events=tuple(map(str, events)) if isinstance(events, list) else (),
            state=str(answer.get("state", "")),
            secret=None if secret is None else str(secret),
        )


class WebhookCalls(Calls):
    """Who is told of changes of consents, and what a person can keep of one."""

    def subscribe(self, url: str, events: Iterable[str]) -> Webhook:
        """Have ``events`` such as ``consent.withdrawn`` posted to an address whose origin the operator allows.

        Keep the secret, which is in this answer only: ``moat_client.webhook_signature`` verifies deliveries with it.
        """
        return Webhook.of(self._post("/v1/webhooks", {"url": url, "events": list(events)}))

    def webhooks(self) -> Iterator[Webhook]:
        """Yield the tenant's subscriptions."""
        return map(Webhook.of, self._pages("/v1/webhooks", {}))

    def rotate_webhook_secret(self, webhook: int, *, overlap: int = 86_400) -> str:
        """Return a new secret; for ``overlap`` seconds deliveries are signed with the old one, too."""
        return str(self._post(path_of("webhooks", str(webhook), "rotate"), {"overlap": overlap})["secret"])

    def pause_webhook(self, webhook: int) -> Webhook:
        """Have nothing delivered until ``resume_webhook``; what happens meanwhile waits."""
        return Webhook.of(self._transport.json("POST", path_of("webhooks", str(webhook), "pause")))

    def resume_webhook(self, webhook: int) -> Webhook:
        """Have what waits delivered, and everything after it."""
        return Webhook.of(self._transport.json("POST", path_of("webhooks", str(webhook), "resume")))

    def unsubscribe(self, webhook: int) -> None:
        """End a subscription; what it was still to be told is dropped."""
        self._transport.json("DELETE", path_of("webhooks", str(webhook)))

    def deliveries(
        self, webhook: int, *, state: Literal["queued", "delivered", "dead"] = "queued"
    ) -> Iterator[dict[str, object]]:
        """Yield deliveries in one state, without whom they are about."""
        return self._pages(path_of("webhooks", str(webhook), "deliveries"), {"state": state})

    def replay_deliveries(self, webhook: int, deliveries: Iterable[int] | None = None) -> int:
        """Have dead deliveries tried again, these or the oldest thousand; return how many that are."""
        body = {"deliveries": None if deliveries is None else list(deliveries)}
        return int(str(self._post(path_of("webhooks", str(webhook), "replay"), body)["replayed"]))

    def receipt(self, subject: str, consent: str, *, form: Literal["json", "jsonld"] = "json") -> dict[str, object]:
        """Return the signed receipt of a consent, refusal or withdrawal. Its ``log`` is pending until the log is published."""
        path = path_of("subjects", subject, "consents", consent, "receipt")
        return self._transport.json("GET", path, params={"format": form})

    def consent_records(self, subject: str, *, form: Literal["json", "jsonld"] = "json") -> list[dict[str, object]]:
        """Return the records of a person's consents, one for each purpose."""
        answer = self._transport.json("GET", path_of("subjects", subject, "consent-records"), params={"format": form})
        items = answer.get("items")
        return items if isinstance(items, list) else []

    def signal_gpc(self, subject: str, *, channel: str | None = None) -> dict[str, str]:
        """Honour a Global Privacy Control signal. Return for each purpose ``opted_out``, ``already`` or ``kept``."""
        body: dict[str, object] = {"subject": subject}
        body |= {"channel": channel} if channel else {}
        items = self._post("/v1/signals/gpc", body).get("items")
        return {str(one["purpose"]): str(one["outcome"]) for one in items} if isinstance(items, list) else {}
