"""HTTP operations on webhooks."""

from typing import Any

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from consent.records.consent_id import consent_id
from consent.webhook import messages as m
from consent.webhook.dead_letter import DeliveryDesk
from consent.webhook.delivery import Delivery
from consent.webhook.state import DeliveryState
from consent.webhook.subscription import By, Webhook, WebhookDesk
from database.columns import rfc3339
from web.auth import caller, occasion, require
from web.openapi import blueprint
from web.principal import Scope
from work.http_replay import replay_of_call


class WebhookApi:
    """Subscriptions and deliveries over HTTP."""

    def __init__(self, desk: WebhookDesk, deliveries: DeliveryDesk) -> None:
        self._desk = desk
        self._deliveries = deliveries

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("webhooks", about="Signed notices to subscribers of what happens to consents.")
        manage = require(Scope.WEBHOOKS_MANAGE)
        one = "/webhooks/<int:webhook>"
        api.post("/webhooks", responses={201: m.NewWebhookAnswer})(manage(self.create_webhook))
        api.get("/webhooks", responses={200: m.WebhooksPage})(manage(self.list_webhooks))
        api.get(one, responses={200: m.WebhookAnswer})(manage(self.get_webhook))
        api.delete(one, responses={204: None})(manage(self.delete_webhook))
        api.post(f"{one}/rotate", responses={200: m.SecretAnswer})(manage(self.rotate_webhook_secret))
        api.post(f"{one}/pause", responses={200: m.WebhookAnswer})(manage(self.pause_webhook))
        api.post(f"{one}/resume", responses={200: m.WebhookAnswer})(manage(self.resume_webhook))
        api.get(f"{one}/deliveries", responses={200: m.DeliveriesPage})(manage(self.list_webhook_deliveries))
        api.post(f"{one}/replay", responses={200: m.ReplayAnswer})(manage(self.replay_webhook_deliveries))
        return api

    def create_webhook(self, body: m.SubscriptionRequest) -> tuple[Response, int]:
        """Subscribe to what happens to consents

        The secret that signs the deliveries is in this answer and nowhere else.
        """
        made, secret = self._desk.subscribe(caller().tenant, body.url, body.events, _by(), replay_of_call())
        return jsonify({**_answer(made), "secret": secret.reveal()}), 201

    def list_webhooks(self, query: m.PageQuery) -> Response:
        """List the tenant's subscriptions"""
        found = self._desk.page(caller().tenant, after=query.cursor, limit=query.limit)
        more = str(found[-1].id) if len(found) == query.limit else None
        return jsonify({"items": [_answer(one) for one in found], "next_cursor": more})

    def get_webhook(self, path: m.WebhookPath) -> Response:
        """Look at a subscription"""
        return jsonify(_answer(self._desk.get(caller().tenant, path.webhook)))

    def delete_webhook(self, path: m.WebhookPath) -> tuple[str, int]:
        """End a subscription; what it was still to be told is dropped"""
        self._desk.end(caller().tenant, path.webhook, _by())
        return "", 204

    def rotate_webhook_secret(self, path: m.WebhookPath, body: m.SecretRequest) -> Response:
        """Give a subscription a new secret; deliveries are signed with both for the overlap"""
        secret = self._desk.renew_secret(caller().tenant, path.webhook, body.overlap * 1000, _by())
        return jsonify(secret=secret.reveal())

    def pause_webhook(self, path: m.WebhookPath) -> Response:
        """Deliver nothing for now; what happens meanwhile waits"""
        return jsonify(_answer(self._desk.pause(caller().tenant, path.webhook, _by())))

    def resume_webhook(self, path: m.WebhookPath) -> Response:
        """Deliver again, beginning with what waits"""
        return jsonify(_answer(self._desk.resume(caller().tenant, path.webhook, _by())))

    def list_webhook_deliveries(self, path: m.WebhookPath, query: m.DeliveriesQuery) -> Response:
        """List deliveries in one state, by page"""
        page = self._deliveries.page(caller().tenant, path.webhook, query.state, after=query.cursor, limit=query.limit)
        more = str(page.items[-1].id) if len(page.items) == query.limit else None
        counts = {state.value: page.counts.get(state.value, 0) for state in DeliveryState}
        return jsonify({"items": [_delivery(one) for one in page.items], "counts": counts, "next_cursor": more})

    def replay_webhook_deliveries(self, path: m.WebhookPath, body: m.ReplayRequest) -> Response:
        """Try dead deliveries again, under the ids they had"""
        replayed = self._deliveries.replay(caller().tenant, path.webhook, body.deliveries, _by())
        return jsonify(replayed=replayed)


def _by() -> By:
    now = occasion()
    return By(now.actor, now.request, now.at)


def _answer(webhook: Webhook) -> dict[str, Any]:
    return {
        "webhook": webhook.id,
        "url": webhook.url,
        "events": [topic.value for topic in webhook.topics],
        "state": webhook.state.value,
        "created_at": rfc3339(webhook.created_at),
    }


def _delivery(one: Delivery) -> dict[str, Any]:
    waits = one.state == DeliveryState.QUEUED
    return {
        "delivery": one.id,
        "id": one.message_id,
        "event": consent_id(one.event),
        "type": one.topic,
        "purpose": one.purpose,
        "state": one.state,
        "happened_at": rfc3339(one.happened_at),
        "attempts": one.attempts,
        "next_attempt_at": rfc3339(one.next_at) if waits else None,
        "ended_at": None if one.ended_at is None else rfc3339(one.ended_at),
        "status": one.status,
        "error": one.error,
    }
