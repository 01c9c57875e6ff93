"""Keys: the versions that there are, what is due, and rotations. How far one is stands with all other work."""

from collections.abc import Mapping

from flask import Blueprint, Response, request, url_for

from pages.officer.around import PREFIX, Around
from vault.access import Caller
from vault.errors import DeniedError, KeyInUseError, KeyIsActiveError, NotFoundError, RotationUnderWayError
from vault.identifier import KINDS
from vault.keyring import FORMAT, SEARCH
from vault.rotation.asking import Rotated, RotationDesk, Wanted
from vault.rotation.ending import ENDABLE
from vault.rotation.minting import KeyName
from vault.rotation.status import KeyLine, KeyStatus
from web.auth import caller, gate
from web.context import current
from web.edge_problems import NOT_FOUND
from web.principal import Scope
from web.problems import ProblemError


class KeyPages:
    """The page of keys."""

    def __init__(self, around: Around, desk: RotationDesk, status: KeyStatus) -> None:
        self._around = around
        self._desk = desk
        self._status = status

    def add(self, pages: Blueprint) -> None:
        """Enter the routes. A rotation takes somebody who has just shown who they are."""
        door, admin = self._around.door, Scope.VAULT_ADMIN
        pages.add_url_rule("/keys", "keys", door(self.keys, admin))
        end = "/keys/<usage>/<int:version>/destroy"
        pages.add_url_rule(end, "end_key", door(self.end, admin, fresh=True), methods=["GET", "POST"])
        pages.add_url_rule("/keys/rotate", "rotate", door(self.rotate, admin, fresh=True), methods=["POST"])

    def keys(self) -> Response:
        """All versions, by what they are for. That they were looked at is in the log."""
        try:
            status = self._status.show(_caller())
        except DeniedError:
            raise gate().forbidden(caller(), Scope.VAULT_ADMIN, current()) from None
        by_usage: dict[str, list[KeyLine]] = {}
        for line in status.items:
            by_usage.setdefault(line.usage, []).append(line)
        site = self._around.site
        return site.page(
            "officer/keys.html",
            by_usage=by_usage,
            due=sum(line.due is not None for line in status.items),
            deks=status.deks,
            rotated=[(one.value, site.say(f"officer.keys.rotated.{one.value}")) for one in Rotated],
            here=f"{PREFIX}/keys",
            endable=ENDABLE,
        )

    def end(self, usage: str, version: int) -> Response:
        """Ask for the destruction of one version: what needs it, what is lost with it, and then a second person."""
        name = KeyName(usage, request.values.get("kind", "")[:32], version)
        scoped = usage in {SEARCH, FORMAT}
        if usage not in ENDABLE or bool(name.scope) is not scoped or (scoped and name.scope not in KINDS):
            raise ProblemError(NOT_FOUND)
        try:
            if request.method == "POST":
                self._desk.destroy(_caller(), name)
                return self._around.site.go(url_for("officer.work"), said="officer.keys.end_asked")
            needed = self._desk.needed(_caller(), name)
        except (NotFoundError, KeyIsActiveError):
            raise ProblemError(NOT_FOUND) from None
        except DeniedError:
            raise gate().forbidden(caller(), Scope.VAULT_ADMIN, current()) from None
        except KeyInUseError as error:
            needed = (error.what, error.count)
        status = 200 if request.method == "GET" else 409
        return self._around.site.page("officer/end_key.html", status=status, name=name, needed=needed)

    def rotate(self) -> Response:
        """Ask for a rotation; one that destroys what is left over takes a second person."""
        known: Mapping[str, Rotated] = {one.value: one for one in Rotated}
        key = known.get(request.form.get("key", ""))
        if key is None:
            raise ProblemError(NOT_FOUND)
        try:
            self._desk.rotate(_caller(), key, Wanted(destroy=request.form.get("destroy") == "yes"))
        except DeniedError:
            raise gate().forbidden(caller(), Scope.VAULT_ADMIN, current()) from None
        except RotationUnderWayError:
            return self._around.site.go(url_for("officer.keys"), said="officer.keys.under_way")
        return self._around.site.go(url_for("officer.work"), said="officer.keys.asked")


def _caller() -> Caller:
    principal = caller()
    return Caller(principal.tenant, principal.credential, principal.role.value, current().request_id)
