"""Canonical JSON and signatures of receipts, against the RFCs' own examples and against other people's code."""

import base64
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from moat_verifier.canonical import canonical as verifiers_canonical
from moat_verifier.errors import CannotCheckError, TamperedError
from moat_verifier.jws import PublicKey, check
from nacl.signing import SigningKey

from consent.receipts.canonical import LARGEST_INTEGER, canonical
from consent.receipts.jws import jwk, sign, thumbprint

# RFC 8037, appendix A.1 to A.4.
SEED = base64.urlsafe_b64decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
PUBLIC = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
JWS = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


class Key:
    def __init__(self, seed: bytes = SEED) -> None:
        self._key = SigningKey(seed)

    @property
    def public(self) -> bytes:
        return bytes(self._key.verify_key)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message).signature


def pinned(key: Key) -> list[PublicKey]:
    return [PublicKey.of(jwk(key.public))]


@given(VALUES)
def test_canonical_json_is_that_of_other_peoples_code(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value) == verifiers_canonical(value)


def test_members_are_sorted_as_the_example_of_rfc_8785_section_3_2_3_has_them() -> None:
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    ordered = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(dict.fromkeys(names, 0)))) == ordered


@pytest.mark.parametrize("value", [1.5, float("nan"), 2**53, {1: "a"}, {"a": b""}, "\ud800", object()])
def test_what_has_more_than_one_spelling_is_not_written(value: Any) -> None:
    with pytest.raises(ValueError, match=r"canonical|surrogate"):
        canonical(value)
    with pytest.raises(ValueError, match=r"canonical|surrogate"):
        verifiers_canonical(value)


def test_the_key_and_its_thumbprint_are_those_of_rfc_8037() -> None:
    key = Key()
    assert jwk(key.public)["x"] == PUBLIC
    assert thumbprint(key.public) == THUMBPRINT
    assert PublicKey.of({"kty": "OKP", "crv": "Ed25519", "x": PUBLIC}).kid == THUMBPRINT


def test_the_signature_of_rfc_8037_is_made_and_accepted() -> None:
    signing_input, _, signature = JWS.rpartition(".")
    made = base64.urlsafe_b64encode(Key().sign(signing_input.encode())).rstrip(b"=").decode()
    assert made == signature
    octets = base64.urlsafe_b64decode(signature + "==")
    key = PublicKey.of({"kty": "OKP", "crv": "Ed25519", "x": PUBLIC})
    assert key.accepts(signing_input.encode(), octets)
    assert not key.accepts(signing_input.encode() + b"x", octets)


@given(st.dictionaries(TEXTS.filter(lambda name: name != "signature"), VALUES, min_size=1, max_size=4))
def test_a_document_is_verified_as_it_was_signed_and_not_otherwise(document: dict[str, Any]) -> None:
    key = Key()
    signature = sign(document, key)
    assert signature.split(".")[1] == ""
    assert check(document, signature, pinned(key))
    with pytest.raises(TamperedError):
        check({**document, "further": 1}, signature, pinned(key))


def test_a_signature_of_a_key_that_is_not_pinned_verifies_nothing() -> None:
    signature = sign({"a": 1}, Key())
    with pytest.raises(CannotCheckError):
        check({"a": 1}, signature, pinned(Key(b"\x01" * 32)))
    assert not check({"a": 1}, signature, [])


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": THUMBPRINT, "typ": "moat-consent-receipt-v1"},
        {"alg": "HS256", "kid": THUMBPRINT, "typ": "moat-consent-receipt-v1"},
        {"alg": "EdDSA", "kid": THUMBPRINT, "typ": "moat-consent-receipt-v2"},
        {"alg": "EdDSA", "kid": THUMBPRINT},
        {"alg": "EdDSA", "kid": THUMBPRINT, "typ": "moat-consent-receipt-v1", "crit": ["b64"], "b64": False},
        {"alg": "EdDSA", "kid": THUMBPRINT, "typ": "moat-consent-receipt-v1", "jwk": {"kty": "OKP"}},
    ],
)
def test_a_header_that_asks_for_anything_else_is_refused_even_when_it_is_signed(header: dict[str, Any]) -> None:
    key = Key()
    document = {"a": 1}
    protected = base64.urlsafe_b64encode(canonical(header)).rstrip(b"=").decode()
    payload = base64.urlsafe_b64encode(canonical(document)).rstrip(b"=").decode()
    octets = key.sign(f"{protected}.{payload}".encode())
    signature = f"{protected}..{base64.urlsafe_b64encode(octets).rstrip(b'=').decode()}"
    with pytest.raises(TamperedError):
        check(document, signature, pinned(key))


@pytest.mark.parametrize("signature", ["", "..", "a..b", "a.b.c", "=..=", "é..é"])
def test_a_text_that_is_no_signature_is_refused(signature: str) -> None:
    with pytest.raises(TamperedError):
        check({"a": 1}, signature, pinned(Key()))
