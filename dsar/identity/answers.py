"""Answers of identity, as JSON has them."""

from typing import Any

from database.columns import rfc3339
from dsar.identity.asking import Challenge
from dsar.identity.level_policy import Required
from dsar.identity.platform_keys import Registered
from dsar.identity.session import Session
from dsar.identity.verifying import Standing
from dsar.request import Level, Request


def challenge_answer(challenge: Challenge) -> dict[str, Any]:
    """Codes that have been asked for."""
    return {
        "challenge": str(challenge.id),
        "codes": challenge.codes,
        "expires_at": rfc3339(challenge.expires_at),
    }


def level_answer(session: Session, at: int) -> dict[str, Any]:
    """How sure a session makes."""
    return {"level": word(session.level(at)), "expires_at": rfc3339(session.expires_at)}


def standing_answer(standing: Standing) -> dict[str, Any]:
    """How far a request is verified, for the platform and for officers."""
    return {
        "request": str(standing.request.id),
        "state": standing.request.state.value,
        "level": word(standing.level),
        "required": _required(standing.required),
        "missing": sorted(standing.lacking),
        "verified": standing.verified,
    }


def own_answer(request: Request) -> dict[str, Any]:
    """A request, for the person."""
    return {
        "request": str(request.id),
        "right": request.right.value,
        "regime": request.regime,
        "requester": request.requester.value,
        "state": request.state.value,
        "level": word(request.level),
        "received_at": rfc3339(request.received_at),
        "due_at": rfc3339(request.due_at),
    }


def own_standing_answer(standing: Standing) -> dict[str, Any]:
    """A request and what it takes, for the person."""
    told = own_answer(standing.request)
    return {
        **told,
        "level": word(standing.level),
        "required": _required(standing.required),
        "verified": standing.verified,
    }


def key_answer(registered: Registered) -> dict[str, Any]:
    """A key of the platform."""
    key = registered.key
    return {"key": key.thumbprint, "algorithm": key.algorithm.value, "created_at": rfc3339(registered.made_at)}


def word(level: Level) -> str:
    """A level in a word."""
    return level.name.lower()


def _required(required: Required) -> dict[str, Any]:
    return {"level": word(required.level), "proofs": sorted(required.proofs)}
