"""HTTP operations on messages between devices."""

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from database.columns import rfc3339
from vault.access import Caller
from vault.base64url import octets_of, text_of
from vault.letters import messages as m
from vault.letters.desk import Fetched, LetterDesk, Route
from vault.letters.envelope import EnvelopeError
from vault.letters.errors import NotProvedError
from vault.letters.reporting import Evidence, LetterReports
from vault.messages import OrderPath
from web.auth import caller, require
from web.context import current
from web.openapi import blueprint
from web.principal import Scope
from work.http_replay import replay_of_call


class LetterApi:
    """Messages over HTTP."""

    def __init__(self, desk: LetterDesk, reports: LetterReports) -> None:
        self._desk = desk
        self._reports = reports

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("messages", about="Messages between the parties of an order that only their devices can read.")
        carry = require(Scope.MESSAGES_CARRY)
        letters = "/orders/<order>/messages"
        api.get("/orders/<order>/devices", responses={200: m.LiveKeysAnswer})(carry(self.list_party_devices))
        api.post(letters, responses={201: m.SentAnswer})(carry(self.send_message))
        api.get(letters, responses={200: m.LettersPage})(carry(self.list_messages))
        api.post(f"{letters}/<int:message>/ack", responses={204: None})(carry(self.acknowledge_message))
        api.post(f"{letters}/report", responses={200: m.ReportAnswer})(carry(self.report_message))
        return api

    def list_party_devices(self, path: OrderPath, query: m.PartyQuery) -> Response:
        """List the keys for which messages to a party of an order may be sealed"""
        found = self._desk.devices(_caller(), path.order, query.party)
        items = [
            {"device": one.id, "public_key": text_of(one.public_key), "expires_at": rfc3339(one.expires_at)}
            for one in found
        ]
        return jsonify(items=items)

    def send_message(self, path: OrderPath, body: m.SendRequest) -> tuple[Response, int]:
        """Send a message that was sealed on one device for another"""
        route = Route(body.from_party, body.from_device, body.to_party, body.to_device)
        try:
            envelope = octets_of(body.envelope)
        except ValueError:
            raise EnvelopeError from None
        sent = self._desk.send(_caller(), path.order, route, envelope, replay_of_call())
        return jsonify(message=sent.id, expires_at=rfc3339(sent.expires_at)), 201

    def list_messages(self, path: OrderPath, query: m.FetchQuery) -> Response:
        """Fetch the messages that wait for a device"""
        found = self._desk.fetch(
            _caller(), path.order, query.party, query.device, after=query.cursor, limit=query.limit
        )
        more = str(found[-1].id) if len(found) == query.limit else None
        return jsonify(items=[_item(one) for one in found], next_cursor=more)

    def acknowledge_message(self, path: m.LetterPath, body: m.AcknowledgeRequest) -> tuple[str, int]:
        """Delete a message that its recipient has"""
        self._desk.acknowledge(_caller(), path.order, body.party, path.message)
        return "", 204

    def report_message(self, path: OrderPath, body: m.ReportRequest) -> Response:
        """Hand over a copy of a message that its recipient complains of

        The copy is stored as a note of the recipient for the purpose `support`, and its token is in the answer.
        """
        try:
            evidence = Evidence(
                body.text.get_secret_value(),
                octets_of(body.opening),
                body.sent_at,
                octets_of(body.sender_key),
                octets_of(body.recipient_key),
                body.hour,
                octets_of(body.commitment),
                octets_of(body.frank),
            )
        except ValueError:
            raise NotProvedError from None
        reported = self._reports.report(_caller(), path.order, body.party, evidence, replay_of_call())
        sender = None if reported.sender is None else reported.sender.value
        return jsonify(verified=True, token=reported.token, sender=sender)


def _caller() -> Caller:
    principal = caller()
    return Caller(principal.tenant, principal.credential, principal.role.value, current().request_id)


def _item(one: Fetched) -> dict[str, str | int]:
    return {
        "message": one.id,
        "envelope": text_of(one.envelope),
        "sender_device": one.sender_device,
        "sender_key": text_of(one.sender_key),
        "recipient_key": text_of(one.recipient_key),
        "hour": one.hour,
        "frank": text_of(one.frank),
        "expires_at": rfc3339(one.expires_at),
    }
