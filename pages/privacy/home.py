"""The home page: what is held in plain words, and where to go on. A value is shown plain on request, once, after a fresh code."""

from flask import Blueprint, Response, request

from consent.locale import Locale
from consent.sharing.own import OwnStanding
from dsar.disclosure.category import category_of
from dsar.disclosure.words import words_of
from dsar.identity.own import LAST
from dsar.identity.session import Session
from dsar.request import Request
from pages.privacy.around import Around
from pages.privacy.confirming import Confirming
from pages.privacy.held import Kept, kept
from pages.privacy.use_cases import Values
from pages.privacy.visitors import Person, at, rechecked
from vault.errors import NotFoundError
from vault.rights.viewing import SHOWN_AT_MOST, OwnView
from web.context import current
from web.edge_problems import NOT_FOUND
from web.problems import ProblemError

OPEN_LOOKED_AT = 20
EACH_AT_FIRST = 4
"""Values of one kind, beside those of the profile, that are shown before somebody asks for all of them."""
BREACH_SHOWN_MS = 180 * 86_400_000


class Home:
    """What is held."""

    def __init__(self, around: Around, confirming: Confirming) -> None:
        self._around = around
        self._confirming = confirming

    def add(self, pages: Blueprint) -> None:
        """Enter the views."""
        inside = self._around.doors.inside
        pages.add_url_rule("/", "home", inside(self.look), methods=["GET"])
        pages.add_url_rule("/held/<kind>", "held", inside(self.all_of_kind), methods=["GET"])
        pages.add_url_rule("/reveal", "reveal", inside(self.reveal), methods=["POST"])
        pages.add_url_rule("/reveal/code", "reveal_by_code", inside(self.reveal_by_code), methods=["POST"])

    def look(self, tenant: str) -> Response:  # noqa: ARG002 - stands in every address
        """Everything, masked."""
        person = self._around.who()
        self._around.use.catalogues.edition(person.tenant)  # puts on record what has come into force, which no read may
        return self._around.page("home", **self._around.use.together(person.tenant, lambda: self._seen(person)))

    def _seen(self, person: Person) -> Values:
        standing = self._standing(person)
        view = self._view(person, each=EACH_AT_FIRST)
        kinds, controller = self._kept(person, view, standing)
        return {
            "kinds": kinds,
            "more": view.more,
            "frozen": view.state != "active",
            "controller": controller,
            "requests": [one for one in self._requests(person) if not one.ended],
            "breaches": self._breaches(person),
        }

    def all_of_kind(self, tenant: str, kind: str) -> Response:  # noqa: ARG002 - stands in every address
        """Everything of one kind, masked."""
        person = self._around.who()
        view = self._view(person, kind=kind)
        kinds, _ = self._kept(person, view, self._standing(person))
        if not kinds:
            raise ProblemError(NOT_FOUND)
        return self._around.page("held", kind=kinds[0], more=view.more)

    def reveal(self, tenant: str) -> Response:  # noqa: ARG002 - stands in every address
        """One value, if a code was entered not long ago; otherwise a code is asked for first."""
        session = self._around.who().session
        if rechecked(session, current().at):
            return self._revealed(session)
        return self._confirming.ask(at("reveal_by_code"), "privacy.reveal.confirm", at("home"))

    def reveal_by_code(self, tenant: str) -> Response:  # noqa: ARG002 - stands in every address
        """One value, by a code."""
        return self._confirming.taken(at("reveal_by_code"), "privacy.reveal.confirm", at("home"), self._revealed)

    def _revealed(self, session: Session) -> Response:
        """The value stands in this one answer to a POST: no address leads to it, and nothing keeps it."""
        token = request.form.get("what", "")
        try:
            shown = self._around.use.viewing.reveal(session.tenant, session.subject, token, current().request_id)
        except NotFoundError:
            raise ProblemError(NOT_FOUND) from None
        names = words_of(self._around.locale()).categories
        answer = self._around.page("revealed", kind=names[category_of(shown.kind)], value=shown.value)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _view(self, person: Person, *, each: int = SHOWN_AT_MOST, kind: str | None = None) -> OwnView:
        try:
            return self._around.use.viewing.of(person.tenant, person.number, each=each, kind=kind)
        except NotFoundError:
            raise ProblemError(NOT_FOUND) from None

    def _standing(self, person: Person) -> OwnStanding:
        return self._around.use.consents.standing(person.tenant, person.number)

    def _kept(self, person: Person, view: OwnView, standing: OwnStanding) -> tuple[list[Kept], str]:
        """What is held, kind by kind, and who answers for it."""
        use, locale = self._around.use, self._around.site.locale()
        uses = [one for value in view.values for one in value.uses]
        periods = dict(zip(uses, use.periods.of(person.tenant, uses, current().at), strict=True))
        catalogue = standing.edition.catalogue
        return kept(view, standing, periods, locale), catalogue.controller.name[_spoken(locale, catalogue.locales)]

    def _requests(self, person: Person) -> list[Request]:
        return self._around.use.own.page(person.session, before=LAST, limit=OPEN_LOOKED_AT)

    def _breaches(self, person: Person) -> list[tuple[str, int]]:
        """What was told lately: the incident's number, and when it was reported."""
        found = self._around.use.breaches.of_person(person.tenant, person.number, limit=5)
        since = current().at - BREACH_SHOWN_MS
        return [(str(id_), reported_at) for id_, _, reported_at in found if reported_at > since]


def _spoken(locale: Locale, offered: tuple[Locale, ...]) -> Locale:
    return locale if locale in offered else offered[0]
