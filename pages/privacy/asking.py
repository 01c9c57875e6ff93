"""Making a request: one page for each right, in plain words, with one form and one button."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

import orjson
from flask import Blueprint, Response, request

from consent.locale import Locale
from dsar.desk.intake import Asked
from dsar.desk.reasons import Category, Party
from dsar.desk.regime import Regime
from dsar.desk.words import Words
from dsar.disclosure.category import category_of
from dsar.disclosure.words import words_of
from dsar.right import Right
from pages.privacy.around import Around
from pages.privacy.held import LABELS
from pages.privacy.visitors import Person, at, by_person
from vault.errors import NotFoundError
from vault.rights.viewing import OwnValue
from web.edge_problems import NOT_FOUND
from web.problems import ProblemError
from work.replay import Replay

OFFERED: Mapping[str, Right] = {
    "copy": Right.ACCESS,
    "move": Right.PORTABILITY,
    "correct": Right.RECTIFICATION,
    "delete": Right.ERASURE,
    "restrict": Right.RESTRICTION,
    "object": Right.OBJECTION,
    "explain": Right.EXPLANATION,
    "close": Right.ACCOUNT_CLOSURE,
    "complain": Right.COMPLAINT,
}
"""What a page offers, by its word in the address."""

CHANNEL = "privacy_centre"
TEXT_AT_MOST = 4_000
VALUE_AT_MOST = 2_000
CORRECTIONS_AT_MOST = 20
PURPOSES_AT_MOST = 32
ONCE_AT_MOST = 64
ROUTE = "privacy.ask"
NOBODY = 0
"""What stands for the credential of a repeated form that has none."""


@dataclass(frozen=True, slots=True)
class Correctable:
    """Something that can be corrected: a field of the profile, or a kind. `label` is the key of its place, if it has words."""

    field: str
    name: str
    label: str | None
    masked: str | None


class AskingPages:
    """The views of new requests."""

    def __init__(self, around: Around) -> None:
        self._around = around

    def add(self, pages: Blueprint) -> None:
        """Enter the views."""
        inside = self._around.doors.inside
        pages.add_url_rule("/requests/new/<what>", "ask", inside(self.form), methods=["GET"])
        pages.add_url_rule("/requests/new/<what>", "submit", inside(self.submit), methods=["POST"])

    def form(self, tenant: str, what: str) -> Response:  # noqa: ARG002 - stands in every address
        """The page of one right."""
        return self._form(self._offered(what), what)

    def submit(self, tenant: str, what: str) -> Response:  # noqa: ARG002 - stands in every address
        """Make the request."""
        right, person = self._offered(what), self._around.who()
        errors = self._errors(right, person)
        if errors:
            return self._form(right, what, errors=errors)
        made = self._around.use.own.ask(person.session, self._asked(right, person), by_person(), _replay(person))
        if made.request.ended:
            return self._around.site.go(at("requests"), said="privacy.said.twin")
        return self._around.site.go(at("request", number=str(made.request.id)), said="privacy.said.asked")

    def _offered(self, what: str) -> Right:
        if what not in offered(self._around.use.regime_of(self._around.who().tenant)):
            raise ProblemError(NOT_FOUND)
        return OFFERED[what]

    def _form(self, right: Right, what: str, *, errors: Mapping[str, str] | None = None) -> Response:
        """Nothing that was typed comes back on it: it stays in the browser's own form."""
        person = self._around.who()
        return self._around.page(
            "ask",
            status=422 if errors else 200,
            what=what,
            correctable=self._correctable(person) if right is Right.RECTIFICATION else (),
            purposes=self._purposes(person) if right is Right.OBJECTION else (),
            categories=[category.value for category in Category],
            parties=[party.value for party in Party],
            errors=errors or {},
            once=uuid4().hex,
        )

    def _errors(self, right: Right, person: Person) -> Mapping[str, str]:
        """What is wrong with the form, by field, as keys of texts."""
        if right is Right.RECTIFICATION:
            given = _corrections()
            return self._around.use.corrected(person.tenant, given) if given else {"form": "nothing_corrected"}
        if right is Right.COMPLAINT:
            missing = {} if request.form.get("category") in set(Category) else {"category": "category_missing"}
            return missing if _text() else {**missing, "text": "text_missing"}
        return {}

    def _asked(self, right: Right, person: Person) -> Asked:
        complains = right is Right.COMPLAINT
        corrections = _corrections() if right is Right.RECTIFICATION else {}
        party = request.form.get("party", "")
        return Asked(
            subject=person.number,
            right=right,
            regime=self._around.use.regime_of(person.tenant).id,
            channel=CHANNEL,
            locale=self._around.locale(),
            purposes=self._chosen(person) if right is Right.OBJECTION else (),
            words=Words(_text(), corrections),
            category=Category(request.form["category"]) if complains else None,
            accountable=Party(party) if complains and party in set(Party) else Party.PLATFORM if complains else None,
        )

    def _correctable(self, person: Person) -> list[Correctable]:
        """Every field of the profile once, and every other kind that is held."""
        try:
            view = self._around.use.viewing.of(person.tenant, person.number)
        except NotFoundError:
            raise ProblemError(NOT_FOUND) from None
        names = words_of(self._around.locale()).categories
        found: dict[str, Correctable] = {}
        for value in view.values:
            for field in value.fields or (value.kind,):
                found.setdefault(field, _correctable(field, value, names))
        return list(found.values())[:CORRECTIONS_AT_MOST]

    def _purposes(self, person: Person) -> list[tuple[str, str]]:
        """The purposes of the catalogue, with their titles."""
        edition = self._around.use.catalogues.edition(person.tenant)
        catalogue, locale = edition.catalogue, self._around.site.locale()
        spoken: Locale = locale if locale in catalogue.locales else catalogue.locales[0]
        return [(name, catalogue.notice(name).texts[spoken].title) for name in catalogue.by_id]

    def _chosen(self, person: Person) -> tuple[str, ...]:
        known = self._around.use.catalogues.edition(person.tenant).catalogue
        chosen = [one for one in request.form.getlist("purpose") if known.knows(one)]
        return tuple(dict.fromkeys(chosen))[:PURPOSES_AT_MOST]


def offered(regime: Regime) -> list[str]:
    """What the people of a regime can ask for."""
    return [what for what, right in OFFERED.items() if right in regime.rights]


def _correctable(field: str, value: OwnValue, names: Mapping[str, str]) -> Correctable:
    label = field.partition(".")[2]
    return Correctable(field, names[category_of(value.kind)], label if label in LABELS else None, value.masked)


def _corrections() -> dict[str, str]:
    """The fields that were filled in."""
    named = {name.removeprefix("field."): value for name, value in request.form.items() if name.startswith("field.")}
    given = {field: value.strip() for field, value in named.items() if value.strip()}
    return {field: value[: VALUE_AT_MOST + 1] for field, value in list(given.items())[:CORRECTIONS_AT_MOST]}


def _text() -> str | None:
    return request.form.get("text", "").replace("\r\n", "\n").strip()[:TEXT_AT_MOST] or None


def _replay(person: Person) -> Replay | None:
    """The form as one that may be sent twice, by a finger that was too quick."""
    once = request.form.get("once", "")
    if not once or len(once) > ONCE_AT_MOST:
        return None
    body = orjson.dumps(
        [request.path, *sorted(pair for pair in request.form.items(multi=True) if pair[0] != "form_token")]
    )
    return Replay(person.tenant, NOBODY, ROUTE, f"{person.number}:{once}", body)
