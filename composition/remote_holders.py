"""The systems beside this one that hold data of people: how they are declared, reached and told of a person."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

import settings
from composition.foundation import Foundation
from dsar.holders.errors import ConnectorFileError
from dsar.holders.ports import Answered, Known, SigningKeys
from dsar.holders.processor import Line, Processor
from dsar.holders.register import Connector, IdentityType, connectors
from dsar.holders.signature import ProcessorKey
from settings import Settings
from vault.contact import Contacts
from vault.errors import NotFoundError
from vault.log_key import LogKeyring
from vault.means import Means
from vault.people import People
from web.egress import Egress
from web.errors import EgressFailedError, EgressRefusedError

HOLDER_SIGNING = "holder_signing"
ANSWER_BYTES = 4 * 1024 * 1024
"""Of a page of results. Whatever is longer comes in several."""
ANSWER_SECONDS = 20.0
SECRET_BYTES = 4096


class HolderEgress:
    """The way out to one system."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Make one call. Raises PermissionError where it is not allowed and OSError where no answer came."""
        try:
            answer = self._egress.call(method, url, headers=headers, body=body)
        except EgressRefusedError:
            raise PermissionError from None
        except EgressFailedError:
            raise OSError from None
        return Answered(answer.status, answer.headers, answer.body)


class VaultIdentities:
    """What the vault knows a person by, opened for one use; addresses are recorded as a disclosure by the vault."""

    def __init__(self, people: People, contacts: Contacts) -> None:
        self._people = people
        self._contacts = contacts

    def of(self, tenant: int, number: int, wanted: Collection[IdentityType], request: UUID) -> Known | None:  # noqa: ARG002 - as the port has it
        """Of these what there is; None once the person was erased."""
        known = self._people.people(tenant, [number]).get(number)
        if known is None:
            return None
        identities = {IdentityType.PLATFORM_ID: known.platform_id} if IdentityType.PLATFORM_ID in wanted else {}
        for one in (IdentityType.EMAIL, IdentityType.PHONE):
            if one in wanted and (address := self._address(tenant, number, one)) is not None:
                identities[one] = address
        return Known(known.ref, identities)

    def _address(self, tenant: int, number: int, type_: IdentityType) -> str | None:
        """One that does not open is not there; the vault has counted it."""
        try:
            found = self._contacts.address(tenant, number, [type_.value])
        except NotFoundError:
            return None
        return None if found is None else found.value


def declared(chosen: Settings) -> Sequence[Connector]:
    """What the operator's file declares; nothing without one.

    Raises:
        ConnectorFileError: the file cannot be used.
    """
    return [] if chosen.connectors is None else list(connectors(_text(chosen.connectors).decode("utf-8", "replace")))


def processors(base: Foundation, found: Sequence[Connector], keys: SigningKeys) -> Mapping[tuple[int, str], Processor]:
    """The declared systems by tenant and name.

    Raises:
        ConnectorFileError: a certificate or a credential cannot be read, or an address is neither https nor declared internal.
    """
    return {
        (tenant, one.name): Processor(one, _line(base, one, keys)) for one in found for tenant in sorted(one.tenants)
    }


def signing_keys(base: Foundation) -> SigningKeys:
    """The keys that sign what goes to systems beside this one."""
    return LogKeyring(base.database, base.roots, base.log, base.now, usage=HOLDER_SIGNING)


def identities_of(means: Means, region_of: Callable[[int], str]) -> VaultIdentities:
    """What people are known by."""
    return VaultIdentities(People(means), Contacts(means, region_of))


def _line(base: Foundation, one: Connector, keys: SigningKeys) -> Line:
    assert base.chosen.connectors is not None
    beside = base.chosen.connectors.parent
    internal = base.chosen.egress_internal
    if not one.url.startswith("https:") and one.origin not in internal:
        raise ConnectorFileError(f"{one.name}: its address is not https, and its origin is not in --egress-internal")
    allowed = [one.origin] if one.url.startswith("https:") else []
    egress = Egress(allowed=allowed, internal=internal, timeout_seconds=ANSWER_SECONDS, answer_bytes=ANSWER_BYTES)
    credential = partial(_credential, one.credential, beside)
    credential()
    return Line(
        outside=HolderEgress(egress),
        credential=credential,
        key=ProcessorKey(_text(beside / one.certificate)),
        signer=lambda: keys.signers()[0],
        now=base.now,
    )


def _credential(named: str | None, beside: Path) -> str | None:
    """The bearer token that a file or a variable holds now."""
    if named is None:
        return None
    place, _, name = named.partition(":")
    if place == "file":
        return _text(beside / name)[:SECRET_BYTES].decode("utf-8", "replace").strip()
    value = settings.variable(name)
    if value is None:
        raise ConnectorFileError(f"there is no variable {name}")
    return value


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise ConnectorFileError(f"{path.name}: cannot be read") from None
