"""Which problem each refusal of identity ends as."""

from collections.abc import Mapping

from dsar.identity.errors import (
    KeyNotFoundError,
    NoMessengerError,
    NotShownError,
    PublicKeyError,
    TooManyKeysError,
)
from web.edge_problems import NOT_FOUND
from web.problems import Problem

NOT_SHOWN = Problem(
    "not_verified",
    403,
    "This does not show who you are",
    "What was presented does not show who somebody is. The answer is the same for what is wrong, used, expired, of another "
    "person or of nobody.",
    "Ask for a new code, or begin again at the platform. After three wrong codes nothing is accepted for a while.",
)
NO_SESSION = Problem(
    "no_session",
    401,
    "No session",
    "The call needs a person's session, and carries none that is open. A session lasts half an hour.",
    "Begin a session by a code, or by the platform's link.",
)
TOO_OFTEN = Problem(
    "codes_too_often",
    429,
    "Codes were asked for too often",
    "For what was named, codes were asked for or guessed too often of late. Whether anybody is known by it makes no difference.",
    "Wait for the number of seconds in the Retry-After header.",
)
NO_MESSENGER = Problem(
    "no_messenger",
    409,
    "No codes can be sent",
    "The service has no way to send a message by the channel that this takes.",
    "Begin a session at the platform. The operator names a way by --messenger.",
)
PUBLIC_KEY = Problem(
    "public_key",
    422,
    "The key cannot be used",
    "Assertions are verified by an Ed25519 or a P-256 public key, given as PEM.",
    "Export the public key, for instance by openssl pkey -pubout.",
)
TOO_MANY_KEYS = Problem(
    "too_many_keys",
    409,
    "There are as many keys as there can be",
    "A tenant has at most eight keys that verify assertions.",
    "Revoke one that is not used any more.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    NotShownError: NOT_SHOWN,
    NoMessengerError: NO_MESSENGER,
    PublicKeyError: PUBLIC_KEY,
    TooManyKeysError: TOO_MANY_KEYS,
    KeyNotFoundError: NOT_FOUND,
}
FURTHER = (NO_SESSION, TOO_OFTEN)
