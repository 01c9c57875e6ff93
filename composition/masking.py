"""Masking as a service of its own: nothing of it is kept, but for tokens that the vault makes."""

from collections.abc import Callable, Sequence

from composition.foundation import Foundation
from composition.part import Part
from masking.detection.scanning import Scanner
from masking.finding import Finder
from masking.http import FURTHER, PROBLEMS, MaskingApi
from masking.names.pool import NamesPool
from masking.notes import Notes
from masking.ports import Asker, Found
from masking.profiles import ProfileFileError, Profiles, read_profiles
from masking.redaction import Redactor
from settings import Settings
from vault.access import Caller
from vault.identifier import KINDS
from vault.item import Issued, Submitted
from vault.means import Means
from vault.recording import Recording
from vault.tokenization import Tokenization
from web.tenancy import TenantDesk


class VaultTokens:
    """The vault as masking asks it for tokens, under the policy, the audit log and the limits of its own call."""

    def __init__(self, tokenization: Tokenization, region_of: Callable[[int], str]) -> None:
        self._tokenization = tokenization
        self._region_of = region_of

    def tokens(self, asker: Asker, found: Sequence[Found]) -> list[str | None]:
        """A token for each value that the vault takes; values of kinds that it does not know are not even shown to it."""
        known = [place for place, one in enumerate(found) if one.kind in KINDS]
        tokens: list[str | None] = [None] * len(found)
        if not known:
            return tokens
        region = self._region_of(asker.tenant)
        caller = Caller(asker.tenant, asker.credential, asker.role, asker.request, region)
        submitted = [Submitted(*found[place], asker.purpose, asker.ref) for place in known]
        for place, answer in zip(known, self._tokenization.tokenize(caller, submitted), strict=True):
            tokens[place] = answer.token if isinstance(answer, Issued) else None
        return tokens


def names_pool(base: Foundation) -> NamesPool | None:
    """What looks for names in texts and in notes; it starts with the first. None where the operator wants none."""
    return NamesPool(size=base.chosen.names_processes) if base.chosen.names_processes else None


def notes_of(pool: NamesPool | None) -> Notes:
    """Notes on their way into the vault and out of it."""
    return Notes(Finder(Scanner(), pool), with_names=pool is not None)


def declared_profiles(chosen: Settings) -> Profiles:
    """The operator's own profiles of masks.

    Raises:
        ProfileFileError: the file cannot be used.
    """
    if chosen.masking_profiles is None:
        return Profiles()
    try:
        return read_profiles(chosen.masking_profiles.read_bytes())
    except (OSError, ProfileFileError) as error:
        why = "it cannot be read" if isinstance(error, OSError) else str(error)
        raise ProfileFileError(f"the masking profiles of {chosen.masking_profiles} cannot be used: {why}") from None


def masking_part(means: Means, tenants: TenantDesk, profiles: Profiles, pool: NamesPool | None) -> Part:
    """Masks of values, and personal values found in texts. Closes the pool."""
    finder = Finder(Scanner(), pool)
    tokenization = Tokenization(means, Recording(means.subjects, Notes(finder)))
    return Part(
        blueprints=[
            MaskingApi(
                Redactor(finder), VaultTokens(tokenization, tenants.region_of), profiles, tenants.name_of
            ).blueprint()
        ],
        tables=[PROBLEMS],
        problems=FURTHER,
        closes=[pool.close] if pool else [],
    )
