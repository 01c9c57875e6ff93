"""From how the platform names people to parties: opened in the vault, locked there and here.

Parties are locked in the order of their ids, so that no two bindings of one person are made at once and nobody waits in a circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from audit.entry import Reason, SubjectRef
from database.transaction import Transaction
from masking.relay import store
from masking.relay.bound import By
from masking.relay.number import is_emergency
from masking.relay.ports import Directory, PartyName, Person
from masking.relay.rekeying.moving import keep_up
from masking.relay.seat import Party


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who can be bound: the party, and the pseudonym in the log."""

    party: Party
    ref: SubjectRef


def known_people(
    tx: Transaction, directory: Directory, by: By, names: Sequence[PartyName], *, even_frozen: bool = False
) -> dict[PartyName, Known | Reason]:
    """Everybody who is named, made where there was no party, and locked until the transaction ends; a reason for whoever cannot
    be called, which with `even_frozen` a freeze of the relay's own is none."""
    asked = list(dict.fromkeys(names))
    found: dict[PartyName, Known | Reason] = {}
    people: dict[PartyName, Person] = {}
    for name, one in zip(asked, directory.people(tx, asked, by.at), strict=True):
        if isinstance(one, Reason):
            found[name] = one
        elif is_emergency(one.number, directory.region):
            found[name] = Reason.INVALID
        else:
            people[name] = one
    prints = {name: directory.fingerprint(one.number) for name, one in people.items()}
    directory.settled(tx)
    keep_up(tx, directory, by.tenant, [one.number for one in people.values()])
    parties = _parties(tx, directory, by, {(prints[name], one.subject): one.record for name, one in people.items()})
    for name, one in people.items():
        number, frozen_until = parties[prints[name], one.subject]
        frozen = not even_frozen and frozen_until is not None and frozen_until > by.at
        found[name] = Reason.FROZEN if frozen else Known(Party(number, prints[name]), one.ref)
    return found


def _parties(
    tx: Transaction, directory: Directory, by: By, records: dict[tuple[bytes, int], int]
) -> dict[tuple[bytes, int], tuple[int, int | None]]:
    """The id of each party and until when it is frozen, by fingerprint and person."""
    rows = tx.all(store.PARTIES, rows=[(one,) for one in sorted({print_ for print_, _ in records})], tenant=by.tenant)
    parties: dict[tuple[bytes, int], tuple[int, int | None]] = {}
    for fingerprint, subject, number, record, frozen_until in rows:
        place = bytes(fingerprint), subject
        parties[place] = number, frozen_until
        if place in records and records[place] != record:
            tx.run(store.MOVE_PARTY, tenant=by.tenant, id=number, record=records[place])
    missing = sorted(place for place in records if place not in parties)
    made = []
    for number, place in zip(tx.reserve("relay_party", len(missing)), missing, strict=True):
        made.append((number, by.tenant, *place, records[place], None, by.at, directory.key_version))
        parties[place] = number, None
    tx.insert(store.INSERT_PARTIES, made)
    return parties
