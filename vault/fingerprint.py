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

from base64 import urlsafe_b64encode
from collections.abc import Iterable
from struct import Struct

from vault.keys import MacKey, SearchKey, SubjectSecret

FINGERPRINT_BYTES = 16

_TENANT = Struct(">Q").pack
_FORM = Struct(">HH").pack
_PERIOD = Struct(">QQ").pack


def subject_fingerprint(key: MacKey, *, tenant: int, subject: str) -> bytes:
    """Finds a data subject by the id that the platform uses, which is stored nowhere."""
    return key.digest(_TENANT(tenant) + _text(subject), FINGERPRINT_BYTES, label=b"subject/v1")


# `format` and `normal` are the words of the schema and of the design for these two columns.
def uniqueness_fingerprint(secret: SubjectSecret, *, kind: int, format: int, normal: str) -> bytes:  # noqa: A002 - above
    """Equal for equal values of one subject, kind and format, so that a stable token is issued once."""
    return secret.digest(_FORM(kind, format) + _text(normal), FINGERPRINT_BYTES, label=b"unique/v1")


def search_fingerprint(key: SearchKey, *, normal: str) -> bytes:
    """Equal for equal values of the tenant, kind and epoch that the key belongs to."""
    return key.digest(_text(normal), FINGERPRINT_BYTES, label=b"search/v1")


def search_fingerprints(key: SearchKey, normals: Iterable[str]) -> list[bytes]:
    """`search_fingerprint` of each normal form, in order."""
    return [key.digest(_text(normal), FINGERPRINT_BYTES, label=b"search/v1") for normal in normals]


def subject_ref(secret: SubjectSecret, tenant: int, epoch: int) -> str:
    """The subject's pseudonym in the audit log: 22 characters of base64url. Unlinkable once the secret is shredded."""
    digest = secret.digest(_PERIOD(tenant, epoch), FINGERPRINT_BYTES, label=b"subj/v1")
    return urlsafe_b64encode(digest)[:22].decode("ascii")


def _text(text: str) -> bytes:
    # A lone surrogate must not raise: UnicodeEncodeError would carry the whole value out in its `object`.
    return text.encode("utf-8", "surrogatepass")
