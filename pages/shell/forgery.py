"""Tokens against forged forms: a page of another origin can send a form here with our cookies, but cannot know this text.

    base64url of HMAC-SHA256(text of the cookie that lets the sender in, "moat form 1"), without padding

The cookie's text is random and known to this browser only, so the token is bound to the session and needs no storage. It tells
nothing about the cookie, which scripts cannot read. Beside it the browser's own word counts: a request that it says comes from
another site is refused whatever it carries (Fetch Metadata, section 2.4; RFC 6454, section 7).
"""

import hmac
from base64 import urlsafe_b64encode
from urllib.parse import urlsplit

from werkzeug.wrappers import Request

FIELD = "form_token"
HEADER = "X-Form-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_LABEL = b"moat form 1"


def token(cookie: str) -> str:
    """The token of forms for whoever this cookie lets in."""
    mac = hmac.digest(cookie.encode(), _LABEL, "sha256")
    return urlsafe_b64encode(mac).rstrip(b"=").decode()


def forged(request: Request, cookie: str | None) -> bool:
    """Whether a request that changes something may come from elsewhere than a page of ours."""
    if request.method in SAFE:
        return False
    if cookie is None or _from_elsewhere(request):
        return True
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    return not hmac.compare_digest(given.encode(), token(cookie).encode())


def _from_elsewhere(request: Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site != "same-origin"
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host
