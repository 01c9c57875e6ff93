"""The text of a credential."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.credential import CredentialText, draw, same_digest
from web.errors import MalformedCredentialError


def test_a_credential_is_its_prefix_256_random_bits_and_a_check() -> None:
    assert re.fullmatch(r"moat_[0-9A-Za-z]{49}", draw(test=False).reveal())
    assert re.fullmatch(r"moat_test_[0-9A-Za-z]{49}", draw(test=True).reveal())
    assert len({draw(test=False).reveal() for _ in range(100)}) == 100


def test_a_credential_reads_back_to_the_same_digest() -> None:
    text = draw(test=True)
    assert same_digest(CredentialText(text.reveal()).digest(), text.digest())
    assert not same_digest(draw(test=True).digest(), text.digest())


def test_a_credential_issued_once_keeps_its_digest() -> None:
    text = CredentialText("moat_00000000000000000000000000000000000000000011K41rN")
    assert text.digest().hex() == "32cbec7550b8d43e15b13d64b256e321dd0e85358d86220c26e6085113971c20"


@given(position=st.integers(0, 53), replacement=st.sampled_from("0aZ9_-é"))
def test_a_mistyped_credential_is_refused_without_a_look_up(position: int, replacement: str) -> None:
    text = draw(test=False).reveal()
    mistyped = text[:position] + replacement + text[position + 1 :]
    if mistyped == text:
        return
    with pytest.raises(MalformedCredentialError):
        CredentialText(mistyped)


@given(st.text())
def test_no_other_text_is_a_credential(text: str) -> None:
    with pytest.raises(MalformedCredentialError):
        CredentialText(text)


def test_making_a_credential_a_test_credential_breaks_its_check() -> None:
    text = draw(test=False).reveal()
    with pytest.raises(MalformedCredentialError):
        CredentialText(text.replace("moat_", "moat_test_"))


def test_a_credential_does_not_print_itself() -> None:
    text = draw(test=False)
    assert text.reveal()[5:] not in f"{text!r} {text} {[text]}"
