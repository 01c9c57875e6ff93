"""What all views of the privacy centre have around them."""

from dataclasses import dataclass

from flask import Response

from pages.privacy.use_cases import UseCases, Values
from pages.privacy.visitors import Doors, Person, Tenants, tenant_name
from pages.shell.site import Site


@dataclass(frozen=True, slots=True)
class Around:
    """The site, the doors, the tenants, and what the views call."""

    site: Site
    doors: Doors
    tenants: Tenants
    use: UseCases

    def who(self) -> Person:
        """Whoever is looking at this page."""
        return self.doors.inside.who()

    def page(self, name: str, *, status: int = 200, **values: object) -> Response:
        """A page of the privacy centre."""
        given: Values = {**values, "request_tenant": tenant_name()}
        return self.site.page(f"privacy/{name}.html", status=status, **given)

    def locale(self) -> str:
        """The language of this request's page."""
        return self.site.locale().value
