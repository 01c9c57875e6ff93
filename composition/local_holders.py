"""The parts of this service that hold data of people, as requests ask every holder."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from composition.foundation import Foundation
from consent.errors import SubjectNotFoundError
from consent.receipts.disclosing import ConsentDisclosure
from consent.records.disposing import ConsentDisposal
from database.columns import millis
from dsar.desk.disclosing import RequestDisclosure
from dsar.holders.errors import HolderAwayError, HolderHeldError, HolderRefusedError
from dsar.holders.holder import Act, Disposal, Errand, Holding, Person, Piece, Receipt
from dsar.holds.restriction import Cause, Restrictions
from vault.errors import DeniedError, HeldError, KeysUnavailableError, LedgerError, NotFoundError, SubjectErasedError
from vault.identifier import InvalidIdentifier
from vault.rights.disclosing import Disclosing
from vault.rights.disposal import Disposing
from vault.rights.inventory import Inventory
from vault.rights.rectifying import Rectifying
from vault.shredding import ShredReason

AGAIN_MS = 60_000
"""After so long a part that could not do its work now is asked again."""

VAULT = "vault"
CONSENT = "consent"
REQUESTS = "requests"


@dataclass(frozen=True, slots=True)
class VaultRights:
    """What the vault does for people's requests, and how their data is restricted. `region_of` tells the region of a tenant."""

    inventory: Inventory
    disclosing: Disclosing
    rectifying: Rectifying
    disposing: Disposing
    restrictions: Restrictions
    region_of: Callable[[int], str]


