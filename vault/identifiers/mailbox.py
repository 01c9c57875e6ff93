"""E-mail addresses: the dot-atom form of RFC 5321 §4.1.2 and RFC 6531, with a registered-style domain."""

import re

import idna

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_WIDE_ATOM = r"[^\x00-\x20\x7f@.,:;<>()\[\]\\\"\s]+"
_WIDE_LOCAL = re.compile(rf"{_WIDE_ATOM}(?:\.{_WIDE_ATOM})*")
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?=[a-z0-9-]*[a-z]){_LABEL}")


def mailbox(text: str) -> str | None:
    """The address in lower case with its domain in ASCII (IDNA 2008, UTS 46); None when it is no address.

    Lower case goes for the local part too: RFC 5321 §2.4 lets a host tell cases apart, none that people use does, and
    two writings of one mailbox must be found by one search. Quoted local parts and address literals do not fit.
    """
    local, at, domain = text.lower().rpartition("@")
    if not at or len(local.encode()) > 64:
        return None
    if (_LOCAL if local.isascii() else _WIDE_LOCAL).fullmatch(local) is None:
        return None
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except UnicodeError:  # idna.IDNAError derives from it
            return None
    return f"{local}@{domain}" if len(domain) <= 253 and _DOMAIN.fullmatch(domain) else None
