"""A picture as it is stored."""

from typing import NamedTuple

from vault.judged_kind import FILE as FILE_KIND

PENDING, STORED = "pending", "stored"
FILE = FILE_KIND.name
"""What the log and holders call a picture."""


class Picture(NamedTuple):
    """A picture of an order, about a person. Times are in milliseconds since the epoch, the size in octets."""

    id: int
    subject: int
    ref: str
    key: int
    header: bytes
    format: str
    state: str
    size: int
    chunks: int
    created_at: int
    expires_at: int