class VaultHolder:
    """The vault: sealed values, the profile, and the account itself."""

    name = VAULT
    acts = frozenset(Act)

    def __init__(self, base: Foundation, rights: VaultRights) -> None:
        self._base = base
        self._rights = rights

    def inventory(self, person: Person, errand: Errand) -> Sequence[Holding]:  # noqa: ARG002 - counting leaves no trace
        """Kinds by purpose and ref, the account, and the orders that a courier has."""
        return [
            Holding(holder=VAULT, category=kind, purpose=purpose, ref=ref, count=one.count, since=one.since)
            for one in self._rights.inventory.of(person.tenant, person.number)
            for kind, purpose, ref in [one.use]
        ]

    def disclose(self, person: Person, errand: Errand) -> Iterator[Piece]:
        """Every value with what it is kept for, kind by kind."""
        with self._answering():
            pieces = self._rights.disclosing.disclose(person.tenant, person.number, errand.request)
        return self._passed_on(pieces)

    def rectify(self, person: Person, corrections: Mapping[str, str], errand: Errand) -> Receipt:
        """By field of the profile, or by kind."""
        with self._answering():
            read = self._rights.rectifying.read(corrections, region=self._rights.region_of(person.tenant))
            count, at = self._rights.rectifying.rectify(person.tenant, person.number, read, errand.request)
        return Receipt(holder=VAULT, method="rectify" if count else "none", count=count, at=at)

    def restrict(self, person: Person, errand: Errand, *, on: bool) -> Receipt:
        """All purposes, for the request's sake."""
        at = millis(self._base.now())
        change = partial(
            self._rights.restrictions.set if on else self._rights.restrictions.lift,
            tenant=person.tenant,
            subject=person.number,
            cause=Cause.PERSON,
            at=at,
            origin=errand.request.bytes,
        )
        self._base.database.write(person.tenant, change)
        count = sum(one.count for one in self._rights.inventory.of(person.tenant, person.number))
        return Receipt(holder=VAULT, method="restrict" if on else "release", count=count, at=at)

    def dispose(self, person: Person, disposal: Disposal, errand: Errand) -> Receipt:
        """By the key, or row by row where something is kept."""
        reason = ShredReason(disposal.reason)
        with self._answering():
            done = self._rights.disposing.dispose(
                person.tenant, person.number, keep=disposal.keep, reason=reason, request=errand.request
            )
        return Receipt(holder=VAULT, method=done.method, count=done.count, at=done.at)

    def _passed_on(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        with self._answering():
            yield from pieces

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """The vault's refusals in the words of holders."""
        try:
            yield
        except (KeysUnavailableError, LedgerError):
            raise HolderAwayError(millis(self._base.now()) + AGAIN_MS) from None
        except HeldError:
            raise HolderHeldError from None
        except (SubjectErasedError, NotFoundError, InvalidIdentifier) as error:
            raise HolderRefusedError(error.code) from None
        except DeniedError as error:
            raise HolderRefusedError(error.reason) from None
        except LookupError:
            raise HolderRefusedError("unknown_kind") from None


class ConsentHolder:
    """The records of consents: who said what to which purpose. What must remain provable remains, of nobody in particular."""

    name = CONSENT
    acts = frozenset({Act.INVENTORY, Act.DISCLOSE, Act.DISPOSE})

    def __init__(self, disclosure: ConsentDisclosure, disposal: ConsentDisposal) -> None:
        self._disclosure = disclosure
        self._disposal = disposal

    def inventory(self, person: Person, errand: Errand) -> Sequence[Holding]:  # noqa: ARG002 - counting leaves no trace
        """The events of each purpose to which the person stands somehow."""
        return [
            Holding(holder=CONSENT, category=CONSENT, purpose=one.purpose, ref="", count=one.count, since=one.since)
            for one in self._disposal.inventory(person.tenant, person.number)
        ]

    def disclose(self, person: Person, errand: Errand) -> Iterator[Piece]:
        """A record by ISO/IEC TS 27560 for each purpose."""
        try:
            records = self._disclosure.records(person.tenant, person.number, errand.request)
        except SubjectNotFoundError:
            raise HolderRefusedError(SubjectErasedError.code) from None
        return ((CONSENT, record) for record in records)

    def rectify(self, person: Person, corrections: Mapping[str, str], errand: Errand) -> Receipt:  # noqa: ARG002 - not an act
        """What somebody has said is not corrected: they say something else."""
        raise HolderRefusedError("not_supported")

    def restrict(self, person: Person, errand: Errand, *, on: bool) -> Receipt:  # noqa: ARG002 - not an act
        """Nothing is done with consents but to ask them."""
        raise HolderRefusedError("not_supported")

    def dispose(self, person: Person, disposal: Disposal, errand: Errand) -> Receipt:
        """Take from the events what leads to the person, and the standings; where something is kept for a purpose, the consent
        to that purpose is kept by naming it."""
        keep = {purpose for category, purpose, _ in disposal.keep if category == CONSENT}
        count, at = self._disposal.dispose(person.tenant, person.number, keep=keep, request=errand.request)
        return Receipt(holder=CONSENT, method="anonymise" if count else "none", count=count, at=at)


class RequestsHolder:
    """The record of what people have asked. It names nobody once the person is erased, and stays as long as the law wants it."""

    name = REQUESTS
    acts = frozenset({Act.DISCLOSE})

    def __init__(self, base: Foundation, disclosure: RequestDisclosure) -> None:
        self._base = base
        self._disclosure = disclosure

    def inventory(self, person: Person, errand: Errand) -> Sequence[Holding]:  # noqa: ARG002 - not an act
        """The record of requests is not planned away."""
        raise HolderRefusedError("not_supported")

    def disclose(self, person: Person, errand: Errand) -> Iterator[Piece]:
        """Requests and complaints, with their words as long as these are kept."""
        at = millis(self._base.now())
        return self._disclosure.of(person.tenant, person.number, errand.request, at)

    def rectify(self, person: Person, corrections: Mapping[str, str], errand: Errand) -> Receipt:  # noqa: ARG002 - not an act
        """What somebody has asked is not corrected."""
        raise HolderRefusedError("not_supported")

    def restrict(self, person: Person, errand: Errand, *, on: bool) -> Receipt:  # noqa: ARG002 - not an act
        """It is used for nothing but the request."""
        raise HolderRefusedError("not_supported")

    def dispose(self, person: Person, disposal: Disposal, errand: Errand) -> Receipt:  # noqa: ARG002 - not an act
        """It lets go of the person by itself, with the person's key."""
        raise HolderRefusedError("not_supported")
