"""Answering a challenge: whether codes are those that were sent, in the transaction that makes something of it.

A challenge is answered once and takes three tries; which of its codes was wrong is not said. Its row is held until the
transaction ends, so of two who answer at once one finds it answered. Codes are compared in constant time, and all of them:
those that were never sent, too.
"""

import hmac
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from audit.entry import Reason
from database.transaction import Row, Transaction
from dsar.identity import store
from dsar.identity.guard import TRIES, Guard
from work.replay import Mac

_NEVER_SENT = bytes(16)


class Confirmed(NamedTuple):
    """Who has answered, and by which channels the codes had gone."""

    subject: int
    channels: frozenset[str]


class Binding(NamedTuple):
    """What a challenge must have been asked for: a request, a session by its digest, or a new session."""

    request: bytes | None = None
    session: bytes | None = None


def code_digest(mac: Mac, challenge: bytes, place: int, code: str) -> bytes:
    """What is stored of a code: `challenge ‖ place (1 octet) ‖ code` under the tenant's key."""
    return mac.digest(challenge + bytes([place]) + code.encode(), label=b"one-time-code/v1")


def answered(
    tx: Transaction, mac: Mac, tenant: int, challenge: UUID, codes: Sequence[str], *, bound: Binding, at: int
) -> Confirmed | Reason:
    """Who has answered, or why that is not shown, which the log may know and nobody else."""
    number = challenge.bytes
    row = tx.one(store.CHALLENGE_TO_CHANGE, tenant=tenant, id=number)
    claims = tx.all(store.CLAIMS_OF, tenant=tenant, challenge=number)
    right = _right(mac, number, claims, codes)
    if row is None:
        return Reason.UNKNOWN
    subject, request, session, _locale, tries, expires_at, ended_at = row
    if (request and bytes(request), session and bytes(session)) != (bound.request, bound.session):
        return Reason.NOT_FOUND
    guards = store.guards_to_change(tx, tenant, [bytes(claim[1]) for claim in claims])
    if over := _over(guards.values(), tries, expires_at, ended_at, at=at):
        return over
    good = right and subject is not None
    moved = {who: guard.succeeded(at) if good else guard.failed(at) for who, guard in guards.items()}
    store.set_guards(tx, tenant, moved)
    ends = good or tries + 1 == TRIES
    tx.run(store.COUNT_TRY, tenant=tenant, id=number, tries=tries + 1, ended_at=at if ends else None)
    if not good:
        return Reason.INVALID
    return Confirmed(subject, frozenset(claim[4] for claim in claims if claim[2] is not None))


def _over(guards: Iterable[Guard], tries: int, expires_at: int, ended_at: int | None, *, at: int) -> Reason | None:
    """Why a challenge takes no answer any more, or none now."""
    if ended_at is not None or tries >= TRIES:
        return Reason.REVOKED
    if at >= expires_at:
        return Reason.EXPIRED
    return Reason.RATE if any(guard.locked(at) for guard in guards) else None


def _right(mac: Mac, challenge: bytes, claims: Sequence[Row], codes: Sequence[str]) -> bool:
    """Whether each claim that takes a code got its own; all are looked at, whatever the first says."""
    taking = [claim for claim in claims if claim[2] is not None]
    right = len(taking) == len(codes) > 0
    for place, code in enumerate(codes):
        claim = taking[place] if place < len(taking) else None
        sent = claim is not None and claim[3] is not None and claim[4] is not None
        stored = bytes(claim[3]) if claim is not None and sent else _NEVER_SENT
        same = hmac.compare_digest(code_digest(mac, challenge, claim[0] if claim else place, code), stored)
        right = right and sent and same
    return right
