"""Pages for people in a deployment: one site, and what each audience has on it."""

from zoneinfo import ZoneInfo

from composition.foundation import Foundation
from composition.part import Part
from pages.shell.problems import FURTHER
from pages.shell.site import Site


def site_of(base: Foundation, *, demo: bool = False) -> Site:
    """The site that all pages stand on. `demo` says on every page that nothing of it is real."""
    return Site(ZoneInfo(base.chosen.time_zone), demo=demo)


def shell_part(site: Site) -> Part:
    """What all pages share."""
    return Part(
        problems=FURTHER,
        pages=[site.assets.blueprint(), site.blueprint()],
        page_answers=[site.problem],
    )
