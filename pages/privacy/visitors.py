"""Who is in the privacy centre: a person in a session of theirs, known by a cookie that scripts cannot read."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, g, request

from dsar.identity.errors import NoSessionError
from dsar.identity.session import FRESH_MS, LIFE_MS, Session
from dsar.identity.sessions import PERSON, Sessions
from dsar.request import By
from pages.shell.addresses import url
from pages.shell.chrome import Chrome, Kind, Place
from pages.shell.door import Found, PublicDoor, SessionDoor, View, Visit
from pages.shell.forgery import forged
from pages.shell.problems import FORGED
from web.auth import VISITOR_BODY_BYTES, Access, marked
from web.auth import visit as seen
from web.context import RequestContext, current
from web.edge_problems import NOT_FOUND
from web.problems import ProblemError

BLUEPRINT = "centre"
"""What addresses of these pages are made by."""
COOKIE = "__Host-moat_person"
BRAND = "privacy.brand"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in their session, at a tenant whose name stands in every address."""

    name: str
    session: Session

    @property
    def tenant(self) -> int:
        """The number of the tenant."""
        return self.session.tenant

    @property
    def number(self) -> int:
        """The vault's number of the person."""
        return self.session.subject


class Tenants:
    """The tenants by the names in addresses, which never change."""

    def __init__(self, number_of: Callable[[str], int | None]) -> None:
        self._number_of = number_of
        self._known: dict[str, int] = {}

    def number(self, name: str) -> int:
        """The number of a tenant. Raises ProblemError, 404, where there is none."""
        known = self._known.get(name)
        if known is None:
            known = self._number_of(name)
            if known is None:
                raise ProblemError(NOT_FOUND)
            self._known[name] = known
        return known


class Doors:
    """The ways in: for everybody, for whoever has a session, and for either."""

    def __init__(self, tenants: Tenants, sessions: Sessions) -> None:
        self._tenants = tenants
        self._sessions = sessions
        self.public = PublicDoor(_outside_chrome)
        self.inside: SessionDoor[Person] = SessionDoor(COOKIE, self._find, lambda: at("sign_in"), self._chrome)
        self._chromes: dict[str, Chrome] = {}

    def either(self, view: View) -> View:
        """Mark a view that a person may see in their session, and anybody without."""
        return marked(Access(credential=False, body_bytes=VISITOR_BODY_BYTES, door=self._admit))(view)

    def _admit(self, context: RequestContext) -> Response | None:
        text = request.cookies.get(COOKIE)
        found = None if text is None else self._find(text, context)
        if found is None:
            return self.public.admit(context)
        who = found.who
        g.visit = Visit(cookie=text, who=who, chrome=lambda: self._chrome(who))
        if forged(request, text):
            raise ProblemError(FORGED)
        return None

    def _chrome(self, person: Person) -> Chrome:
        """What stands around the pages of a tenant is made once: whoever has a session has named a tenant that there is."""
        if person.name not in self._chromes:
            self._chromes[person.name] = _inside_chrome()
        return self._chromes[person.name]

    def _find(self, text: str, context: RequestContext) -> Found[Person] | None:
        name = tenant_name()
        try:
            session = self._sessions.open(self._tenants.number(name), text, context.at)
        except NoSessionError:
            return None
        return Found(who=Person(name, session))


def tenant_name() -> str:
    """The tenant that this request's address names."""
    return str((request.view_args or {}).get("tenant", ""))


def at(endpoint: str, **values: str | int | None) -> str:
    """The address of a page of the privacy centre, at this request's tenant."""
    return url(f"{BLUEPRINT}.{endpoint}", tenant=tenant_name(), **values)


def by_person() -> By:
    """The person whose session this is, in this call."""
    context = current()
    return By(PERSON, context.request_id, context.at)


def by_visitor() -> By:
    """Somebody who has not shown who they are, in this call."""
    now = seen()
    return By(now.actor, now.request, now.at)


def rechecked(session: Session, moment: int) -> bool:
    """Whether the person has entered a code within this session, after it began, and not long ago. The code that began it does
    not count: a phone that was left lying may have been signed in for a while."""
    began = session.expires_at - LIFE_MS
    codes = [one for one in (session.sms_at, session.email_at) if one is not None and one > began]
    return any(moment < one + FRESH_MS for one in codes)


def _inside_chrome() -> Chrome:
    def place(endpoint: str, name: str, icon: str) -> Place:
        return Place(url=at(endpoint), name=f"privacy.places.{name}", icon=icon)

    return Chrome(
        kind=Kind.CENTRE,
        brand=BRAND,
        home=at("home"),
        places=(
            place("home", "home", "home"),
            place("looked", "looked", "eye"),
            place("consents", "consents", "hand"),
            place("requests", "requests", "request"),
            place("notices", "notices", "note"),
            place("settings", "settings", "bell"),
        ),
        sign_out=at("sign_out"),
    )


def _outside_chrome() -> Chrome:
    return Chrome(kind=Kind.CENTRE, brand=BRAND, home=at("sign_in") if tenant_name() else None)
