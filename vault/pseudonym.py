"""Pseudonyms of the platform's objects in the audit log.

    ObjectRef   key: MacKey of the tenant   "ref/v1"   u64 tenant | ref, UTF-8

HMAC-SHA256 cut to 16 octets, as 22 characters of base64url. An order's number in the log would lead anyone who has the
order table back to the person after their erasure.
"""

from base64 import urlsafe_b64encode
from struct import pack

from audit.entry import ObjectRef
from vault.keys import MacKey


def object_ref(key: MacKey, *, tenant: int, ref: str) -> ObjectRef:
    """The pseudonym of `ref`, the same for as long as the tenant's ref key lives."""
    digest = key.digest(pack(">Q", tenant) + ref.encode(), 16, label=b"ref/v1")
    return ObjectRef(urlsafe_b64encode(digest)[:22].decode("ascii"))
