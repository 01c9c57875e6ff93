"""The Idempotency-Key of the present call."""

from flask import request

from web.auth import caller
from web.context import current
from web.json_body import submitted
from web.problems import Problem, ProblemError
from work.replay import Replay

IDEMPOTENCY_MISMATCH = Problem(
    "idempotency_mismatch",
    409,
    "The Idempotency-Key belongs to another body",
    "A call with this Idempotency-Key was made in the last 24 hours with another body. Nothing was done.",
    "Send the very same body to repeat a call, and a new key for a new one.",
)
IDEMPOTENCY_KEY = Problem(
    "idempotency_key",
    422,
    "The Idempotency-Key cannot be used",
    "An Idempotency-Key is 1 to 255 printable ASCII characters.",
    "Send a random UUID.",
)


def replay_of_call() -> Replay | None:
    """The call as one that may be repeated; None when it came without a key.

    Raises:
        ProblemError: the key is not 1 to 255 printable ASCII characters.
    """
    key = idempotency_key()
    if key is None:
        return None
    principal = caller()
    return Replay(principal.tenant, principal.credential, current().route, key, submitted())


def idempotency_key() -> str | None:
    """The text of the call's header, if there is one.

    Raises:
        ProblemError: it is not 1 to 255 printable ASCII characters.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None and (not 1 <= len(key) <= 255 or not (key.isascii() and key.isprintable())):
        raise ProblemError(IDEMPOTENCY_KEY)
    return key
