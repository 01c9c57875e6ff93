"""The way in by an organisation's identity provider: away to it, and back."""

from collections.abc import Mapping

from flask import Blueprint, Response, redirect, request, url_for

from pages.shell.door import local_path, visit
from pages.shell.site import Site
from pages.staff.door import COOKIE, StaffDoor
from pages.staff.errors import NoRoleError, NotLetInError, ProviderError
from pages.staff.federating import Federating
from pages.staff.member import device_of
from pages.staff.ports import Doorways
from pages.staff.provider_client import Attempt, ProviderClient
from web.auth import visit as visitor
from web.context import current
from web.edge_problems import NOT_FOUND
from web.problems import ProblemError

ATTEMPT = "__Host-moat_outside"
NEXT = "__Host-moat_next"
ATTEMPT_SECONDS = 600


class OutsidePages:
    """Beginning and coming back. `clients` are the providers' by id."""

    def __init__(
        self,
        site: Site,
        door: StaffDoor,
        federating: Federating,
        clients: Mapping[str, ProviderClient],
        tenants: Doorways,
    ) -> None:
        self._site = site
        self._door = door
        self._federating = federating
        self._clients = clients
        self._tenants = tenants

    def blueprint(self) -> Blueprint:
        """Their routes."""
        pages = Blueprint("staff_outside", __name__, url_prefix="/staff")
        out = self._door.outside
        pages.add_url_rule("/at/<tenant>/by/<provider>", "begin", out(self.begin))
        pages.add_url_rule("/back/<provider>", "back", out(self.back))
        return pages

    def begin(self, tenant: str, provider: str) -> Response:
        """Away. Not by a form: its address would be another site's, which the content policy does not let forms reach."""
        client = self._clients.get(provider)
        if client is None or client.provider.tenant != tenant:
            raise ProblemError(NOT_FOUND)
        attempt = Attempt.draw(provider)
        try:
            away = client.begin(attempt, current().at, anew=request.args.get("again") == "yes")
        except ProviderError:
            return self._failed(client, "staff.outside.away")
        answer = self._site.sent(redirect(away, 303))  # type: ignore[arg-type]
        _keep(answer, ATTEMPT, attempt.text())
        _keep(answer, NEXT, local_path(request.args.get("next"), url_for("staff_entrance.home")))
        return answer

    def back(self, provider: str) -> Response:
        """And back, with what the provider says."""
        client = self._clients.get(provider)
        number = None if client is None else self._tenants.number_of(client.provider.tenant)
        if client is None or number is None:
            raise ProblemError(NOT_FOUND)
        try:
            attempt = Attempt.read(request.cookies.get(ATTEMPT))
            if attempt.provider != provider:
                raise ProviderError
            outsider = client.finish(attempt, request.url, current().at)
            device = device_of(request.headers.get("User-Agent", ""))
            text = self._federating.by_provider(number, client.provider, outsider, device, visitor())
        except ProviderError:
            return self._failed(client, "staff.outside.failed")
        except (NoRoleError, NotLetInError):
            return self._failed(client, "staff.outside.no_role", status=403)
        visit().sets[COOKIE] = text.reveal()
        answer = self._site.go(local_path(request.cookies.get(NEXT), url_for("staff_entrance.home")))
        _forget(answer)
        return answer

    def _failed(self, client: ProviderClient, why: str, status: int = 502) -> Response:
        answer = self._site.page(
            "staff/outside_failed.html",
            status=status,
            why=why,
            name=client.provider.title,
            tenant=client.provider.tenant,
        )
        _forget(answer)
        return answer


def _keep(answer: Response, name: str, text: str) -> None:
    answer.set_cookie(name, text, max_age=ATTEMPT_SECONDS, secure=True, httponly=True, samesite="Lax")


def _forget(answer: Response) -> None:
    for name in (ATTEMPT, NEXT):
        answer.delete_cookie(name, secure=True, httponly=True, samesite="Lax")
