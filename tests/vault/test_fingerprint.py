"""Fingerprints: exactly the documented octets, one domain per use, nothing shared between subjects."""

import hashlib
import hmac
from base64 import urlsafe_b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.fingerprint import (
    search_fingerprint,
    search_fingerprints,
    subject_fingerprint,
    subject_ref,
    uniqueness_fingerprint,
)
from vault.keys import MacKey, SearchKey, SubjectSecret

OCTETS = bytes(range(32))
SECRET = SubjectSecret(OCTETS)
PHONE = "+8613800138000"


def reference(message: bytes) -> bytes:
    return hmac.new(OCTETS, message, hashlib.sha256).digest()[:16]


def test_a_subject_fingerprint_is_drawn_as_documented() -> None:
    expected = reference(b"\x0asubject/v1" + (5).to_bytes(8, "big") + b"cust-1001")
    assert subject_fingerprint(MacKey(OCTETS), tenant=5, subject="cust-1001") == expected


def test_a_uniqueness_fingerprint_is_drawn_as_documented() -> None:
    expected = reference(b"\x09unique/v1\x00\x02\x00\x01" + PHONE.encode())
    assert uniqueness_fingerprint(SECRET, kind=2, format=1, normal=PHONE) == expected


def test_a_search_fingerprint_is_drawn_as_documented() -> None:
    assert search_fingerprint(SearchKey(OCTETS), normal=PHONE) == reference(b"\x09search/v1" + PHONE.encode())


def test_a_subject_ref_is_22_characters_drawn_as_documented() -> None:
    ref = subject_ref(SECRET, 5, 9)
    expected = reference(b"\x07subj/v1" + (5).to_bytes(8, "big") + (9).to_bytes(8, "big"))
    assert len(ref) == 22
    assert urlsafe_b64decode(ref + "==") == expected


def test_one_key_gives_unrelated_fingerprints_for_different_uses() -> None:
    made = {
        subject_fingerprint(MacKey(OCTETS), tenant=1, subject=PHONE),
        uniqueness_fingerprint(SECRET, kind=1, format=1, normal=PHONE),
        search_fingerprint(SearchKey(OCTETS), normal=PHONE),
        urlsafe_b64decode(subject_ref(SECRET, 1, 1) + "=="),
    }
    assert len(made) == 4


def test_the_same_value_of_two_subjects_has_unrelated_uniqueness_fingerprints() -> None:
    other = SubjectSecret.generate()
    one = uniqueness_fingerprint(SECRET, kind=2, format=1, normal=PHONE)
    assert one != uniqueness_fingerprint(other, kind=2, format=1, normal=PHONE)


@pytest.mark.parametrize(("kind", "form", "normal"), [(3, 1, PHONE), (2, 2, PHONE), (2, 1, PHONE + "0"), (1, 2, PHONE)])
def test_kind_format_and_value_each_change_the_uniqueness_fingerprint(kind: int, form: int, normal: str) -> None:
    one = uniqueness_fingerprint(SECRET, kind=2, format=1, normal=PHONE)
    assert one != uniqueness_fingerprint(SECRET, kind=kind, format=form, normal=normal)


def test_tenant_and_epoch_each_change_the_subject_ref() -> None:
    assert len({subject_ref(SECRET, tenant, epoch) for tenant in (1, 2) for epoch in (1, 2)}) == 4


def test_a_turned_epoch_leaves_no_search_fingerprint_in_common() -> None:
    assert search_fingerprint(SearchKey(OCTETS), normal=PHONE) != search_fingerprint(SearchKey.generate(), normal=PHONE)


@given(st.lists(st.text(max_size=20), max_size=20))
def test_a_batch_of_search_fingerprints_equals_single_ones(normals: list[str]) -> None:
    key = SearchKey(OCTETS)
    assert search_fingerprints(key, normals) == [search_fingerprint(key, normal=normal) for normal in normals]


# The alphabet holds lone surrogates, which a plain UTF-8 encoder answers with an error that carries the value.
@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=20), st.text(st.characters(), max_size=20))
def test_fingerprints_are_total_over_text_and_differ_when_texts_do(one: str, other: str) -> None:
    key = SearchKey(OCTETS)
    assert (search_fingerprint(key, normal=one) == search_fingerprint(key, normal=other)) == (one == other)
    assert len(subject_fingerprint(key, tenant=1, subject=one)) == 16
    assert len(uniqueness_fingerprint(SECRET, kind=1, format=1, normal=one)) == 16


def test_a_lone_surrogate_is_fingerprinted_like_any_character() -> None:
    key = SearchKey(OCTETS)
    assert search_fingerprint(key, normal="\ud800") != search_fingerprint(key, normal="\udfff")
