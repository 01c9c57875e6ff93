"""What a person wishes: to hear who saw their data, to stay unnamed on orders; and what they were told of breaches."""

from flask import Blueprint, Response, request

from dsar.alerts.words import facts_told
from pages.privacy.around import Around
from pages.privacy.use_cases import Values
from pages.privacy.visitors import Person, at, by_person
from web.context import current
from web.edge_problems import NOT_FOUND
from web.problems import ProblemError


class Settings:
    """The views of wishes."""

    def __init__(self, around: Around) -> None:
        self._around = around

    def add(self, pages: Blueprint) -> None:
        """Enter the views."""
        inside = self._around.doors.inside
        pages.add_url_rule("/settings", "settings", inside(self.show), methods=["GET"])
        pages.add_url_rule("/settings/digest", "digest", inside(self.digest), methods=["POST"])
        pages.add_url_rule("/settings/anonymous", "anonymous", inside(self.anonymous), methods=["POST"])

    def show(self, tenant: str) -> Response:  # noqa: ARG002 - stands in every address
        """The switches, and what was told."""
        person = self._around.who()
        return self._around.page("settings", **self._around.use.together(person.tenant, lambda: self._seen(person)))

    def _seen(self, person: Person) -> Values:
        use, locale = self._around.use, self._around.locale()
        told, anonymity = use.breaches.of_person(person.tenant, person.number), use.anonymity
        return {
            "wish": use.digests.wish(person.tenant, person.number),
            "anonymous": None if anonymity is None else anonymity.anonymous(person.tenant, person.number),
            "breaches": [(str(id_), reported_at, facts_told(facts, locale)) for id_, facts, reported_at in told],
        }

    def digest(self, tenant: str) -> Response:  # noqa: ARG002 - stands in every address
        """Wish for the summary, or no more."""
        person, wanted = self._around.who(), request.form.get("state") == "on"
        self._around.use.digests.choose(
            person.tenant, person.number, on=wanted, locale=self._around.locale(), by=by_person()
        )
        return self._around.site.go(at("settings"), said="privacy.said.saved")

    def anonymous(self, tenant: str) -> Response:  # noqa: ARG002 - stands in every address
        """Stay unnamed on orders, or not."""
        person, anonymity = self._around.who(), self._around.use.anonymity
        if anonymity is None:
            raise ProblemError(NOT_FOUND)
        wanted = request.form.get("state") == "on"
        anonymity.choose(person.tenant, person.number, current().request_id, anonymous=wanted)
        return self._around.site.go(at("settings"), said="privacy.said.saved")
