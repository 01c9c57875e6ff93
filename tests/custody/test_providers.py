"""What every key provider promises, asked of each of them: a file, a token and transit."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vault.errors import IntegrityError, RootKeyError
from vault.keys import KEY_BYTES
from vault.ports import KeyProvider

KEYS = [(bytes([number]) * KEY_BYTES, b"context %d" % number) for number in range(1, 4)]


def bound(wrapped: list[bytes]) -> list[tuple[bytes, bytes]]:
    return [(octets, context) for octets, (_, context) in zip(wrapped, KEYS, strict=True)]


def test_keys_come_back_in_order_and_only_in_their_contexts(provider: KeyProvider) -> None:
    root = provider.create_root()
    assert provider.newest() == root
    wrapped = provider.wrap(root, KEYS)
    assert provider.unwrap(root, bound(wrapped)) == [key for key, _ in KEYS]
    for octets, context in ((wrapped[0], KEYS[1][1]), (wrapped[1], KEYS[0][1]), (wrapped[0], b"x")):
        with pytest.raises(IntegrityError):
            provider.unwrap(root, [(octets, context)])
    with pytest.raises(IntegrityError):
        provider.unwrap(root, [*bound(wrapped)[:2], (wrapped[2], b"another")])
    assert provider.wrap(root, []) == []
    assert provider.unwrap(root, []) == []


def test_a_key_is_wrapped_differently_each_time_and_is_not_in_what_is_stored(provider: KeyProvider) -> None:
    root = provider.create_root()
    first, second = provider.wrap(root, [KEYS[0], KEYS[0]])
    assert first != second
    assert KEYS[0][0] not in first + second


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_changed_bit_or_a_cut_opens_nothing(provider: KeyProvider, data: st.DataObject) -> None:
    try:
        root = provider.newest()
    except RootKeyError:
        root = provider.create_root()
    [wrapped] = provider.wrap(root, KEYS[:1])
    bit = data.draw(st.integers(0, 8 * len(wrapped) - 1))
    changed = bytearray(wrapped)
    changed[bit // 8] ^= 1 << bit % 8
    cut = wrapped[: data.draw(st.integers(0, len(wrapped) - 1))]
    for octets in (bytes(changed), cut):
        with pytest.raises(IntegrityError):
            provider.unwrap(root, [(octets, KEYS[0][1])])


def test_without_a_root_key_it_says_so_and_makes_none(provider: KeyProvider) -> None:
    for _ in range(2):
        with pytest.raises(RootKeyError) as refused:
            provider.newest()
        assert (refused.value.cause, refused.value.provider) == ("missing", provider.name)


def test_an_older_root_key_opens_beside_the_newest_until_it_is_destroyed(provider: KeyProvider) -> None:
    old = provider.create_root()
    [before] = provider.wrap(old, KEYS[:1])
    new = provider.create_root()
    assert (provider.newest(), new != old) == (new, True)
    assert provider.unwrap(old, [(before, KEYS[0][1])]) == [KEYS[0][0]]
    with pytest.raises(IntegrityError):
        provider.unwrap(new, [(before, KEYS[0][1])])
    provider.destroy_root(old)
    provider.destroy_root(old)
    with pytest.raises(RootKeyError):
        provider.unwrap(old, [(before, KEYS[0][1])])
    with pytest.raises(RootKeyError):
        provider.wrap(old, KEYS)
    [after] = provider.wrap(new, KEYS[:1])
    assert provider.unwrap(new, [(after, KEYS[0][1])]) == [KEYS[0][0]]
    assert provider.newest() == new


def test_the_last_root_key_can_be_destroyed_too_and_the_next_is_another(provider: KeyProvider) -> None:
    root = provider.create_root()
    [wrapped] = provider.wrap(root, KEYS[:1])
    provider.destroy_root(root)
    with pytest.raises(RootKeyError) as refused:
        provider.newest()
    assert refused.value.cause == "missing"
    again = provider.create_root()
    with pytest.raises((IntegrityError, RootKeyError)):
        provider.unwrap(again, [(wrapped, KEYS[0][1])])
    with pytest.raises((IntegrityError, RootKeyError)):
        provider.wrap(root, KEYS) if again != root else provider.unwrap(root, [(wrapped, KEYS[0][1])])


def test_each_provider_begins_what_it_wraps_with_an_octet_of_its_own(provider: KeyProvider) -> None:
    [wrapped] = provider.wrap(provider.create_root(), KEYS[:1])
    assert wrapped[0] == {"file": 0x91, "pkcs11": 0x92, "transit": 0x93}[provider.name]
