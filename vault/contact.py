"""Where a person can be reached, for a message that is to leave now: opened for this one use and recorded as a disclosure."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.event_id import uuid7
from database.transaction import Row, Transaction
from vault import store
from vault.envelope import open_sealed
from vault.identifier import KINDS, Kind, normal_form
from vault.keyring import TenantKeys
from vault.means import Means
from vault.people import opened_by_number
from vault.subject import OpenSubject


class Address(NamedTuple):
    """An address of a person and the kind it is of: `phone` in E.164, or `email`."""

    kind: str
    value: str


class Contacts:
    """Opens addresses. `region_of` tells the default region of a tenant."""

    def __init__(self, means: Means, region_of: Callable[[int], str]) -> None:
        self._means = means
        self._region_of = region_of

    def address(self, tenant: int, subject: int, kinds: Sequence[str], *, profile_only: bool = False) -> Address | None:
        """The person's address of the first of `kinds` that there is: the one in the profile, or the one stored last, unless it
        must be in the profile. None where there is none, or the person was erased.

        Raises:
            NotFoundError: what is stored did not open.
        """
        at, wanted = self._means.at(), store.PROFILE_ADDRESS if profile_only else store.ADDRESS

        def work(tx: Transaction, keys: TenantKeys) -> Address | None:
            person = opened_by_number(tx, self._means, keys, tenant, [subject], at).get(subject)
            if person is None:
                return None
            for kind in kinds:
                row = tx.one(wanted, tenant=tenant, subject=subject, kind=KINDS[kind].code, field=kind, at=at)
                if row is not None:
                    return self._opened(tx, tenant, person, row, at, kind=KINDS[kind])
            return None

        return self._means.write(tenant, work)

    def _opened(self, tx: Transaction, tenant: int, person: OpenSubject, row: Row, at: int, *, kind: Kind) -> Address:
        number, sealed = row
        octets = open_sealed(
            person.dek, bytes(sealed), tenant=tenant, subject=person.number, row=number, kind=kind.code
        )
        group = Group(Outcome.DONE, kind=kind.name, subjects=[person.ref], rows=[number])
        request = str(uuid7(at))
        self._means.log.append(tx, Act(Action.CONTACT_OPEN, Actor(ActorKind.SYSTEM), tenant, at, request, [group]))
        return Address(kind.name, normal_form(kind, octets.decode(), region=self._region_of(tenant)))
