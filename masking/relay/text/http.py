"""The HTTP operation on texts. Nothing of a call is kept but how many there were."""

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from masking.relay.bound import By
from masking.relay.errors import RelayError
from masking.relay.number import RelayNumber
from masking.relay.telling import locale_of, told
from masking.relay.text import messages as m
from masking.relay.text.passing import Held, Passed, Texts, Written
from web.auth import caller, occasion, require
from web.openapi import blueprint
from web.principal import Scope


class TextApi:
    """Texts over HTTP."""

    def __init__(self, texts: Texts, region_of: Callable[[int], str]) -> None:
        self._texts = texts
        self._region_of = region_of

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("relay_texts", about="Texts between people behind relay numbers.")
        route = require(Scope.RELAY_ROUTE)
        api.post("/relay/messages", responses={200: m.TextAnswer})(route(self.relay_message))
        return api

    def relay_message(self, body: m.TextRequest) -> Response:
        """Ask where a text goes, and what of it

        For switches that carry texts. What is personal in a text is taken out, and one with a link or about a one-time code is
        not passed on.
        """
        now = occasion()
        by = By(caller().tenant, now.actor, now.request, now.at)
        written = Written(body.called.get_secret_value(), body.caller.get_secret_value(), body.text.get_secret_value())
        came = self._texts.pass_on(by, written)
        return jsonify(_deliver(came) if isinstance(came, Passed) else self._reject(by.tenant, came, written.called))

    def _reject(self, tenant: int, held: Held, called: str) -> dict[str, Any]:
        answer: dict[str, Any] = {"action": "reject", "reason": held.reason.value, "binding": held.binding}
        if held.word is not None and (present := _relay_number(called, self._region_of(tenant))) is not None:
            answer["reply"] = {"text": told(held.word, locale_of(self._region_of(tenant))), "present": present}
        return answer


def _deliver(passed: Passed) -> dict[str, Any]:
    return {
        "action": "deliver",
        "to": passed.to,
        "present": passed.present,
        "text": passed.text,
        "binding": passed.binding,
        "leg": passed.leg,
        "removed": passed.removed,
        "flags": sorted(passed.flags),
    }


def _relay_number(called: str, region: str) -> str | None:
    try:
        return RelayNumber.parse(called, region).value
    except RelayError:
        return None
