"""What a log is called: `<base>/<deployment>/<N>`, the N-th log of a deployment, counted from 1."""

import secrets
from hashlib import sha256

DEPLOYMENT_BYTES = 8


def first_origin(base: str) -> str:
    """The origin of a new deployment's first log."""
    return f"{base}/{secrets.token_hex(DEPLOYMENT_BYTES)}/1"


def successor(origin: str) -> str:
    """The origin of the log that continues this one."""
    stem, _, number = origin.rpartition("/")
    return f"{stem}/{int(number) + 1}"


def directory_of(origin: str) -> str:
    """What a log's checkpoint lies under where checkpoints of many logs lie: SHA-256 of the origin (c2sp.org/tlog-witness)."""
    return sha256(origin.encode()).hexdigest()
