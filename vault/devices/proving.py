"""Whether a device has the secret half of a key that is offered for it: a question that only this half opens.

    question    crypto_box_seal to the offered key of
                "moat-device-question-1" | u8 length, subject, ASCII | u64 until, ms | 16 octets: BLAKE2b-128 of the key
                | 32 octets nonce
    challenge   u8 0x01 | u64 until, ms | 16 random octets
    nonce       key: MacKey of the tenant (refs)   "device-proof/v1"   u64 tenant | challenge | 32 octets key
                | subject, ASCII
    answer      BLAKE2b-256, key: nonce, of "moat-device-answer-1" | 32 octets key

Nothing of it is stored: the challenge goes out beside the question and comes back with the answer, and the nonce follows from it,
for this tenant, person and key only, until its time is over. It serves once, for a key that is registered is not registered again
before long after that time.

The device reads whom it is asked for, refuses a question about somebody else, and gives out no octet of what it opened: so nobody
has it open a value or a message for them, or has its key registered to another person without its knowing.

Guarantee: whoever answers has the secret half, or has a device that thinks it is this person's. Not guaranteed: that the device
is the person's own. That the platform knows.
"""

import hashlib
import hmac
import secrets
from struct import Struct, error
from typing import NamedTuple

from nacl.bindings import crypto_box_seal

from vault.base64url import octets_of, text_of
from vault.devices.public_key import PublicKey
from vault.devices.sealing import key_id
from vault.keys import MacKey
from vault.wiping import wipe

LIFE_MS = 600_000
"""For so long a question can be answered."""

CHALLENGE_CHARACTERS = 34
ANSWER_CHARACTERS = 43

_CHALLENGE = Struct(">BQ16s")
_TIME = Struct(">Q").pack
_QUESTION, _ANSWER = b"moat-device-question-1", b"moat-device-answer-1"
_LABEL = b"device-proof/v1"


class Question(NamedTuple):
    """What a device is asked, and until when (milliseconds since the epoch) it may answer."""

    challenge: str
    sealed: str
    until: int


class Proof(NamedTuple):
    """What comes back: the challenge as it was given, and the device's answer."""

    challenge: str
    answer: str


def question(key: MacKey, *, tenant: int, subject: str, offered: PublicKey, at: int) -> Question:
    """A question for the holder of the secret half of `offered`, asked at `at`."""
    until = at + LIFE_MS
    challenge = _CHALLENGE.pack(1, until, secrets.token_bytes(16))
    nonce = _nonce(key, challenge, tenant=tenant, subject=subject, offered=offered)
    named = subject.encode("ascii")
    plain = b"".join((_QUESTION, bytes((len(named),)), named, _TIME(until), key_id(offered), nonce))
    sealed = crypto_box_seal(plain, offered.octets)
    wipe(plain)
    return Question(text_of(challenge), text_of(sealed), until)


def is_proven(key: MacKey, proof: Proof, *, tenant: int, subject: str, offered: PublicKey, at: int) -> bool:
    """Whether the answer is right and in time. An answer of any other length, spelling, person or key is not."""
    try:
        challenge, answer = octets_of(proof.challenge), octets_of(proof.answer)
        version, until, _ = _CHALLENGE.unpack(challenge)
    except (ValueError, error):
        return False
    if version != 1 or not until - LIFE_MS <= at < until:
        return False
    nonce = _nonce(key, challenge, tenant=tenant, subject=subject, offered=offered)
    return hmac.compare_digest(hashlib.blake2b(_ANSWER + offered.octets, key=nonce, digest_size=32).digest(), answer)


def _nonce(key: MacKey, challenge: bytes, *, tenant: int, subject: str, offered: PublicKey) -> bytes:
    return key.digest(_TIME(tenant) + challenge + offered.octets + subject.encode("ascii"), 32, label=_LABEL)
