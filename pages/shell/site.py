"""The site: what a page needs to be said, and how an answer to a person leaves.

What templates (`writing`) are given:

    t(key, **values)  n(key, count, **values)   the words of the page's language
    ui                                          the components of `shell/ui.html`
    icon(name, class)                           one of `shell/icons.html`
    when                                        `moments.Moments` of this request
    asset(name)  url(endpoint, **values)        addresses
    lang  languages  form_token  request_id  chrome  path  said
"""

from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, request

from consent.locale import Locale
from pages.shell import forgery, language
from pages.shell.addresses import addresses
from pages.shell.assets import shipped as shipped_assets
from pages.shell.door import PublicDoor, elsewhere, local_path, visit
from pages.shell.moments import Moments
from pages.shell.texts import Texts, shipped
from pages.shell.writing import writer
from web.auth import access_of
from web.context import current
from web.problems import ProblemError

PAGES = Path(__file__).parents[1]

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SAID = "__Host-moat_said"
YEAR_SECONDS = 31_536_000
HTML = "text/html; charset=utf-8"
_HEADERS = {
    locale: [
        ("Content-Security-Policy", CONTENT_POLICY),
        ("Content-Language", locale.value),
        ("Vary", "Cookie, Accept-Language"),
    ]
    for locale in Locale
}
_LANGUAGES = {locale: [(one.value, name, one is locale) for one, name in language.NAMES.items()] for locale in Locale}


class Site:
    """Made once for a deployment. `demo` puts a banner on every page."""

    def __init__(self, zone: tzinfo, *, demo: bool = False, roots: tuple[Path, ...] = (PAGES,)) -> None:
        self._zone = zone
        self._demo = demo
        self._roots = roots
        self.texts: Texts = shipped(roots)
        self.assets = shipped_assets(roots)
        self.public = PublicDoor()

    def locale(self) -> Locale:
        """The language of this request's page."""
        cookie, wanted = request.cookies.get(language.COOKIE), request.headers.get("Accept-Language")
        return language.chosen(cookie, visit().locale, wanted)

    def say(self, key: str, **values: object) -> str:
        """A text in the language of this request."""
        return self.texts.say(self.locale(), key, **values)

    def moments(self) -> Moments:
        """What says times on this request's page."""
        return Moments(self.texts, self.locale(), self._zone, current().at)

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page of this site."""
        locale, said = self.locale(), request.cookies.get(SAID)
        known = said if said is not None and self.texts.has(locale, said) else None
        written = writer(self._roots, locale, self.texts, self.assets.url).get_template(template)
        html = written.render({**self._around(locale), "said": known, **values})
        answer = Response(html, status=status, headers=_HEADERS[locale], content_type=HTML)
        if said is not None:
            answer.delete_cookie(SAID, secure=True, httponly=True, samesite="Lax")
        return self.sent(answer)

    def go(self, url: str, *, said: str | None = None) -> Response:
        """Send the visitor to another page, which says the text of a key once. Keys only: a cookie is no place for a value."""
        answer = elsewhere(url)
        if said is not None:
            answer.set_cookie(SAID, said, max_age=60, secure=True, httponly=True, samesite="Lax")
        return self.sent(answer)

    def sent(self, answer: Response) -> Response:
        """An answer with the cookies of this visit."""
        for name, text in visit().sets.items():
            answer.set_cookie(name, text, secure=True, httponly=True, samesite="Lax")
        return answer

    def left(self, answer: Response, cookie: str) -> Response:
        """An answer that ends a session in this browser, and lets it keep nothing that it saw (Clear Site Data, section 3.1)."""
        answer.delete_cookie(cookie, secure=True, httponly=True, samesite="Lax")
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        return answer

    def problem(self, error: ProblemError) -> Response | None:
        """A problem as a page, where it was a page that was asked for."""
        if not _asked_for_page():
            return None
        code, status = error.problem.code, error.problem.status
        known = self.texts.has(self.locale(), f"shell.problem.{code}.title")
        key = code if known else "internal" if status >= 500 else "refused"
        answer = self.page("shell/problem.html", status=status, key=f"shell.problem.{key}", problem_status=status)
        answer.headers.update(error.headers)
        return answer

    def blueprint(self) -> Blueprint:
        """The choice of a language."""
        pages = Blueprint("shell", __name__)
        pages.add_url_rule("/language/<tag>", "language", self.public(self.choose_language))
        return pages

    def choose_language(self, tag: str) -> Response:
        """Speak a language in this browser from now on."""
        answer = self.go(local_path(request.args.get("back"), "/"))
        if tag in {locale.value for locale in Locale}:
            answer.set_cookie(language.COOKIE, tag, max_age=YEAR_SECONDS, secure=True, httponly=True, samesite="Lax")
        return answer

    def _around(self, locale: Locale) -> Mapping[str, Any]:
        seen, now = visit(), current()
        return {
            "when": Moments(self.texts, locale, self._zone, now.at),
            "url": addresses().url,
            "languages": _LANGUAGES[locale],
            "form_token": "" if seen.cookie is None else forgery.token(seen.cookie),
            "request_id": now.request_id,
            "chrome": seen.chrome(),
            "path": request.path,
            "demo": self._demo,
        }


def _asked_for_page() -> bool:
    rule = request.url_rule
    if rule is not None:
        access = access_of(current_app.view_functions[rule.endpoint])
        return access.door is not None and not access.signed
    return request.method in forgery.SAFE and "text/html" in request.accept_mimetypes.values()
