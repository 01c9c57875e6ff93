"""Signatures of both sides, and answers of systems beside this one: nothing but what is meant is ever read."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from dsar.holders.errors import ConnectorFileError, ProcessorRefusedError
from dsar.holders.holder import Act
from dsar.holders.opendsr import check_receipt, page, status, supported
from dsar.holders.signature import ProcessorKey, jwk, signed, thumbprint
from dsar.holders.strict_json import DEPTH, strict
from tests.dsar.holders.stand_in import DOMAIN, Certificate, connector

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
ASKED = UUID("0b6cd3ae-6ee5-4c39-9a3c-5d6f1e0c4d1a")
SEED = base64.urlsafe_b64decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
"""The private key of RFC 8037, appendix A.1."""


class Rfc8037:
    """The signer of RFC 8037."""

    public = bytes(SigningKey(SEED).verify_key)

    def sign(self, message: bytes) -> bytes:
        return SigningKey(SEED).sign(message).signature


def octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_the_key_has_the_thumbprint_of_the_standard() -> None:
    assert jwk(Rfc8037.public)["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert thumbprint(Rfc8037.public) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_call_is_signed_for_its_method_address_time_and_body() -> None:
    url, body = "https://orders.example.com/opendsr/v2/requests", b'{"a": 1}'
    header = signed(Rfc8037(), method="POST", url=url, body=body, at=1_763_798_400)
    protected, detached, signature = header.split(".")
    assert detached == ""
    told = json.loads(octets(protected))
    assert told == {
        "alg": "EdDSA",
        "b64": False,
        "crit": ["b64"],
        "htm": "POST",
        "htu": url,
        "iat": 1_763_798_400,
        "kid": thumbprint(Rfc8037.public),
        "typ": "moat-holder-request-v1",
    }
    VerifyKey(Rfc8037.public).verify(protected.encode() + b"." + body, octets(signature))
    with pytest.raises(BadSignatureError):
        VerifyKey(Rfc8037.public).verify(protected.encode() + b"." + body + b" ", octets(signature))


def pem(key: Any) -> bytes:
    text: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return text


def test_answers_are_verified_by_keys_of_three_kinds() -> None:
    body = b'{"subject_request_id": "x"}'
    of_rsa = rsa.generate_private_key(65537, 2048)
    of_curve, of_edwards = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
    for key, signature in (
        (of_rsa, of_rsa.sign(body, padding.PKCS1v15(), SHA256())),
        (of_curve, of_curve.sign(body, ec.ECDSA(SHA256()))),
        (of_edwards, of_edwards.sign(body)),
    ):
        pinned = ProcessorKey(pem(key))
        pinned.verify(body, base64.b64encode(signature).decode(), NOW)
        for presented in (None, "", "AAAA", "not base64", base64.b64encode(signature[:-1]).decode()):
            with pytest.raises(ProcessorRefusedError, match="bad_signature"):
                pinned.verify(body, presented, NOW)
        with pytest.raises(ProcessorRefusedError, match="bad_signature"):
            pinned.verify(body + b" ", base64.b64encode(signature).decode(), NOW)


def test_keys_that_are_none_or_too_weak_are_not_pinned() -> None:
    weak = rsa.generate_private_key(65537, 1024)
    for text in (b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", pem(weak)):
        with pytest.raises(ConnectorFileError):
            ProcessorKey(text)


def test_a_certificate_proves_within_its_time() -> None:
    certificate = Certificate(NOW)
    pinned = ProcessorKey(certificate.pem)
    pinned.verify(b"{}", certificate.sign(b"{}"), NOW)
    for moment in (NOW - timedelta(days=2), NOW + timedelta(days=11)):
        with pytest.raises(ProcessorRefusedError, match="certificate_expired"):
            pinned.verify(b"{}", certificate.sign(b"{}"), moment)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b"\xff{}",
        b'{"a": ' + b"[" * 100_000,
        b'{"a": ' * DEPTH + b"1" + b"}" * DEPTH + b" x",
        b'{"a": ' * (DEPTH + 1) + b"1" + b"}" * (DEPTH + 1),
    ],
)
def test_what_is_no_strict_json_is_refused(text: bytes) -> None:
    with pytest.raises(ProcessorRefusedError, match="not_json"):
        strict(text)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
TOLD = st.fixed_dictionaries(
    {"subject_request_id": st.just(str(ASKED))},
    optional={
        "request_status": st.sampled_from(["pending", "completed", "done"]) | ANYTHING,
        "expected_completion_time": st.just("2026-11-22T08:00:00Z") | ANYTHING,
        "results_url": ANYTHING,
        "results_count": ANYTHING,
        "items": st.lists(st.fixed_dictionaries({"category": ANYTHING, "fields": ANYTHING}), max_size=2) | ANYTHING,
        "next": ANYTHING,
        "encoded_request": ANYTHING,
        "extensions": st.fixed_dictionaries(
            {
                DOMAIN: st.fixed_dictionaries(
                    {},
                    optional={
                        "method": ANYTHING,
                        "count": ANYTHING,
                        "holdings": st.lists(
                            st.fixed_dictionaries(
                                {"category": st.just("order") | ANYTHING, "count": st.integers() | ANYTHING},
                                optional={"purpose": ANYTHING, "ref": ANYTHING, "since": ANYTHING, "kept_by": ANYTHING},
                            ),
                            max_size=2,
                        ),
                    },
                )
                | ANYTHING
            }
        )
        | ANYTHING,
    },
)


@given(told=TOLD)
def test_whatever_a_system_says_it_is_read_as_meant_or_refused(told: dict[str, Any]) -> None:
    body = json.dumps(told).encode()
    for read in (
        lambda: status(body, ASKED, Act.INVENTORY, connector()),
        lambda: page(body, ASKED, connector()),
        lambda: check_receipt(body, ASKED, b"what was sent"),
        lambda: supported(body),
    ):
        try:
            read()
        except ProcessorRefusedError as refused:
            assert refused.code in {"malformed", "other_words", "not_json"}  # noqa: PT017 - one of many outcomes


@given(body=st.binary(max_size=60))
def test_whatever_octets_come_they_are_refused_and_nothing_else_happens(body: bytes) -> None:
    with pytest.raises(ProcessorRefusedError):
        status(body, ASKED, Act.DISPOSE, connector())


def test_a_ref_or_a_purpose_that_is_no_code_is_refused() -> None:
    for holding in ({"ref": "王小明"}, {"ref": "x" * 101}, {"purpose": "Wang"}, {"kept_by": "a law"}, {"count": -1}):
        held = {"category": "order", "count": 1, **holding}
        told = {"subject_request_id": str(ASKED), "request_status": "completed"}
        body = json.dumps({**told, "extensions": {DOMAIN: {"holdings": [held]}}}).encode()
        with pytest.raises(ProcessorRefusedError, match="malformed"):
            status(body, ASKED, Act.INVENTORY, connector())
