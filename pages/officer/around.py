"""What all pages of the console stand on."""

from dataclasses import dataclass
from uuid import UUID

from audit.entry import Actor
from dsar.desk.letters import words_for
from dsar.request import By
from dsar.right import Right
from pages.shell.site import Site
from pages.staff.door import StaffDoor
from web.auth import caller, occasion

PREFIX = "/console"


@dataclass(frozen=True, slots=True)
class Around:
    """The site, and the door of staff."""

    site: Site
    door: StaffDoor


def by_staff() -> By:
    """Whoever makes this request, as they act upon requests of people."""
    now = occasion()
    return By(now.actor, now.request, now.at)


def asked_for(right: Right, locale: str) -> str:
    """What somebody asks for, as a heading: letters have it within a sentence."""
    words = words_for("rights", right.value, locale)
    return words[:1].upper() + words[1:]


def me() -> int:
    """The number by which the log and the desk know whoever is looking."""
    return caller().credential


def number_of(text: str | None) -> UUID | None:
    """An id that an address or a form names; None where it is none."""
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None


def said_by(actor: Actor, mine: int) -> str:
    """Who somebody in a history is: the key of a text for the looker and the service, else a role."""
    if actor.id == mine and actor.id:
        return "me"
    return actor.role or actor.kind.value
