"""What is held of a person, as the home page says it: kind by kind, masked, with why, since when, for whom and until when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from consent.catalogue import Catalogue
from consent.locale import Locale
from consent.sharing.own import OwnStanding
from dsar.disclosure.category import CATEGORIES, OTHER, category_of
from dsar.disclosure.words import words_of
from dsar.retention.due import Fate
from dsar.retention.own_periods import OwnPeriod
from vault.rights.viewing import OwnUse, OwnValue, OwnView

LABELS = frozenset({"home", "work", "school", "billing", "delivery"})
"""Labels of fields of a profile that have words; others are the platform's own and are not shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One value. `label` is the key of its place in the profile, where it has words; `expires_at` is in milliseconds."""

    token: str
    masked: str | None
    label: str | None
    since: int
    expires_at: int | None


@dataclass(frozen=True, slots=True)
class Why:
    """One purpose that a kind is kept for: its title and description in the catalogue, where it has it, and what the notice says
    of its period; how many uses; until when, or how it stands; and why so long, in the words of the rule."""

    purpose: str
    title: str | None
    description: str | None
    count: int
    until: int | None
    fate: Fate
    reason: str | None
    promise: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything of one kind: the values that are shown, and how many there are. `shared` are the names of those who get it."""

    kind: str
    name: str
    values: tuple[Shown, ...]
    count: int
    why: tuple[Why, ...]
    shared: tuple[str, ...]
    since: int


def kept(view: OwnView, standing: OwnStanding, periods: Mapping[OwnUse, OwnPeriod], locale: Locale) -> list[Kept]:
    """All kinds in the order of the categories."""
    by_kind: dict[str, list[OwnValue]] = {}
    for value in view.values:
        by_kind.setdefault(value.kind, []).append(value)
    names, catalogue = words_of(locale.value).categories, standing.edition.catalogue
    found = []
    for kind in sorted(by_kind, key=lambda one: CATEGORIES.index(category_of(one))):
        values = by_kind[kind]
        uses = [use for value in values for use in value.uses]
        found.append(
            Kept(
                kind,
                names.get(category_of(kind), names[OTHER]),
                tuple(_shown(value) for value in values if not value.folded),
                len(values),
                tuple(_why(uses, periods, catalogue, locale)),
                tuple(_recipients(standing, kind, locale)),
                min(value.since for value in values),
            )
        )
    return found


def _shown(value: OwnValue) -> Shown:
    labels = [field.partition(".")[2] for field in value.fields]
    label = next((one for one in labels if one in LABELS), None)
    return Shown(value.token, value.masked, label, value.since, value.expires_at)


def _why(
    uses: Iterable[OwnUse], periods: Mapping[OwnUse, OwnPeriod], catalogue: Catalogue, locale: Locale
) -> list[Why]:
    """One for each purpose; of several uses the one that ends last says until when."""
    by_purpose: dict[str, list[OwnUse]] = {}
    for use in uses:
        by_purpose.setdefault(use.purpose, []).append(use)
    found = []
    for purpose, mine in by_purpose.items():
        last = max((periods[use] for use in mine), key=_ends)
        known = catalogue.by_id.get(purpose)
        spoken = locale if locale in catalogue.locales else catalogue.locales[0]
        found.append(
            Why(
                purpose,
                None if known is None else catalogue.notice(purpose).texts[spoken].title,
                None if known is None else known.description[spoken],
                sum(use.count for use in mine),
                last.until,
                last.fate,
                None if last.rule is None else last.rule.reason.get(locale.value),
                None if known is None else known.retention.text[spoken],
            )
        )
    return found


def _ends(period: OwnPeriod) -> tuple[bool, int]:
    """What has no end yet ends last."""
    return period.until is None, period.until or 0


def _recipients(standing: OwnStanding, kind: str, locale: Locale) -> Sequence[str]:
    catalogue = standing.edition.catalogue
    spoken = locale if locale in catalogue.locales else catalogue.locales[0]
    return list(
        dict.fromkeys(
            catalogue.recipients[share.recipient].name[spoken] for share in standing.shares if kind in share.kinds
        )
    )
