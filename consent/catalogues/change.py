"""What differs between two versions of a catalogue, and what the law makes of it.

A new purpose, method or kind needs a new consent (PIPL art. 14), and so do another recipient (art. 23), a longer period, another
ground or a wider scope (Network Data Security Regulations art. 22). Such a change is *material*: it takes a new, material
version of the purpose's notice, which makes the consents to older ones stale. Any other words of a notice take a new version.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from consent.catalogue import Catalogue
from consent.errors import CatalogueConflictError
from consent.purpose import Purpose, Sharing


class Facet(StrEnum):
    """In what a purpose differs from its former self."""

    ADDED = "added"
    REMOVED = "removed"
    PARENT = "parent"
    BASIS = "basis"
    SEPARATE = "separate"
    MINORS = "minors"
    KINDS_ADDED = "kinds_added"
    KINDS_REMOVED = "kinds_removed"
    RECIPIENTS_ADDED = "recipients_added"
    RECIPIENTS_REMOVED = "recipients_removed"
    RECIPIENT_CHANGED = "recipient_changed"
    RETENTION = "retention"
    WORDING = "wording"


MATERIAL = frozenset(
    {
        Facet.PARENT,
        Facet.BASIS,
        Facet.SEPARATE,
        Facet.KINDS_ADDED,
        Facet.RECIPIENTS_ADDED,
        Facet.RECIPIENT_CHANGED,
        Facet.RETENTION,
    }
)
"""What no consent given before covers."""


@dataclass(frozen=True, slots=True)
class Change:
    """How one purpose changed. `was` and `version` are the versions of its notice before and after, None where it has none."""

    purpose: str
    facets: tuple[Facet, ...]
    was: int | None
    version: int | None
    material: bool

    @property
    def asks_again(self) -> bool:
        """Whether those who consented before have to be asked again."""
        return self.was is not None and self.version is not None and self.version > self.was and self.material


def changes(before: Catalogue, after: Catalogue) -> list[Change]:
    """How the purposes changed, those that did, in the order of the new catalogue and then of the old."""
    names = [*after.purposes(), *(name for name in before.purposes() if not after.knows(name))]
    return [change for name in names if (change := _change(name, before, after)) is not None]


def refuse_unannounced(before: Catalogue, after: Catalogue, latest: Mapping[str, int]) -> None:
    """Make sure that nothing that was published says something else now. `latest` are the highest versions of notices that were
    ever published, of purposes that have gone, too.

    Raises:
        CatalogueConflictError: a notice keeps its version with other words, goes back to an older one, or does not announce a
            material change.
    """
    for name in after.purposes():
        notice, place = after.notice(name), f"purposes.{name}.notice"
        known = latest.get(name, 0)
        if not before.knows(name):
            if notice.version <= known:
                raise CatalogueConflictError(f"{place}.version: {known} was published before; take {known + 1}")
            continue
        change = _change(name, before, after)
        if change is None:
            continue
        was = before.notice(name).version
        if notice.version == was and Facet.WORDING in change.facets:
            raise CatalogueConflictError(
                f"{place}.version: {was} is published with other words; take {known + 1} ({_listed(change)})"
            )
        if notice.version != was and notice.version <= known:
            raise CatalogueConflictError(f"{place}.version: {known} is published; take {known + 1}")
        if MATERIAL.intersection(change.facets) and not (notice.version > was and notice.material):
            raise CatalogueConflictError(
                f"{place}: a material change ({_listed(change)}) takes version {known + 1} with material: true"
            )


def material_versions(before: Mapping[str, int], known: Catalogue | None, after: Catalogue) -> dict[str, int]:
    """The latest material version of each purpose's notice, from those of the catalogue before."""
    versions = {}
    for name in after.purposes():
        notice = after.notice(name)
        carried = known is not None and known.knows(name) and (known.notice(name).version == notice.version)
        keeps = name in before and (carried or not notice.material)
        versions[name] = before[name] if keeps else notice.version
    return versions


def _listed(change: Change) -> str:
    return ", ".join(change.facets)


def _change(name: str, before: Catalogue, after: Catalogue) -> Change | None:
    if not after.knows(name):
        return Change(name, (Facet.REMOVED,), before.notice(name).version, None, material=False)
    notice = after.notice(name)
    if not before.knows(name):
        return Change(name, (Facet.ADDED,), None, notice.version, material=notice.material)
    old = before.notice(name)
    facets = tuple(_facets(name, before, after))
    if not facets and notice.version == old.version:
        return None
    return Change(name, facets, old.version, notice.version, material=notice.version > old.version and notice.material)


def _facets(name: str, before: Catalogue, after: Catalogue) -> Iterator[Facet]:
    old, new = before.purpose(name), after.purpose(name)
    differences = {
        Facet.PARENT: old.parent != new.parent,
        Facet.BASIS: (old.pipl, old.gdpr) != (new.pipl, new.gdpr),
        Facet.SEPARATE: old.separate is not new.separate,
        Facet.MINORS: old.minors is not new.minors,
        Facet.KINDS_ADDED: bool(new.kinds - old.kinds),
        Facet.KINDS_REMOVED: bool(old.kinds - new.kinds),
        Facet.RECIPIENTS_ADDED: _gains(old, new),
        Facet.RECIPIENTS_REMOVED: _gains(new, old),
        Facet.RECIPIENT_CHANGED: any(_other_recipient(one, before, after) for one in new.sharing),
        Facet.RETENTION: _kept_longer(old, new),
        Facet.WORDING: before.notice(name).texts != after.notice(name).texts,
    }
    yield from (facet for facet, differs in differences.items() if differs)


def _gains(old: Purpose, new: Purpose) -> bool:
    """Whether somebody gets kinds that they did not get before."""
    return any(one.kinds - old.shared_with(one.recipient) for one in new.sharing)


def _other_recipient(one: Sharing, before: Catalogue, after: Catalogue) -> bool:
    """Whether what stands in the register under the same id is somebody else, somewhere else or in another capacity."""
    was, is_now = before.recipients.get(one.recipient), after.recipients[one.recipient]
    return was is not None and (was.name, was.kind, was.country) != (is_now.name, is_now.kind, is_now.country)


def _kept_longer(old: Purpose, new: Purpose) -> bool:
    if old.retention.days is None or new.retention.days is None:
        return old.retention != new.retention
    return new.retention.days > old.retention.days
