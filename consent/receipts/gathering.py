"""Putting together what a record of consent is made from."""

from collections.abc import Sequence

from consent.ports import Editions, Subject
from consent.receipts import store
from consent.receipts.facts import Facts, Occurrence, Wording
from consent.records.caller import pseudonyms
from database.transaction import Transaction


def facts_of(tx: Transaction, editions: Editions, tenant: int, person: Subject, *, purpose: str, epoch: int) -> Facts:
    """Everything that happened to a person's consent to a purpose up to event number `epoch`. The person must have a pseudonym,
    and at least one such event."""
    (ref,) = pseudonyms(person)
    rows = tx.all(store.EVENTS, tenant=tenant, subject=person.number, purpose=purpose, epoch=epoch)
    occurrences = tuple(store.occurrence_of(row) for row in rows)
    catalogue = editions.at(tx, tenant, occurrences[-1].recorded_at).catalogue
    return Facts(
        person=ref,
        purpose_id=purpose,
        purpose=catalogue.by_id.get(purpose),
        catalogue=catalogue,
        wording=_wording(tx, tenant, purpose, occurrences),
        occurrences=occurrences,
    )


def _wording(tx: Transaction, tenant: int, purpose: str, occurrences: Sequence[Occurrence]) -> Wording | None:
    """What the person was last shown: an end that nobody asked for shows nothing new."""
    for one in reversed(occurrences):
        if one.notice_version is not None and one.locale is not None:
            place = {"purpose": purpose, "version": one.notice_version, "locale": one.locale}
            row = tx.one(store.WORDING, tenant=tenant, **place)
            return None if row is None else store.wording_of(row)
    return None
