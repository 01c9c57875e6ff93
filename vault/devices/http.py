"""HTTP operations on the devices of people."""

from typing import Any

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from database.columns import rfc3339
from vault.access import Caller
from vault.base64url import text_of
from vault.devices import messages as m
from vault.devices.device import Device
from vault.devices.proving import Proof
from vault.devices.public_key import PublicKey
from vault.devices.registering import DeviceDesk, Offer
from web.auth import caller, occasion, require
from web.context import current
from web.openapi import blueprint
from web.principal import Scope
from work.http_replay import replay_of_call


class DeviceApi:
    """Devices over HTTP."""

    def __init__(self, desk: DeviceDesk) -> None:
        self._desk = desk

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("devices", about="Keys of people's devices, for which values and messages are sealed.")
        manage = require(Scope.DEVICES_MANAGE)
        devices = "/subjects/<subject>/devices"
        api.post(f"{devices}/challenges", responses={200: m.ChallengeAnswer})(manage(self.challenge_device))
        api.post(devices, responses={201: m.DeviceAnswer})(manage(self.register_device))
        api.get(devices, responses={200: m.DevicesPage})(manage(self.list_devices))
        api.delete(f"{devices}/<int:device>", responses={204: None})(manage(self.revoke_device))
        return api

    def challenge_device(self, path: m.DevicesPath, body: m.ChallengeRequest) -> Response:
        """Ask a device to show that a key is its own

        The box opens with the secret half of the key only. Nothing is stored: ask again where the answer did not come in time.
        """
        asked = self._desk.challenge(caller_of_call(), path.subject, PublicKey.of(body.public_key))
        return jsonify(challenge=asked.challenge, sealed=asked.sealed, expires_at=rfc3339(asked.until))

    def register_device(self, path: m.DevicesPath, body: m.DeviceRequest) -> tuple[Response, int]:
        """Register the key of a person's device, or renew one"""
        offer = Offer(PublicKey.of(body.public_key), Proof(body.challenge, body.answer), body.replaces)
        made = self._desk.register(caller_of_call(), path.subject, offer, replay_of_call())
        return jsonify(_answer(made)), 201

    def list_devices(self, path: m.DevicesPath, query: m.DevicesQuery) -> Response:
        """List a person's devices"""
        found = self._desk.devices(caller_of_call(), path.subject, after=query.cursor, limit=query.limit)
        more = str(found[-1].id) if len(found) == query.limit else None
        return jsonify({"items": [_answer(one) for one in found], "next_cursor": more})

    def revoke_device(self, path: m.DevicePath) -> tuple[str, int]:
        """Seal nothing more for a device"""
        self._desk.revoke(caller_of_call(), path.subject, path.device)
        return "", 204


def caller_of_call() -> Caller:
    """Who calls, for the use cases of this package."""
    principal = caller()
    return Caller(principal.tenant, principal.credential, principal.role.value, current().request_id)


def _answer(one: Device) -> dict[str, Any]:
    ended = "revoked" if one.revoked_at is not None else "expired"
    return {
        "device": one.id,
        "tenant": caller().tenant,
        "public_key": text_of(one.public_key),
        "state": "live" if one.live(occasion().at) else ended,
        "created_at": rfc3339(one.created_at),
        "expires_at": rfc3339(one.expires_at),
    }
