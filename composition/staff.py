"""Staff of a deployment: how they sign in, their pages, and the door that all consoles stand behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from composition.foundation import Foundation
from composition.part import Part
from pages.shell.addresses import url
from pages.shell.chrome import Place
from pages.shell.site import Site
from pages.staff.door import StaffDoor, StaffPlace
from pages.staff.enrolling import Enrolling
from pages.staff.entering import Entering
from pages.staff.entrance import EntrancePages, EntranceUseCases
from pages.staff.factors import Factors
from pages.staff.federating import Federating
from pages.staff.http import StaffApi
from pages.staff.inviting import Inviting
from pages.staff.outside_pages import OutsidePages
from pages.staff.own_factors import OwnFactors
from pages.staff.own_pages import OwnPages, OwnUseCases
from pages.staff.people_pages import PeoplePages
from pages.staff.ports import Sealer
from pages.staff.provider import Provider, ProviderFileError, read_providers
from pages.staff.provider_client import ProviderClient
from pages.staff.relying_party import RelyingParty
from pages.staff.sessions import StaffSessions
from settings import Settings, variable
from vault.tenant_seal import TenantSeal
from web.bootstrap import remove_bootstrap_file
from web.egress import Egress
from web.principal import Scope
from web.tenancy import TenantDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """What other parts take of it. They add their places to `places`, in order, before the first request."""

    part: Part
    door: StaffDoor
    inviting: Inviting
    enrolling: Enrolling
    places: list[StaffPlace] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Doorways:
    tenants: TenantDesk
    declared: Sequence[Provider]

    def number_of(self, name: str) -> int | None:
        """The number of the tenant with a name."""
        return self.tenants.number_of(name)

    def providers(self, tenant: int) -> Sequence[Provider]:
        """Its identity providers, in the order of the file."""
        name = self.tenants.name_of(tenant)
        return [one for one in self.declared if one.tenant == name]


def party_of(chosen: Settings) -> RelyingParty:
    """Who asks for passkeys."""
    return RelyingParty(chosen.relying_party_id, chosen.staff_origin)


def declared_providers(chosen: Settings) -> Sequence[Provider]:
    """The identity providers of the operator's file.

    Raises:
        ProviderFileError: it cannot be used.
    """
    if chosen.staff_providers is None:
        return ()
    try:
        text = chosen.staff_providers.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ProviderFileError("the file of identity providers cannot be read") from None
    return read_providers(text, variable)


def staff_of(base: Foundation, site: Site, tenants: TenantDesk, seal: Sealer) -> Staff:
    """Sign-in, sessions and the list of staff. Raises ProviderFileError."""
    party = party_of(base.chosen)
    factors = Factors(base.database, party, seal)
    sessions = StaffSessions(base.database, base.log)
    entering = Entering(base.database, base.log, factors)
    inviting = Inviting(base.database, base.log)
    own = OwnFactors(base.database, base.log, factors)
    ended = partial(remove_bootstrap_file, base.chosen.bootstrap_file)
    enrolling = Enrolling(base.database, base.log, factors, bootstrap_ended=ended)
    places: list[StaffPlace] = []
    declared = declared_providers(base.chosen)
    doorways = _Doorways(tenants, declared)
    federating = Federating(base.database, base.log, bootstrap_ended=ended)
    door = StaffDoor(sessions, party, lambda: [*places, *_own_places()])
    entrance = EntranceUseCases(
        entering=entering, enrolling=enrolling, factors=factors, sessions=sessions, tenants=doorways
    )
    mine = OwnPages(
        site,
        door,
        OwnUseCases(
            sessions=sessions, factors=factors, own=own, entering=entering, inviting=inviting, tenants=doorways
        ),
    )
    pages = [
        EntrancePages(site, door, entrance).blueprint(),
        mine.blueprint(),
        mine.again(),
        PeoplePages(site, door, inviting, party.origin).blueprint(),
        OutsidePages(site, door, federating, _clients(base, declared, party), doorways).blueprint(),
    ]
    api = StaffApi(inviting, party.origin).blueprint()
    return Staff(
        part=Part(blueprints=[api], pages=pages, sweeps=[sessions.sweep]),
        door=door,
        inviting=inviting,
        enrolling=enrolling,
        places=places,
    )


def _clients(base: Foundation, declared: Sequence[Provider], party: RelyingParty) -> Mapping[str, ProviderClient]:
    if not declared:
        return {}
    egress = Egress(allowed=base.chosen.egress_allow, internal=base.chosen.egress_internal)
    return {one.id: ProviderClient(one, egress, f"{party.origin}/staff/back/{one.id}") for one in declared}


def tenant_seal(base: Foundation) -> TenantSeal:
    """What seals the secrets of their apps."""
    return TenantSeal(base.database, base.roots, base.keyring)


def _own_places() -> Sequence[StaffPlace]:
    """What every console ends with."""
    people = Place(url=url("staff_people.people"), name="staff.places.people", icon="people")
    recovery = Place(url=url("staff_people.recovery"), name="staff.places.recovery", icon="key")
    own = Place(url=url("staff_own.sessions"), name="staff.places.own", icon="device")
    return [StaffPlace(Scope.STAFF_MANAGE, people), StaffPlace(None, recovery), StaffPlace(None, own)]
