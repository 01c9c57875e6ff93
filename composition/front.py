"""The front page of `moat demo`. No setting leads here: only the command does, with the directory of its demo."""

from collections.abc import Sequence
from pathlib import Path

import orjson

from composition.foundation import Foundation
from composition.part import Part
from composition.rights import Rights
from composition.staff import Staff
from demo.cast import OFFICIALS, Place, residents, secrets_of
from pages.front.cast import Cast, Official, Resident, Sent
from pages.front.door import FrontPages
from pages.front.entering import Entering
from pages.shell.site import Site
from web.principal import Role
from web.tenancy import TenantDesk

MESSAGES_AT_MOST = 30
TAIL_OCTETS = 64 * 1024


def front_part(
    base: Foundation, site: Site, staff: Staff, answering: Rights, tenants: TenantDesk, *, demo: Path | None
) -> Part:
    """The page of the demo in a directory; nothing without one."""
    if demo is None:
        return Part()
    place = Place(demo)
    entering = Entering(base.database, base.log, answering.persons.sessions)
    return Part(pages=[FrontPages(site, staff.door, entering, _cast(place), tenants).blueprint()])


def _cast(place: Place) -> Cast:
    secrets = secrets_of(place) if place.authenticators.exists() else {}
    return Cast(
        residents=[Resident(subject=one.subject, name=one.name, part=part) for part, one in residents().items()],
        officials=[
            Official(name=name, role=Role(role), secret=secrets[name])
            for name, role in OFFICIALS.items()
            if name in secrets
        ],
        sent=lambda: _sent(place.messages),
    )


def _sent(file: Path) -> Sequence[Sent]:
    """The last messages of a file, the latest first."""
    if not file.exists():
        return []
    with file.open("rb") as opened:
        start = max(0, opened.seek(0, 2) - TAIL_OCTETS)
        opened.seek(start)
        lines = opened.read().splitlines()
    whole = lines[1:] if start else lines
    read = [orjson.loads(line) for line in whole[-MESSAGES_AT_MOST:]]
    return [Sent(channel=one["channel"], title=one["title"], text=one["text"]) for one in reversed(read)]
