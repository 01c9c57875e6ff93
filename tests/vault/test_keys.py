"""Keys: built only from 32 octets, and never shown, compared, hashed, copied or stored."""

import copy
import hashlib
import hmac
import pickle
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import InvalidKeyError
from vault.keys import DataKey, FormatKey, KeyEncryptionKey, MacKey, OpaqueKey, SearchKey, SubjectSecret, TokenKey

OCTETS = bytes(range(32))

BUILD: dict[str, Callable[[bytes], OpaqueKey]] = {
    "DataKey": DataKey,
    "KeyEncryptionKey": lambda octets: KeyEncryptionKey(octets, id=7),
    "TokenKey": lambda octets: TokenKey(octets, version=3),
    "FormatKey": FormatKey,
    "MacKey": MacKey,
    "SubjectSecret": SubjectSecret,
    "SearchKey": SearchKey,
}

GENERATE: dict[str, Callable[[], OpaqueKey]] = {
    "DataKey": DataKey.generate,
    "KeyEncryptionKey": lambda: KeyEncryptionKey.generate(id=7),
    "TokenKey": lambda: TokenKey.generate(version=3),
    "FormatKey": FormatKey.generate,
    "MacKey": MacKey.generate,
    "SubjectSecret": SubjectSecret.generate,
    "SearchKey": SearchKey.generate,
}

every_class = pytest.mark.parametrize("name", BUILD)


@every_class
def test_a_key_shows_its_class_and_nothing_else(name: str) -> None:
    key = BUILD[name](OCTETS)
    assert repr(key) == str(key) == f"{key}" == f"<{name}>"


@every_class
def test_a_key_has_no_attribute_dictionary_to_dump(name: str) -> None:
    assert not hasattr(BUILD[name](OCTETS), "__dict__")


@every_class
def test_keys_are_not_compared(name: str) -> None:
    key = BUILD[name](OCTETS)
    with pytest.raises(TypeError):
        _ = key == BUILD[name](OCTETS)
    with pytest.raises(TypeError):
        _ = key != OCTETS


@every_class
def test_keys_are_not_hashed(name: str) -> None:
    with pytest.raises(TypeError):
        hash(BUILD[name](OCTETS))


@every_class
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_keys_are_not_pickled(name: str, protocol: int) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(BUILD[name](OCTETS), protocol)


@every_class
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_keys_are_not_copied(name: str, duplicate: Callable[[object], object]) -> None:
    with pytest.raises(TypeError):
        duplicate(BUILD[name](OCTETS))


@every_class
def test_the_state_of_a_key_is_not_handed_out(name: str) -> None:
    with pytest.raises(TypeError):
        BUILD[name](OCTETS).__getstate__()


@every_class
@pytest.mark.parametrize("octets", [b"", OCTETS[:31], OCTETS + b"\0", bytearray(OCTETS), "k" * 32, None])
def test_anything_but_32_octets_is_refused_without_naming_it(name: str, octets: object) -> None:
    with pytest.raises(InvalidKeyError) as refusal:
        BUILD[name](octets)  # type: ignore[arg-type]  # what an untyped caller could do
    assert str(refusal.value) == "invalid_key"


@every_class
def test_a_key_exposes_exactly_what_it_was_built_from(name: str) -> None:
    assert BUILD[name](OCTETS).expose() == OCTETS


@pytest.mark.parametrize("name", GENERATE)
def test_generated_keys_are_32_octets_and_differ(name: str) -> None:
    drawn = [GENERATE[name]() for _ in range(8)]
    assert {len(key.expose()) for key in drawn} == {32}
    assert len({key.expose() for key in drawn}) == 8
    assert {type(key).__name__ for key in drawn} == {name}


def test_numbers_of_keys_are_kept() -> None:
    assert KeyEncryptionKey.generate(id=9).id == 9
    assert TokenKey.generate(version=65535).version == 65535


@pytest.mark.parametrize("version", [-1, 65536])
def test_a_token_key_version_that_no_token_can_print_is_refused(version: int) -> None:
    with pytest.raises(InvalidKeyError):
        TokenKey(OCTETS, version=version)


def test_the_cipher_of_a_key_is_built_once() -> None:
    key = DataKey(OCTETS)
    assert key.aead is key.aead


@pytest.mark.parametrize("size", [16, 20, 32])
def test_a_digest_is_truncated_hmac_sha256_over_label_and_message(size: int) -> None:
    expected = hmac.new(OCTETS, b"\x07label/1message", hashlib.sha256).digest()[:size]
    assert MacKey(OCTETS).digest(b"message", size, label=b"label/1") == expected


@pytest.mark.parametrize("size", [-1, 0, 15, 33])
def test_a_digest_too_short_to_trust_or_longer_than_the_hash_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="16 to 32"):
        MacKey(OCTETS).digest(b"", size)


@given(st.binary(max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_moving_octets_between_label_and_message_changes_the_digest(octets: bytes, one: int, other: int) -> None:
    one, other = min(one, len(octets)), min(other, len(octets))
    key = MacKey(OCTETS)
    same = key.digest(octets[one:], label=octets[:one]) == key.digest(octets[other:], label=octets[:other])
    assert same == (one == other)
