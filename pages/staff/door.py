"""The doors of staff's pages: outside, for whoever wants to sign in, and inside, for whoever has and may.

Inside, the member is the caller of the request as a credential is: `web.auth.caller` and `web.auth.occasion` know them, and a
scope that they lack is refused and recorded the same way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from flask import Response, redirect, request, url_for

from pages.shell.addresses import url
from pages.shell.chrome import Chrome, Kind, Place
from pages.shell.door import Found, PublicDoor, SessionDoor, elsewhere, local_path
from pages.shell.forgery import SAFE
from pages.staff.member import Signed
from pages.staff.relying_party import RelyingParty
from pages.staff.sessions import StaffSessions
from web.auth import gate
from web.context import RequestContext, current
from web.principal import Principal, Scope

COOKIE = "__Host-moat_staff"

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class StaffPlace:
    """A place in the consoles for whoever has `scope`; for everybody where it is None."""

    scope: Scope | None
    place: Place


class StaffDoor:
    """Marks the views of staff. `places` are those of all consoles, in order; the first that a member may see is their home."""

    def __init__(
        self, sessions: StaffSessions, party: RelyingParty, places: Callable[[], Sequence[StaffPlace]]
    ) -> None:
        self._sessions = sessions
        self._party = party
        self._places = places
        self.outside = PublicDoor(_outside, self.to_our_name)
        self.inside: SessionDoor[Signed] = SessionDoor(
            COOKIE,
            self._find,
            lambda: url_for("staff_entrance.anywhere"),
            lambda signed: self._chrome(signed.principal),
        )

    def __call__(
        self, view: View, *scopes: Scope, fresh: bool = False, unless: Callable[[Signed], bool] = lambda _: False
    ) -> View:
        """Mark a view: for members who have one of `scopes`, if any are named, and who have just shown who they are, if `fresh`,
        or of whom `unless` says that they need not.

        A form sent with a session that is not fresh is not taken: mark the page that shows it `fresh`, too, and what has been
        filled in is seldom lost. Its field `back` says where to go on after.
        """

        def also(signed: Signed) -> Response | None:
            if scopes and not any(signed.principal.may(scope) for scope in scopes):
                raise gate().forbidden(signed.principal, scopes[0], current())
            if fresh and not signed.fresh(current().at) and not unless(signed):
                safe = request.method in SAFE
                back = request.path if safe else local_path(request.form.get("back"), url_for("staff_entrance.home"))
                return elsewhere(f"{url_for('staff_again.ask')}?next={quote(back)}")
            return None

        return self.inside(view, also)

    def who(self) -> Signed:
        """Whoever is looking at this page."""
        return self.inside.who()

    def home_of(self, principal: Principal) -> str:
        """Where a member goes first."""
        return next((one.url for one in self._open_to(principal)), url("staff_own.sessions"))

    def _find(self, text: str, context: RequestContext) -> Found[Signed] | None:
        signed = self._sessions.find(text, context.at)
        if signed is None:
            return None
        context.principal = signed.principal
        return Found(who=signed)

    def _open_to(self, principal: Principal) -> Sequence[Place]:
        return [one.place for one in self._places() if one.scope is None or principal.may(one.scope)]

    def _chrome(self, principal: Principal) -> Chrome:
        return Chrome(
            kind=Kind.CONSOLE,
            brand="staff.brand",
            home=self.home_of(principal),
            places=self._open_to(principal),
            account=principal.name,
            account_url=url("staff_own.sessions"),
            sign_out=url("staff_entrance.sign_out"),
        )

    def to_our_name(self) -> Response | None:
        """Passkeys belong to a name, not to an address: whoever comes to 127.0.0.1 is sent to localhost."""
        host = urlsplit(f"//{request.host}").hostname or ""
        if request.method not in SAFE or self._party.id == host or not _is_loopback(host):
            return None
        return redirect(self._party.origin + request.full_path.rstrip("?"), 307)  # type: ignore[return-value]


def _outside() -> Chrome:
    return Chrome(kind=Kind.BARE, brand="staff.brand")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
