"""What people ask for, from the desk to the package or the certificate, and the holds that stand against it."""

from collections.abc import Sequence
from dataclasses import dataclass

from composition.consent import TenantEditions
from composition.disclosure import disclosure_part
from composition.erasures import Erasures, erasures
from composition.foundation import Foundation
from composition.fulfilment import consents_of_people, fulfilment_part
from composition.holders import AllHolders
from composition.holds import holds_of
from composition.identity import identity_part, level_assurance
from composition.messages import NoMessenger
from composition.part import Part
from composition.requests import Requests, request_desk, requests
from consent.ports import ConsentListener
from dsar.desk.requests import RequestDesk
from dsar.disclosure.fetching import Fetching
from dsar.holds.placing import HoldDesk
from dsar.identity.person_http import PersonUseCases
from dsar.identity.verifying import Verifying
from vault.means import Means
from web.messages.post import Post
from web.tenancy import TenantDesk


@dataclass(frozen=True, slots=True)
class Rights:
    """The desk, what people themselves call, and the parts of a deployment that answer them."""

    desk: RequestDesk
    persons: PersonUseCases
    fetching: Fetching
    asked: Requests
    verifying: Verifying
    erased: Erasures
    holds: HoldDesk
    parts: list[Part]


def rights(
    base: Foundation,
    means: Means,
    editions: TenantEditions,
    holders: AllHolders,
    messenger: Post | NoMessenger,
    *,
    tenants: TenantDesk,
    listeners: Sequence[ConsentListener],
) -> Rights:
    """What answers people in a deployment. `listeners` hear of every consent that a request ends."""
    assurance = level_assurance(means)
    desk = request_desk(base, assurance)
    asked = requests(base, means, desk, messenger)
    consents = consents_of_people(base, means, editions, listeners)
    erased = erasures(base, means, desk, holders, consents, messenger)
    identity = identity_part(base, means, tenants, desk, asked.intake, assurance)
    disclosure = disclosure_part(base, means, desk, holders, editions, messenger=messenger, tenants=tenants)
    holds = holds_of(base, means, [erased.resuming])
    parts = [
        holds.part,
        asked.part,
        identity.part,
        disclosure.part,
        erased.part,
        fulfilment_part(base, desk, holders, editions, consents=consents, words=asked.words),
    ]
    return Rights(desk, identity.persons, disclosure.fetching, asked, identity.verifying, erased, holds.desk, parts)
