"""X-Twilio-Signature: who sent a webhook.

    base64(HMAC-SHA1(auth token, URL as it was called, then name and value of each pair of the form, sorted by name and value))

The sender is not consistent about a port that is the scheme's own, so both writings count
(www.twilio.com/docs/usage/security, "Validating requests are coming from Twilio"). The signature says nothing of when: whoever
takes it must count each call once.
"""

import base64
import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

_PORTS = {"https": 443, "http": 80}


def signature(token: bytes, url: str, pairs: Iterable[tuple[str, str]]) -> str:
    """The signature of one call. A pair that is there twice counts once."""
    signed = url + "".join(name + value for name, value in sorted(set(pairs)))
    return base64.b64encode(hmac.digest(token, signed.encode(), "sha1")).decode("ascii")


def is_signed(token: bytes, url: str, pairs: Iterable[tuple[str, str]], presented: str) -> bool:
    """Whether a call bears a signature of the account, in either writing of its port. Takes as long whichever it is."""
    known = list(pairs)
    given = presented.encode("utf-8", "replace")
    verdicts = [hmac.compare_digest(signature(token, one, known).encode("ascii"), given) for one in _writings(url)]
    return any(verdicts)


def _writings(url: str) -> tuple[str, str]:
    """The URL without and with the port of its scheme; a port of its own stays."""
    parts = urlsplit(url)
    own = _PORTS.get(parts.scheme)
    if parts.port not in {None, own}:
        return url, url
    host = parts.netloc.removesuffix(f":{own}")
    return urlunsplit(parts._replace(netloc=host)), urlunsplit(parts._replace(netloc=f"{host}:{own}"))
