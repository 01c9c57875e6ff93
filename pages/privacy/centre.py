"""The privacy centre put together: one blueprint under a path that names the tenant."""

from flask import Blueprint

from pages.privacy.around import Around
from pages.privacy.asking import AskingPages
from pages.privacy.confirming import Confirming
from pages.privacy.consents import Consents
from pages.privacy.home import Home
from pages.privacy.looked import Looked
from pages.privacy.notices import Notices
from pages.privacy.packages import Packages
from pages.privacy.requests import Requests
from pages.privacy.settings import Settings
from pages.privacy.sign_in import SignIn
from pages.privacy.use_cases import UseCases
from pages.privacy.visitors import BLUEPRINT, Doors, Tenants
from pages.shell.site import Site

PREFIX = "/privacy"


def privacy_centre(site: Site, use: UseCases) -> Blueprint:
    """The pages of the privacy centre."""
    tenants = Tenants(use.number_of)
    around = Around(site, Doors(tenants, use.sessions), tenants, use)
    confirming = Confirming(around)
    pages = Blueprint(BLUEPRINT, __name__, url_prefix=f"{PREFIX}/<tenant>")
    for part in (
        SignIn(around),
        Home(around, confirming),
        Looked(around),
        Consents(around),
        AskingPages(around),
        Requests(around, confirming),
        Packages(around, confirming),
        Notices(around),
        Settings(around),
    ):
        part.add(pages)
    return pages
