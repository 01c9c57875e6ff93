"""The front page of a demo: three doors, a click each, and the messages that left.

It answers on this host and under this host's own names only: a page elsewhere that has its name point here meets a 404.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Blueprint, Response, request, url_for

from dsar.identity.errors import NotShownError
from pages.front.cast import Cast
from pages.front.entering import Entering
from pages.privacy.visitors import COOKIE as PERSON_COOKIE
from pages.shell.chrome import Chrome, Kind
from pages.shell.door import PublicDoor, visit
from pages.shell.site import Site
from pages.staff.door import COOKIE as STAFF_COOKIE
from pages.staff.door import StaffDoor
from pages.staff.errors import NotLetInError
from pages.staff.member import device_of
from web.auth import visit as visitor
from web.context import current
from web.edge_problems import NOT_FOUND
from web.principal import Role
from web.problems import ProblemError
from web.tenancy import DEFAULT_TENANT, TenantDesk

OUTSIDE_CONSOLES = (Role.AUDITOR,)


class FrontPages:
    """Their views."""

    def __init__(self, site: Site, staff: StaffDoor, entering: Entering, cast: Cast, tenants: TenantDesk) -> None:
        self._site = site
        self._door = PublicDoor(_chrome, staff.to_our_name)
        self._entering = entering
        self._cast = cast
        self._tenants = tenants

    def blueprint(self) -> Blueprint:
        """Their routes."""
        pages = Blueprint("front", __name__)
        pages.add_url_rule("/", "doors", self._door(self.doors))
        pages.add_url_rule("/demo/messages", "messages", self._door(self.messages))
        pages.add_url_rule("/demo/person", "person", self._door(self.person), methods=["POST"])
        pages.add_url_rule("/demo/staff", "staff", self._door(self.official), methods=["POST"])
        return pages

    def doors(self) -> Response:
        """Who one can be."""
        _only_here()
        officials = [(one, one.code(current().at)) for one in self._cast.officials]
        return self._site.page(
            "front/doors.html",
            residents=self._cast.residents,
            officials=[pair for pair in officials if pair[0].role not in OUTSIDE_CONSOLES],
            auditors=[pair for pair in officials if pair[0].role in OUTSIDE_CONSOLES],
        )

    def messages(self) -> Response:
        """What was sent to whomever it was."""
        _only_here()
        return self._site.page("front/messages.html", sent=self._cast.sent())

    def person(self) -> Response:
        """Be a person."""
        _only_here()
        found = self._cast.resident(request.form.get("who", ""))
        if found is None:
            raise ProblemError(NOT_FOUND)
        try:
            text = self._entering.as_person(self._tenant(), found.subject, visitor())
        except NotShownError:
            return self._site.go(url_for("front.doors"), said="front.gone")
        visit().sets[PERSON_COOKIE] = text
        return self._site.go(url_for("centre.home", tenant=DEFAULT_TENANT))

    def official(self) -> Response:
        """Be a member of staff."""
        _only_here()
        found = self._cast.official(request.form.get("who", ""))
        if found is None:
            raise ProblemError(NOT_FOUND)
        device = device_of(request.headers.get("User-Agent", ""))
        try:
            text = self._entering.as_official(self._tenant(), found.name, device, visitor())
        except NotLetInError:
            return self._site.go(url_for("front.doors"), said="front.gone")
        visit().sets[STAFF_COOKIE] = text.reveal()
        return self._site.go(url_for("staff_entrance.home"))

    def _tenant(self) -> int:
        number = self._tenants.number_of(DEFAULT_TENANT)
        if number is None:
            raise ProblemError(NOT_FOUND)
        return number


def _only_here() -> None:
    """Raises ProblemError, 404, for whoever is not on this host or calls it by another name."""
    named = urlsplit(f"//{request.host}").hostname or ""
    if not (named == "localhost" or _is_loopback(named)) or not _is_loopback(request.remote_addr or ""):
        raise ProblemError(NOT_FOUND)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _chrome() -> Chrome:
    return Chrome(kind=Kind.CENTRE, brand="front.brand", home=url_for("front.doors"))
