"""Fetching a copy of one's data by a link: the page that the link leads to, the file, and its passphrase, which is shown once.

The link alone opens nothing: whoever follows it signs in first, and must be the person with a second factor.
"""

from flask import Blueprint, Response

from dsar.disclosure.errors import PackageNotFoundError
from dsar.disclosure.fetching import NEEDED
from dsar.disclosure.person_http import sent, start_of_range
from dsar.disclosure.ports import Visitor
from dsar.identity.session import Session
from pages.privacy.around import Around
from pages.privacy.confirming import Confirming, other_channel
from pages.privacy.visitors import at, by_person
from web.context import current
from web.edge_problems import NOT_FOUND
from web.problems import ProblemError


class Packages:
    """The views of a package."""

    def __init__(self, around: Around, confirming: Confirming) -> None:
        self._around = around
        self._confirming = confirming

    def add(self, pages: Blueprint) -> None:
        """Enter the views."""
        inside = self._around.doors.inside
        one = "/packages/<link>"
        pages.add_url_rule(one, "package", inside(self.show), methods=["GET"])
        pages.add_url_rule(f"{one}/code", "ask_package_code", inside(self.confirm), methods=["POST"])
        pages.add_url_rule(f"{one}/code/check", "package_by_code", inside(self.confirm_by_code), methods=["POST"])
        pages.add_url_rule(f"{one}/file", "package_file", inside(self.file), methods=["GET"])
        pages.add_url_rule(f"{one}/passphrase", "passphrase", inside(self.passphrase), methods=["POST"])

    def show(self, tenant: str, link: str) -> Response:  # noqa: ARG002 - stands in every address
        """What can be done with the link: nothing is used up by looking."""
        sure = self._around.who().session.level(current().at) >= NEEDED
        return self._around.page("package", link=link, sure=sure)

    def confirm(self, tenant: str, link: str) -> Response:  # noqa: ARG002 - stands in every address
        """Have one more code sent."""
        channels = other_channel(self._around.who().session)
        action, back = at("package_by_code", link=link), at("package", link=link)
        return self._confirming.ask(action, "privacy.confirm.package", back, channels=channels)

    def confirm_by_code(self, tenant: str, link: str) -> Response:  # noqa: ARG002 - stands in every address
        """Take the code, and go back to the page."""

        def then(_session: Session) -> Response:
            return self._around.site.go(at("package", link=link), said="privacy.said.sure")

        action, back = at("package_by_code", link=link), at("package", link=link)
        return self._confirming.taken(action, "privacy.confirm.package", back, then)

    def file(self, tenant: str, link: str) -> Response:  # noqa: ARG002 - stands in every address
        """The sealed file. One whole copy by each link; a download that broke off may be resumed."""
        try:
            download = self._around.use.fetching.opened(link, self._visitor(), by_person(), start=start_of_range())
        except PackageNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        return sent(download)

    def passphrase(self, tenant: str, link: str) -> Response:  # noqa: ARG002 - stands in every address
        """What opens the file, once: it is forgotten before it leaves."""
        try:
            told = self._around.use.fetching.told(link, self._visitor(), by_person())
        except PackageNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        answer = self._around.page("passphrase", link=link, passphrase=told)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _visitor(self) -> Visitor:
        session = self._around.who().session
        return Visitor(session.tenant, session.subject, session.level(current().at))
