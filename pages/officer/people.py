"""Finding a person by a value that they gave, and what is held about them: masked, and plain for a request of theirs only.

What is looked for stands in forms and never in addresses.
"""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from flask import Blueprint, Response, request

from dsar.request import By
from pages.officer.around import Around, by_staff, number_of
from vault.access import Caller
from vault.detokenization import Detokenization, Presented
from vault.errors import VaultError
from vault.issued_token import IssuedTokens
from vault.item import ItemError, Revealed
from vault.policy import View
from vault.profile import Profile, Profiles
from vault.search import Matches, Probe, Search
from web.auth import caller
from web.context import current
from web.principal import Scope

PURPOSE = "account"
"""What privacy officers look for and at: the policy allows them no other."""

KINDS = ("phone", "email", "id_card", "bank_card", "passport", "license_plate", "wechat_id")
FOUND_AT_MOST = 20


Asks = Callable[[int, UUID, str, By], bool]
"""Whether a request of a tenant is open and of the person with an id of the platform, as somebody looks who is named."""


class PeopleUseCases(NamedTuple):
    """What the pages call."""

    search: Search
    profiles: Profiles
    detokenization: Detokenization
    tokens: IssuedTokens
    asks: Asks
    region_of: Callable[[int], str]


class PeoplePages:
    """Search, and one person."""

    def __init__(self, around: Around, use: PeopleUseCases) -> None:
        self._around = around
        self._use = use

    def add(self, pages: Blueprint) -> None:
        """Enter the routes. A value is shown plain to somebody who has just shown who they are."""
        door = self._around.door
        pages.add_url_rule("/people", "people", door(self.people, Scope.VAULT_SEARCH), methods=["GET", "POST"])
        pages.add_url_rule(
            "/people/plain", "plain", door(self.plain, Scope.VAULT_DETOKENIZE, fresh=True), methods=["POST"]
        )

    def people(self) -> Response:
        """The form, and whom it finds."""
        kind, value = request.form.get("kind", KINDS[0]), request.form.get("value", "").strip()
        if request.method == "GET":
            return self._page(kind, (), None)
        if kind not in KINDS or not value:
            return self._page(KINDS[0], (), "officer.people.no_value", status=422)
        (found,) = self._use.search.search(
            self._caller(), [Probe(kind, value)], purpose=PURPOSE, ref="", limit=FOUND_AT_MOST
        )
        if not isinstance(found, Matches):
            return self._page(kind, (), _fault(found), status=422)
        subjects = sorted({match.subject for match in found.matches})
        return self._page(kind, [one for one in map(self._profile, subjects) if one is not None], None, asked=True)

    def plain(self) -> Response:
        """One value, once, for a request of the person whose it is, while that is open."""
        token, number = request.form.get("token", "")[:64], number_of(request.form.get("request"))
        if number is None or not self._asked_for(token, number):
            return self._page(KINDS[0], (), "officer.people.no_request", status=422)
        item = Presented(token, PURPOSE, f"request:{number}")
        (answer,) = self._use.detokenization.detokenize(self._caller(), [item], View.PLAIN)
        if not isinstance(answer, Revealed):
            fault = _fault(answer) if isinstance(answer, ItemError) else "officer.people.refused"
            return self._page(KINDS[0], (), fault, status=403)
        return self._around.site.page("officer/plain.html", value=answer.value, kind=answer.kind, number=number)

    def _asked_for(self, token: str, number: UUID) -> bool:
        try:
            subject = self._use.tokens.get(self._caller(), token).subject
        except VaultError:
            return False
        return self._use.asks(caller().tenant, number, subject, by_staff())

    def _profile(self, subject: str) -> Profile | None:
        try:
            return self._use.profiles.get(self._caller(), subject, purpose=PURPOSE)
        except VaultError:
            return None

    def _page(self, kind: str, found: object, wrong: str | None, *, status: int = 200, asked: bool = False) -> Response:
        say = self._around.site.say
        return self._around.site.page(
            "officer/people.html",
            status=status,
            kind=kind,
            kinds=[(one, say(f"officer.kind.{one}")) for one in KINDS],
            people=found,
            asked=asked,
            wrong=wrong,
            may_see=caller().may(Scope.VAULT_DETOKENIZE),
        )

    def _caller(self) -> Caller:
        principal = caller()
        return Caller(
            principal.tenant,
            principal.credential,
            principal.role.value,
            current().request_id,
            self._use.region_of(principal.tenant),
        )


def _fault(found: ItemError) -> str:
    if found.code == "denied":
        return "officer.people.budget" if found.reason == "budget" else "officer.people.refused"
    return "officer.people.no_value"
