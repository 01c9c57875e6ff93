"""HTTP operations on packages that people call themselves, in a session, under a path that names the tenant.

What a link opens, it opens for the person whose session it is and whose package it is; everybody else, and every link that is no
link any more, gets the same `not_found`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, request
from flask_openapi.blueprint import APIBlueprint

from database.columns import rfc3339
from dsar.disclosure import messages as m
from dsar.disclosure.choosing import Choosing
from dsar.disclosure.fetching import PERSON, Download, Fetching
from dsar.disclosure.http import choice_in, receivers_answer
from dsar.disclosure.ports import Visitor, Visitors
from dsar.disclosure.receiver import Receivers
from dsar.identity.problems import NO_SESSION
from dsar.request import By
from web.auth import visit, visitor
from web.edge_problems import NOT_FOUND
from web.openapi import PERSON_SECURITY, person_blueprint
from web.problems import ProblemError

_FROM = re.compile(r"bytes=(0|[1-9][0-9]{0,17})-", re.ASCII)
"""The one form of a range that resumes a download (RFC 9110, section 14.1.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPackages:
    """What the operations call. `number_of` tells the number of the tenant with a name, `address_of` where a link of it opens."""

    choosing: Choosing
    fetching: Fetching
    receivers: Receivers
    visitors: Visitors
    number_of: Callable[[str], int | None]
    address_of: Callable[[str, str], str]


class OwnPackageApi:
    """A person's own packages."""

    def __init__(self, use: OwnPackages) -> None:
        self._use = use

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = person_blueprint("own_packages", about="The data that people asked for.", prefix="/v1/privacy/<tenant>")
        inside: Mapping[str, Any] = {"security": [{PERSON_SECURITY: []}]}
        one, link = "/requests/<request>/package", "/packages/<link>"
        octets: dict[Any, Any] = {200: {"description": "The sealed file", "content": {"application/octet-stream": {}}}}
        api.put(f"{one}/choice", responses={204: None}, **inside)(visitor(self.choose_own_package))
        api.post(one, responses={201: m.NewLinkAnswer}, **inside)(visitor(self.link_own_package))
        api.get(link, responses=octets, **inside)(visitor(self.get_own_package))
        api.post(f"{link}/passphrase", responses={200: m.PassphraseAnswer}, **inside)(visitor(self.get_own_passphrase))
        api.get("/receivers", responses={200: m.ReceiversAnswer}, **inside)(visitor(self.list_own_receivers))
        return api

    def choose_own_package(self, path: m.OwnPath, body: m.ChoiceBody) -> tuple[str, int]:
        """Say how your data are to be sealed, or to whom they go, before they are made"""
        person = self._visitor(path)
        self._use.choosing.choose(person.tenant, path.request, choice_in(body), _by(), person)
        return "", 204

    def link_own_package(self, path: m.OwnPath) -> tuple[Response, int]:
        """Get a link to your data, once they are made

        It takes a session with a second factor. A link is for one whole copy; another one voids it.
        """
        link = self._use.fetching.linked(self._visitor(path), path.request, _by())
        url = self._use.address_of(path.tenant, link.text)
        return jsonify(url=url, expires_at=rfc3339(link.expires_at)), 201

    def get_own_package(self, path: m.LinkPath) -> Response:
        """Download your data, sealed for you

        A download that broke off is resumed by `Range: bytes=N-`.
        """
        download = self._use.fetching.opened(path.link, self._visitor(path), _by(), start=start_of_range())
        return sent(download)

    def get_own_passphrase(self, path: m.LinkPath) -> Response:
        """Get the passphrase of your data, once"""
        return jsonify(passphrase=self._use.fetching.told(path.link, self._visitor(path), _by()))

    def list_own_receivers(self, path: m.TenantPath) -> Response:
        """List who takes data that you want moved"""
        self._visitor(path)
        return jsonify(receivers_answer(self._use.receivers))

    def _visitor(self, path: m.TenantPath) -> Visitor:
        tenant = self._use.number_of(path.tenant)
        if tenant is None:
            raise ProblemError(NOT_FOUND)
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        found = self._use.visitors.who(tenant, text.strip(), visit().at) if kind.lower() == "bearer" else None
        if found is None:
            raise ProblemError(NO_SESSION, headers={"WWW-Authenticate": 'Bearer realm="moat-privacy"'})
        return found


def start_of_range() -> int:
    """Where a download goes on. A range of another form is passed over, as RFC 9110 allows."""
    found = _FROM.fullmatch(request.headers.get("Range", ""))
    return int(found[1]) if found else 0


def sent(download: Download) -> Response:
    """The octets as they are read. Once they have begun, nothing but their end can say that another download was first."""
    answer = Response(download.pieces, content_type="application/octet-stream", direct_passthrough=True)
    answer.headers["Content-Length"] = str(download.size - download.start)
    answer.headers["Content-Disposition"] = f'attachment; filename="{download.package}.zip.age"'
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Accept-Ranges"] = "bytes"
    if download.start:
        answer.status_code = 206
        answer.headers["Content-Range"] = f"bytes {download.start}-{download.size - 1}/{download.size}"
    return answer


def _by() -> By:
    now = visit()
    return By(PERSON, now.request, now.at)
