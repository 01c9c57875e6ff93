"""Who handles the data: the controller who answers for a catalogue, and the recipients it gives data to."""

from dataclasses import dataclass
from enum import StrEnum

from consent.locale import Localized


class RecipientKind(StrEnum):
    """In which capacity a recipient gets data."""

    PROCESSOR = "processor"
    """Entrusted: works on the controller's behalf and instructions (PIPL art. 21)."""
    CONTROLLER = "controller"
    """Another handler, who decides on purposes of its own (PIPL art. 23)."""
    JOINT = "joint"
    """Decides on purposes together with the controller."""
    AUTHORITY = "authority"
    """A public authority that the law entitles."""


class Transfer(StrEnum):
    """On which ground data go abroad: one of those of PIPL art. 38, or a case that Network Data Security
    Regulations art. 35 adds."""

    SECURITY_ASSESSMENT = "security_assessment"
    CERTIFICATION = "certification"
    STANDARD_CONTRACT = "standard_contract"
    OTHER_CONDITION = "other_condition"
    EXEMPTION = "exemption"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One who gets data. `country` is of ISO 3166-1; `transfer` says on which ground data go there, if it is abroad."""

    id: str
    name: Localized
    kind: RecipientKind
    country: str
    contact: str
    safeguards: Localized
    contract: str | None
    transfer: Transfer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """Who answers for the data of a tenant. `contact` names the person or office that answers questions about them."""

    name: Localized
    contact: Localized
    address: Localized
    country: str
    email: str
    phone: str | None
    url: str | None
    security: Localized
    """The measures that protect the data, in general words, as records of processing show them."""
