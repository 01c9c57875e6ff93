"""Keyed fingerprints: HMAC-SHA256 cut to 16 octets, one label per use, every message drawn here.

The label goes before the message as vault.keys draws it. Numbers are big-endian; a text is UTF-8, always the last
field, and so needs no length of its own.

    subject      key: MacKey of the tenant   "subject/v1"  u64 tenant | platform's subject id
    uniqueness   key: SubjectSecret          "unique/v1"   u16 kind | u16 format | normal form
    search       key: SearchKey              "search/v1"   normal form
    SubjectRef   key: SubjectSecret          "subj/v1"     u64 tenant | u64 epoch

Guarantee: without the key a fingerprint tells nothing about its message, and two subjects who have the same value have
unrelated uniqueness fingerprints. By design, search fingerprints under one key are equal when the values are.
At 2^40 fingerprints under one key the chance that any two collide is about 2^-49.
"""

from binascii import b2a_base64
from collections.abc import Iterable
from struct import Struct

from vault.keys import MacKey, SearchKey, SubjectSecret, labelled

FINGERPRINT_BYTES = 16

_SUBJECT = labelled(b"subject/v1")
_UNIQUE = labelled(b"unique/v1")
_SEARCH = labelled(b"search/v1")
_REF = labelled(b"subj/v1")
_TENANT = Struct(">Q").pack
_FORM = Struct(">HH").pack
_PERIOD = Struct(">QQ").pack
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def subject_fingerprint(key: MacKey, *, tenant: int, subject: str) -> bytes:
    """Finds a data subject by the id that the platform uses, which is stored nowhere."""
    return key.fingerprint(_SUBJECT + _TENANT(tenant) + _text(subject))


def subject_fingerprints(key: MacKey, *, tenant: int, subjects: Iterable[str]) -> list[bytes]:
    """`subject_fingerprint` of each id, in order."""
    start, made = _SUBJECT + _TENANT(tenant), key.fingerprint
    return [made(start + subject.encode("utf-8", "surrogatepass")) for subject in subjects]


# `format` and `normal` are the words of the schema and of the design for these two columns.
def uniqueness_fingerprint(secret: SubjectSecret, *, kind: int, format: int, normal: str) -> bytes:  # noqa: A002 - above
    """Equal for equal values of one subject, kind and format, so that a stable token is issued once."""
    return secret.fingerprint(_UNIQUE + _FORM(kind, format) + normal.encode("utf-8", "surrogatepass"))


def search_fingerprint(key: SearchKey, *, normal: str) -> bytes:
    """Equal for equal values of the tenant, kind and epoch that the key belongs to."""
    return key.fingerprint(_SEARCH + normal.encode("utf-8", "surrogatepass"))


def search_fingerprints(key: SearchKey, normals: Iterable[str]) -> list[bytes]:
    """`search_fingerprint` of each normal form, in order."""
    return [search_fingerprint(key, normal=normal) for normal in normals]


def subject_ref(secret: SubjectSecret, tenant: int, epoch: int) -> str:
    """The subject's pseudonym in the audit log: 22 characters of base64url. Unlinkable once the secret is shredded."""
    digest = secret.fingerprint(_REF + _PERIOD(tenant, epoch))
    return b2a_base64(digest, newline=False).translate(_URL_SAFE)[:22].decode("ascii")


def _text(text: str) -> bytes:
    # A lone surrogate must not raise: UnicodeEncodeError would carry the whole value out in its `object`.
    return text.encode("utf-8", "surrogatepass")
