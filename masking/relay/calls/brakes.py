"""Measures against callers, as the book of calls meets them at the next attempt: rows beside the limits, so that no process
asks for them apart."""

from collections.abc import Sequence
from typing import Any

from database.transaction import Transaction
from masking.relay.calls import store
from masking.relay.calls.legs import first_leg
from masking.relay.calls.rules import Bound, Measure

BINDINGS_AT_ONCE = 200


def put_brake(
    tx: Transaction, tenant: int, measure: Measure, caller: bytes, *, since: int, at: int, until: int
) -> Sequence[int]:
    """Take a measure against a caller until a moment; the bindings that are frozen. A caller who is frozen gets no new bindings
    either. All times are milliseconds since the epoch."""
    if measure is Measure.CASE:
        return ()
    if measure is Measure.FREEZE_BINDING:
        where: dict[str, Any] = {
            "tenant": tenant,
            "first": first_leg(since),
            "caller": caller,
            "limit": BINDINGS_AT_ONCE,
        }
        frozen = [row[0] for row in tx.all(store.BINDINGS_CALLED, **where)]
        for binding in sorted(frozen):
            _brake(tx, tenant, (Bound.BINDING, eight(binding)), measure, at=at, until=until)
        return frozen
    _brake(tx, tenant, (Bound.CALLER, caller), measure, at=at, until=until)
    if measure is Measure.FREEZE_CALLER:
        tx.run(store.FREEZE_PARTY, tenant=tenant, fingerprint=caller, until=until)
    return ()


def lift_brake(tx: Transaction, tenant: int, measure: Measure, caller: bytes | None, *, since: int) -> None:
    """End a measure before its time."""
    if caller is None or measure is Measure.CASE:
        return
    if measure is Measure.FREEZE_BINDING:
        where: dict[str, Any] = {
            "tenant": tenant,
            "first": first_leg(since),
            "caller": caller,
            "limit": BINDINGS_AT_ONCE,
        }
        for (binding,) in sorted(tx.all(store.BINDINGS_CALLED, **where)):
            tx.run(store.RELEASE, tenant=tenant, scope=Bound.BINDING.value, key=eight(binding))
        return
    tx.run(store.RELEASE, tenant=tenant, scope=Bound.CALLER.value, key=caller)
    if measure is Measure.FREEZE_CALLER:
        tx.run(store.FREEZE_PARTY, tenant=tenant, fingerprint=caller, until=None)


def eight(number: int) -> bytes:
    """An id as the key of a bucket: 8 octets, big-endian."""
    return number.to_bytes(8, "big")


def _brake(tx: Transaction, tenant: int, place: tuple[Bound, bytes], measure: Measure, *, at: int, until: int) -> None:
    where: dict[str, Any] = {"tenant": tenant, "scope": place[0].value, "key": place[1]}
    tx.run(store.BRAKE, **where, now=at * 1000, brake=measure.value, until=until)
