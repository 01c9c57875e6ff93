"""A device in a few lines: what it answers to whoever registers its key."""

import hashlib

from nacl.public import PrivateKey, SealedBox

from vault.base64url import octets_of, text_of


def answer_of(secret: PrivateKey, sealed: str) -> str:
    """The answer to a sealed question. Unlike a device it does not look whom it is asked for."""
    nonce = SealedBox(secret).decrypt(octets_of(sealed))[-32:]
    answered = b"moat-device-answer-1" + secret.public_key.encode()
    return text_of(hashlib.blake2b(answered, key=nonce, digest_size=32).digest())
