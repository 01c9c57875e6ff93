"""HTTP operations on packages for officers and the platform."""

from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, send_file
from flask_openapi.blueprint import APIBlueprint

from database.columns import rfc3339
from dsar.disclosure import messages as m
from dsar.disclosure.age import PublicKey
from dsar.disclosure.choosing import Choice, Choosing
from dsar.disclosure.fetching import Fetching
from dsar.disclosure.keeping import Keeping
from dsar.disclosure.receiver import Receivers
from dsar.disclosure.stored import Stored
from dsar.disclosure.telling import Telling
from dsar.request import By
from web.auth import caller, occasion, require
from web.openapi import blueprint
from web.principal import Scope
from work.http_replay import replay_of_call


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageUseCases:
    """What the operations call."""

    choosing: Choosing
    fetching: Fetching
    keeping: Keeping
    telling: Telling
    receivers: Receivers


class PackageApi:
    """Packages as officers see them: everything but what is in them."""

    def __init__(self, use: PackageUseCases) -> None:
        self._use = use

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("packages", about="What people get who ask for their data.")
        ask, read, manage = (require(scope) for scope in (Scope.DSAR_REQUEST, Scope.DSAR_READ, Scope.DSAR_MANAGE))
        one = "/requests/<request>/package"
        api.get(one, responses={200: m.PackageAnswer})(read(self.get_package))
        api.post(one, responses={202: m.MakingAnswer})(manage(self.make_package_again))
        octets: dict[Any, Any] = {200: {"description": "The sealed file", "content": {"application/octet-stream": {}}}}
        api.get(f"{one}/file", responses=octets)(manage(self.hand_package_over))
        api.post(f"{one}/link", responses={200: m.TellingAnswer})(manage(self.send_package_link))
        api.put(f"{one}/choice", responses={204: None})(ask(self.choose_package))
        api.get("/receivers", responses={200: m.ReceiversAnswer})(ask(self.list_receivers))
        return api

    def get_package(self, path: m.RequestPath) -> Response:
        """Look at the package of a request, without what is in it"""
        return jsonify(package_answer(self._use.keeping.look(caller().tenant, path.request, _by())))

    def make_package_again(self, path: m.RequestPath) -> tuple[Response, int]:
        """Have the package of a completed request made anew, with other keys

        For somebody who has lost the passphrase, or has come too late. The old package is gone at once.
        """
        job = self._use.keeping.make_again(caller().tenant, path.request, _by(), replay_of_call())
        return jsonify(job=str(job)), 202

    def send_package_link(self, path: m.RequestPath) -> Response:
        """Send the person another link; an earlier one opens nothing any more

        The link is in no answer: it goes to the person.
        """
        package = self._use.keeping.look(caller().tenant, path.request, _by())
        return jsonify(sent_by=self._use.telling.tell(package))

    def hand_package_over(self, path: m.RequestPath) -> Response:
        """Get the sealed file for a guardian, an agent or next of kin who has given a key of their own

        You cannot open it. A package that the person has asked for themselves is theirs to fetch.
        """
        package, file = self._use.keeping.hand_over(caller().tenant, path.request, _by())
        answer = send_file(
            file.absolute(),
            mimetype="application/octet-stream",
            as_attachment=True,
            download_name=f"{package.id}.zip.age",
            etag=str(package.id),
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def choose_package(self, path: m.RequestPath, body: m.ChoiceBody) -> tuple[str, int]:
        """Say how the package of a request is to be sealed, or to whom it goes, before it is made"""
        self._use.choosing.choose(caller().tenant, path.request, choice_in(body), _by())
        return "", 204

    def list_receivers(self) -> Response:
        """List who takes data that people move"""
        return jsonify(receivers_answer(self._use.receivers))


def package_answer(package: Stored) -> dict[str, Any]:
    """What is told of a package."""
    return {
        "package": str(package.id),
        "state": package.state.value,
        "receiver": package.receiver,
        "made_at": rfc3339(package.made_at),
        "expires_at": rfc3339(package.expires_at),
        "size": package.size,
        "sha256": None if package.digest is None else package.digest.hex(),
        "records": package.records,
        "downloads": package.downloads,
        "receipt": None if package.receipt is None else package.receipt.hex(),
    }


def receivers_answer(receivers: Receivers) -> dict[str, Any]:
    """All receivers, by id and name."""
    return {"items": [{"receiver": one.id, "name": one.name} for one in receivers.all()], "next_cursor": None}


def choice_in(body: m.ChoiceBody) -> Choice:
    """The choice of a body. Raises RecipientError."""
    return Choice(None if body.recipient is None else PublicKey(body.recipient), body.receiver)


def _by() -> By:
    now = occasion()
    return By(now.actor, now.request, now.at)
