"""Assertions of a platform: what is taken, and that nothing else is."""

import string
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from dsar.identity.assertion import Assertion, read_assertion
from dsar.identity.errors import NotShownError, PublicKeyError
from dsar.identity.public_key import Algorithm, PublicKey
from tests.dsar.identity.signing import Platform, base64url, octets_of

NOW = 1_793_000_000
CLAIMS = {"sub": "cust-1", "aud": "urn:moat:privacy:default", "iat": NOW, "exp": NOW + 300, "jti": "a-fresh-one"}
ED, ES = Platform(Algorithm.EDDSA), Platform(Algorithm.ES256)
KEYS = {one.public.thumbprint: one.public for one in (ED, ES)}


def read(text: str, *, at: int = NOW, tenant: str = "default", keys: Any = KEYS) -> Assertion:
    return read_assertion(text, keys, tenant=tenant, at=at * 1000)


def spki(key: Any) -> str:
    return str(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def test_the_example_of_rfc_8037_verifies_and_has_its_thumbprint() -> None:
    raw = octets_of("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
    key = PublicKey.of_pem(spki(ed25519.Ed25519PublicKey.from_public_bytes(raw)))
    assert key.thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    signature = octets_of("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
    assert key.signed(message, signature)
    assert not key.signed(message + b".", signature)


def test_the_example_of_rfc_7515_appendix_a3_verifies() -> None:
    x, y = (
        int.from_bytes(octets_of(text), "big")
        for text in ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
    )
    key = PublicKey.of_pem(spki(ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()))
    message = (
        b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
        b"LmNvbS9pc19yb290Ijp0cnVlfQ"
    )
    signature = octets_of("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
    assert key.signed(message, signature)
    assert not key.signed(message, signature[::-1])
    assert not key.signed(message, signature[:-1])


@pytest.mark.parametrize("platform", [ED, ES], ids=["EdDSA", "ES256"])
def test_an_assertion_names_its_person_for_as_long_as_it_says(platform: Platform) -> None:
    text = platform.signed(CLAIMS)
    assert read(text).subject == "cust-1"
    assert read(platform.signed(CLAIMS, typ="JWT")).once == read(text).once
    assert read(text, at=NOW + 329).kept_until == (NOW + 330) * 1000
    for late in (NOW - 31, NOW + 330):
        with pytest.raises(NotShownError):
            read(text, at=late)


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "urn:moat:privacy:other"},
        {"aud": ["urn:moat:privacy:default"]},
        {"exp": NOW + 301},
        {"exp": NOW},
        {"exp": float(NOW + 60)},
        {"iat": True},
        {"iat": str(NOW)},
        {"sub": "no id!"},
        {"sub": 7},
        {"sub": None},
        {"jti": "short"},
        {"jti": "with a space"},
        {"jti": 12345678},
        {"nbf": NOW},
    ],
)
def test_other_claims_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(NotShownError):
        read(ED.signed(CLAIMS | changed))


@pytest.mark.parametrize("missing", sorted(CLAIMS))
def test_every_claim_is_needed(missing: str) -> None:
    with pytest.raises(NotShownError):
        read(ED.signed({name: value for name, value in CLAIMS.items() if name != missing}))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "ES256"},
        {"alg": "HS256"},
        {"alg": None},
        {"kid": None},
        {"kid": "unknown"},
        {"kid": 1},
        {"typ": "at+jwt"},
        {"crit": ["exp"]},
        {"jwk": {}},
        {"b64": False},
    ],
)
def test_other_headers_are_refused(header: dict[str, Any]) -> None:
    with pytest.raises(NotShownError):
        read(ED.signed(CLAIMS, **header))


def test_a_key_of_another_tenant_or_a_revoked_one_verifies_nothing() -> None:
    with pytest.raises(NotShownError):
        read(Platform().signed(CLAIMS))
    with pytest.raises(NotShownError):
        read(ED.signed(CLAIMS), keys={})


@pytest.mark.parametrize("payload", [b"[]", b"{", b'{"sub":"a","sub":"b"}', b"\xff", b"NaN", b"[" * 1000])
def test_what_is_no_object_is_refused(payload: bytes) -> None:
    with pytest.raises(NotShownError):
        read(ED.signed(payload))


@given(st.data())
def test_whatever_is_changed_in_an_assertion_it_is_refused(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([ED, ES])).signed(CLAIMS)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(string.ascii_letters + string.digits + "-_.=+/ \n"))
    changed = text[:place] + other + text[place + 1 :]
    if changed != text:
        with pytest.raises(NotShownError):
            read(changed)


@given(st.text(max_size=300) | st.binary(max_size=200).map(base64url))
def test_whatever_else_is_refused(text: str) -> None:
    with pytest.raises(NotShownError):
        read(text)


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "no key",
        "-----BEGIN PUBLIC KEY-----\n\n-----END PUBLIC KEY-----",
        spki(ec.generate_private_key(ec.SECP384R1()).public_key()),
        spki(rsa.generate_private_key(65537, 2048).public_key()),
        "公钥",
    ],
)
def test_other_keys_are_refused(pem: str) -> None:
    with pytest.raises(PublicKeyError):
        PublicKey.of_pem(pem)
