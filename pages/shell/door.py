"""Doors of pages: who may come in, decided before a view and its form are looked at.

A view of a page is marked by a door, as one of the API is by `web.auth.require`. What a door found out of a request is its
`Visit`, which stands in `flask.g` while the request lasts.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote

from flask import Response, g, redirect, request

from pages.shell.chrome import Chrome
from pages.shell.forgery import SAFE, forged
from pages.shell.problems import FORGED
from web.auth import VISITOR_BODY_BYTES, Access, gate, marked
from web.context import RequestContext
from web.problems import ProblemError

View = TypeVar("View", bound=Callable[..., Any])
Who = TypeVar("Who")

BROWSER = "__Host-moat_browser"
"""The cookie of a browser that nobody has signed in with; forms of public pages are bound to it."""

_RANDOM_OCTETS = 32


@dataclass(slots=True)
class Visit:
    """One request of a page. `cookie` is the text that its forms are bound to, `locale` the language that the session knows,
    `who` whatever a door knows of the visitor. `sets` are cookies that the answer gives, by name."""

    cookie: str | None = None
    locale: str | None = None
    who: object = None
    chrome: Callable[[], Chrome] = Chrome
    sets: dict[str, str] = field(default_factory=dict)


def visit() -> Visit:
    """This request's, or an empty one where no door was gone through."""
    return cast(Visit, g.get("visit") or Visit())


def wants_fragment() -> bool:
    """Whether htmx asks for a part of a page."""
    return "HX-Request" in request.headers


def elsewhere(url: str) -> Response:
    """Send the visitor to another page, out of a fragment too. What was posted is not posted again (RFC 9110, section 15.4.4)."""
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": url})
    return cast(Response, redirect(url, 303))


def local_path(given: str | None, fallback: str) -> str:
    """A path of this site that a request names to go on to; never an address of another (CWE-601)."""
    if given is None or not given.startswith("/") or given.startswith(("//", "/\\")) or not given.isprintable():
        return fallback
    return given


class PublicDoor:
    """Lets anybody in, as often as one source may come. `first` may send them elsewhere before that."""

    def __init__(
        self, chrome: Callable[[], Chrome] = Chrome, first: Callable[[], Response | None] = lambda: None
    ) -> None:
        self._chrome = chrome
        self._first = first

    def __call__(self, view: View) -> View:
        """Mark a view."""
        return marked(Access(credential=False, body_bytes=VISITOR_BODY_BYTES, door=self.admit))(view)

    def admit(self, context: RequestContext) -> Response | None:
        """Let somebody in.

        Raises:
            ProblemError: their source comes too often, or the form is not from a page of ours.
        """
        if (answer := self._first()) is not None:
            return answer
        known = request.cookies.get(BROWSER)
        cookie = known or secrets.token_urlsafe(_RANDOM_OCTETS)
        g.visit = Visit(cookie=cookie, chrome=self._chrome, sets={} if known else {BROWSER: cookie})
        gate().receive(context)
        if forged(request, known):
            raise ProblemError(FORGED)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[Who]):
    """Whom a session's text lets in, and the language that they have chosen, if they have."""

    who: Who
    locale: str | None = None


class SessionDoor(Generic[Who]):
    """Lets in whoever has a session; everybody else is sent to `outside`, with the page that they wanted in `next`.

    `find` tells whose session a text is, None where it is nobody's, and may say so to the request's context.
    """

    def __init__(
        self,
        cookie: str,
        find: Callable[[str, RequestContext], Found[Who] | None],
        outside: Callable[[], str],
        chrome: Callable[[Who], Chrome],
    ) -> None:
        self.cookie = cookie
        self._find = find
        self._outside = outside
        self._chrome = chrome

    def __call__(self, view: View, also: Callable[[Who], Response | None] | None = None) -> View:
        """Mark a view. `also` is asked about whoever is in; it answers in the page's place, or raises, or lets them go on."""

        def admit(context: RequestContext) -> Response | None:
            return self._admit(context, also)

        return marked(Access(credential=False, body_bytes=VISITOR_BODY_BYTES, door=admit))(view)

    def who(self) -> Who:
        """Whoever is looking at this page."""
        return cast(Who, visit().who)

    def enter(self, text: str) -> None:
        """Have the answer to this request open the session of a text in this browser. From then on its forms are bound to it."""
        visit().sets[self.cookie] = text

    def _admit(self, context: RequestContext, also: Callable[[Who], Response | None] | None) -> Response | None:
        text = request.cookies.get(self.cookie)
        found = None if text is None else self._find(text, context)
        if found is None:
            gate().receive(context)
            wanted = request.path if request.method in SAFE and not wants_fragment() else None
            return elsewhere(self._outside() + ("" if wanted is None else f"?next={quote(wanted)}"))
        who = found.who
        g.visit = Visit(cookie=text, locale=found.locale, who=who, chrome=lambda: self._chrome(who))
        if forged(request, text):
            raise ProblemError(FORGED)
        return None if also is None else also(who)
