"""Passkeys (W3C Web Authentication, level 3), by the library `webauthn`: what is asked of an authenticator, and what it answered.

The user is always verified, by the device (a finger, a face, a PIN): a passkey is two factors in one. No attestation is asked
for: which maker's device somebody has is none of our business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import webauthn
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from audit.entry import Reason
from pages.staff.errors import NotLetInError
from pages.staff.member import CHALLENGE_LIFE_MS

_REFUSED = (WebAuthnException, ValueError, TypeError, KeyError, LookupError, OverflowError, AttributeError)
"""What the library raises at what a stranger may send."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """What an authenticator made: the id of the key, its public half in COSE, how often it says that it signed, and whether it is
    copied to the owner's other devices."""

    id: bytes
    public_key: bytes
    signs: int
    synced: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """What an authenticator says, not verified yet: which key, and to which challenge."""

    key: bytes
    challenge: bytes
    text: str


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who asks: `id` is a domain, `origin` where the pages are, which lies in that domain (section 5.1.2)."""

    id: str
    origin: str
    name: str = "Moat"

    def ask_for_new(self, challenge: bytes, handle: bytes, name: str, known: Sequence[bytes]) -> str:
        """Options to make a passkey by, as JSON. `known` are those that the owner has here already."""
        options = webauthn.generate_registration_options(
            rp_id=self.id,
            rp_name=self.name,
            user_name=name,
            user_id=handle,
            challenge=challenge,
            timeout=CHALLENGE_LIFE_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        )
        return webauthn.options_to_json(options)

    def ask(self, challenge: bytes, known: Sequence[bytes] = ()) -> str:
        """Options to sign a challenge by, as JSON: by one of `known`, or by any that the browser has for us."""
        options = webauthn.generate_authentication_options(
            rp_id=self.id,
            challenge=challenge,
            timeout=CHALLENGE_LIFE_MS,
            allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known] or None,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return webauthn.options_to_json(options)

    def made(self, answer: str) -> tuple[Passkey, bytes]:
        """The passkey of an answer and the challenge that it is for, which the caller must know and take.

        Raises:
            NotLetInError: it is no answer of an authenticator to us that verified its user.
        """
        try:
            parsed = parse_registration_credential_json(answer)
            challenge = parse_client_data_json(parsed.response.client_data_json).challenge
            seen = webauthn.verify_registration_response(
                credential=parsed,
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=self.origin,
                require_user_verification=True,
            )
        except _REFUSED:
            raise NotLetInError from None
        return Passkey(
            seen.credential_id, seen.credential_public_key, seen.sign_count, seen.credential_backed_up
        ), challenge

    def read(self, answer: str) -> Answered:
        """What an answer says. Raises NotLetInError."""
        try:
            parsed = parse_authentication_credential_json(answer)
            challenge = parse_client_data_json(parsed.response.client_data_json).challenge
        except _REFUSED:
            raise NotLetInError(Reason.INVALID) from None
        return Answered(parsed.raw_id, challenge, answer)

    def verified(self, answer: Answered, public_key: bytes, signs: int) -> int:
        """How often the authenticator says that it has signed.

        Raises:
            NotLetInError: the signature is not of this key, or not for us, or nobody was verified, or the count went back, which
                a copied key would make it do (section 6.1.1).
        """
        try:
            seen = webauthn.verify_authentication_response(
                credential=answer.text,
                expected_challenge=answer.challenge,
                expected_rp_id=self.id,
                expected_origin=self.origin,
                credential_public_key=public_key,
                credential_current_sign_count=signs,
                require_user_verification=True,
            )
        except _REFUSED:
            raise NotLetInError from None
        return seen.new_sign_count


def digest_of(challenge: bytes) -> bytes:
    """What is kept of a challenge."""
    return sha256(challenge).digest()
