"""What the privacy centre calls: use cases of several packages, wired by the composition root."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from audit.published import AccessPage, Place
from consent.catalogues.reading import CatalogueReader
from consent.ports import Signer
from consent.receipts.issuing import Receipts
from consent.records.presenting import Presenting
from consent.records.recording import Recording
from consent.sharing.own import OwnConsents
from dsar.alerts.digest import Digests
from dsar.alerts.reporting import Breaches
from dsar.desk.own_story import OwnStories
from dsar.desk.regime import Regime
from dsar.disclosure.fetching import Fetching
from dsar.identity.asking import Asking
from dsar.identity.own import OwnRequests
from dsar.identity.sessions import Sessions
from dsar.retention.due import KeptUse
from dsar.retention.own_periods import OwnPeriod
from vault.rights.viewing import Viewing
from web.messages.texts import Texts

Answer = TypeVar("Answer")


class Names(Protocol):
    """What the platform calls a person, for use cases that know them by nothing else."""

    def platform_id(self, tenant: int, subject: int) -> str:
        """The platform's id. Raises ProblemError, 404, once the person was erased."""


class Accesses(Protocol):
    """The log about a person."""

    def of(self, tenant: int, subject: int, *, after: Place | None, limit: int) -> AccessPage:
        """Entries that name the person, the newest first, after a place."""


class Periods(Protocol):
    """Until when what is kept of a person stays."""

    def of(self, tenant: int, uses: Sequence[KeptUse], at: int) -> Sequence[OwnPeriod]:
        """The period of each use at a time in milliseconds since the epoch, in order."""


class Together(Protocol):
    """Several looks at what is kept of one tenant."""

    def __call__(self, tenant: int, work: Callable[[], Answer]) -> Answer:
        """What `work` returns, which changes nothing and sees one moment."""


class Anonymity(Protocol):
    """Whether couriers and merchants see a name on orders that a person places from now on."""

    def anonymous(self, tenant: int, subject: int) -> bool:
        """Whether they see none."""

    def choose(self, tenant: int, subject: int, request: str, *, anonymous: bool) -> None:
        """Have it so from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """All of them. `regime_of` tells the law that a tenant's people are under; `corrected` what is wrong with corrections for a
    tenant, by field."""

    sessions: Sessions
    asking: Asking
    viewing: Viewing
    periods: Periods
    names: Names
    accesses: Accesses
    consents: OwnConsents
    presenting: Presenting
    recording: Recording
    receipts: Receipts
    signer: Signer
    catalogues: CatalogueReader
    own: OwnRequests
    stories: OwnStories
    fetching: Fetching
    breaches: Breaches
    digests: Digests
    anonymity: Anonymity | None
    letters: Texts
    regime_of: Callable[[int], Regime]
    corrected: Callable[[int, Mapping[str, str]], Mapping[str, str]]
    number_of: Callable[[str], int | None]
    together: Together


Values = dict[str, Any]
"""What a template is given."""
