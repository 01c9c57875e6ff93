"""HTTP operations on identity for the platform, its officers and its operator."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

from flask import Response, jsonify, request
from flask_openapi.blueprint import APIBlueprint

from database.columns import rfc3339
from dsar.identity import messages as m
from dsar.identity.answers import challenge_answer, key_answer, standing_answer
from dsar.identity.asking import Challenge
from dsar.identity.errors import TooOftenError
from dsar.identity.platform_keys import PlatformKeys
from dsar.identity.problems import TOO_OFTEN
from dsar.identity.sessions import LINK_LIFE_MS, Sessions
from dsar.identity.verifying import Verifying
from dsar.request import By
from web.auth import caller, demand, occasion, require
from web.openapi import blueprint
from web.principal import Scope
from web.problems import ProblemError


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityUseCases:
    """What the operations call. `name_of` tells the name of a tenant, `origin` how people reach the service, if the operator has
    said so."""

    sessions: Sessions
    verifying: Verifying
    keys: PlatformKeys
    name_of: Callable[[int], str]
    origin: str | None


class IdentityApi:
    """Hand-overs, verification of requests, and the platform's keys."""

    def __init__(self, use: IdentityUseCases) -> None:
        self._use = use

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("identity", about="Who makes requests: hand-overs, verification, and the platform's keys.")
        one, keys = "/requests/<request>/verify", "/session-keys"
        link: dict[Any, Any] = {201: m.LinkAnswer}
        api.post("/subjects/<subject>/sessions", responses=link)(require(Scope.DSAR_SESSIONS)(self.hand_person_over))
        verify = require(Scope.DSAR_REQUEST)
        api.post(one, responses={200: m.StandingAnswer, 202: m.ChallengeAnswer})(verify(self.verify_request))
        api.get(one, responses={200: m.StandingAnswer})(require(Scope.DSAR_READ)(self.get_verification))
        manage = require(Scope.DSAR_KEYS)
        api.post(keys, responses={201: m.SessionKeyAnswer})(manage(self.add_session_key))
        api.get(keys, responses={200: m.SessionKeysAnswer})(manage(self.list_session_keys))
        api.delete(f"{keys}/<key>", responses={204: None})(manage(self.revoke_session_key))
        return api

    def hand_person_over(self, path: m.SubjectPath) -> tuple[Response, int]:
        """Get a link by which a person who has signed in at the platform begins a session here

        For whoever has it, once, within five minutes. It leads to a page of the privacy centre, where one tap begins the
        session; an app of yours may post to /v1/privacy/{tenant}/links/{link} instead. A repeated call makes another link. One
        for somebody who is not known begins nothing.
        """
        by, tenant = _by(), caller().tenant
        link = self._use.sessions.hand_over(tenant, path.subject, by)
        origin = (self._use.origin or request.host_url).rstrip("/")
        url = f"{origin}/privacy/{self._use.name_of(tenant)}/enter/{link.reveal()}"
        return jsonify(url=url, expires_at=rfc3339(by.at + LINK_LIFE_MS)), 201

    def verify_request(self, path: m.RequestPath, body: m.VerifyRequest) -> tuple[Response, int]:
        """Verify who has made a request: by a code, by the person's session, or by a document that an officer has seen

        Seeing documents needs the scope dsar:manage.
        """
        tenant, use, by = caller().tenant, self._use.verifying, _by()
        if body.proof is not None and body.document is not None:
            demand(Scope.DSAR_MANAGE)
            standing = use.by_document(tenant, path.request, body.proof, body.document, by)
        elif body.session is not None:
            standing = use.by_session(tenant, path.request, body.session, by)
        elif body.challenge is not None and body.codes is not None:
            standing = use.by_codes(tenant, path.request, body.challenge, body.codes, by)
        else:
            sent = asked(lambda: use.ask(tenant, path.request, body.channels, body.locale, by))
            return jsonify(challenge_answer(sent)), 202
        return jsonify(standing_answer(standing)), 200

    def get_verification(self, path: m.RequestPath) -> Response:
        """See how far a request is verified, and what it takes"""
        return jsonify(standing_answer(self._use.verifying.standing(caller().tenant, path.request)))

    def add_session_key(self, body: m.SessionKeyRequest) -> tuple[Response, int]:
        """Let the platform's server sign assertions by another key"""
        return jsonify(key_answer(self._use.keys.add(caller().tenant, body.public_key, _by()))), 201

    def list_session_keys(self) -> Response:
        """List the keys by which assertions are verified"""
        items = [key_answer(one) for one in self._use.keys.all(caller().tenant)]
        return jsonify(items=items, next_cursor=None)

    def revoke_session_key(self, path: m.KeyPath) -> tuple[str, int]:
        """Accept nothing more that a key has signed"""
        self._use.keys.revoke(caller().tenant, path.key, _by())
        return "", 204


def asked(ask: Callable[[], Challenge], early_too: Callable[[], object] = lambda: None) -> Challenge:
    """What `ask` returns; 429 with the time to wait where codes are asked for too often, of which `early_too` hears."""
    try:
        return ask()
    except TooOftenError as early:
        early_too()
        raise ProblemError(TOO_OFTEN, headers={"Retry-After": str(ceil(early.wait_ms / 1000))}) from None


def _by() -> By:
    now = occasion()
    return By(now.actor, now.request, now.at)
