"""Which problem each refusal of rotation ends as."""

from collections.abc import Mapping

from vault.errors import KeyIsActiveError, KeyWornError, RotationUnderWayError
from web.problems import Problem

KEY_IN_USE = Problem(
    "key_in_use",
    409,
    "Something needs the key version",
    "What the version has wrapped or sealed could not be read without it, so it is not destroyed. The detail says how much there "
    "is of what.",
    "Rotate the key, and destroy the version when the rotation is done.",
)
KEY_IS_ACTIVE = Problem(
    "key_is_active",
    409,
    "The key version is in use",
    "New rows are sealed under the active version of a key, so it is not destroyed.",
    "Rotate the key: the version is then followed by another one.",
)
ROTATION_UNDER_WAY = Problem(
    "rotation_under_way",
    409,
    "A rotation of these keys has not ended",
    "A job that rotates these keys goes on, is paused, or waits for approval. There is one at a time.",
    "Wait for it, or resume, approve or cancel it: GET /v1/jobs lists it.",
)
KEY_WORN = Problem(
    "key_worn",
    503,
    "The key has wrapped as much as it may",
    "The tenant's key encryption key has been used so often that AES-GCM lets it wrap no more (NIST SP 800-38D section 8.3), so "
    "nobody new can be given a key. People who are known are not concerned. Nothing was stored.",
    "Have an operator rotate it: moat keys rotate kek. Its rotation was due at half of this.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    KeyIsActiveError: KEY_IS_ACTIVE,
    KeyWornError: KEY_WORN,
    RotationUnderWayError: ROTATION_UNDER_WAY,
}
FURTHER = (KEY_IN_USE,)
