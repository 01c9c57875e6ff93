"""Sealed values and wrapped keys: open only as they were sealed, where they were sealed, for ever."""

import json
from collections.abc import Iterator
from pathlib import Path

import cryptography_vectors
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import envelope
from vault.envelope import OVERHEAD, Placed, open_many, open_sealed, seal, seal_many, unwrap, wrap
from vault.errors import IntegrityError
from vault.keys import DataKey, KeyEncryptionKey, SearchKey

GOLDEN = json.loads((Path(__file__).parent.parent / "vectors" / "envelope_v1.json").read_text("utf-8"))
GCM = Path(cryptography_vectors.__file__).parent / "ciphers" / "AES" / "GCM"

OCTETS = bytes(range(32))
KEY = DataKey(OCTETS)
KEK = KeyEncryptionKey(OCTETS, id=1)
PLACE = {"tenant": 1, "subject": 2, "row": 3, "kind": 4}
HOLDING = {"tenant": 1, "owner": 2, "version": 3, "usage": 4}
PLAINTEXT = "上海市浦东新区世纪大道100号".encode()

numbers = st.integers(0, 2**64 - 1)


def value_refused(octets: bytes, key: DataKey = KEY, /, **moved: int) -> bool:
    """Whether opening in PLACE, with some fields moved, raised the one IntegrityError and nothing that tells more."""
    try:
        open_sealed(key, octets, **(PLACE | moved))
    except IntegrityError as refusal:
        return silent(refusal)
    return False


def key_refused(octets: bytes, kek: KeyEncryptionKey = KEK, /, **moved: int) -> bool:
    """The same for unwrapping in HOLDING."""
    try:
        unwrap(kek, octets, **(HOLDING | moved))
    except IntegrityError as refusal:
        return silent(refusal)
    return False


def silent(refusal: IntegrityError) -> bool:
    shown = None if refusal.__suppress_context__ else refusal.__context__
    return str(refusal) == "integrity" and refusal.__cause__ is None and shown is None


def flips(octets: bytes) -> Iterator[bytes]:
    for bit in range(8 * len(octets)):
        yield (int.from_bytes(octets, "big") ^ 1 << bit).to_bytes(len(octets), "big")


@given(st.binary(max_size=300), numbers, numbers, numbers, st.integers(0, 65535))
def test_what_was_sealed_opens_in_its_place(plaintext: bytes, tenant: int, subject: int, row: int, kind: int) -> None:
    sealed = seal(KEY, plaintext, tenant=tenant, subject=subject, row=row, kind=kind)
    assert open_sealed(KEY, sealed, tenant=tenant, subject=subject, row=row, kind=kind) == plaintext
    assert len(sealed) == len(plaintext) + OVERHEAD
    assert sealed[0] == 0x01


def test_every_flipped_bit_of_a_sealed_value_is_refused() -> None:
    sealed = seal(KEY, PLAINTEXT, **PLACE)
    assert sum(not value_refused(bad) for bad in flips(sealed)) == 0


def test_every_flipped_bit_of_a_wrapped_key_is_refused() -> None:
    wrapped = wrap(KEK, DataKey.generate(), **HOLDING)
    assert sum(not key_refused(bad) for bad in flips(wrapped)) == 0


def test_every_truncation_and_an_added_octet_are_refused() -> None:
    sealed = seal(KEY, PLAINTEXT, **PLACE)
    wrapped = wrap(KEK, KEY, **HOLDING)
    assert all(value_refused(sealed[:cut]) for cut in range(len(sealed)))
    assert all(key_refused(wrapped[:cut]) for cut in range(len(wrapped)))
    assert value_refused(sealed + b"\0")
    assert key_refused(wrapped + b"\0")


@pytest.mark.parametrize("field", PLACE)
@pytest.mark.parametrize("other", [0, 5, 2**16 - 1])
def test_a_sealed_value_moved_to_another_place_is_refused(field: str, other: int) -> None:
    sealed = seal(KEY, PLAINTEXT, **PLACE)
    assert value_refused(sealed, **{field: other})


@pytest.mark.parametrize("field", HOLDING)
@pytest.mark.parametrize("other", [0, 5, 2**16 - 1])
def test_a_wrapped_key_moved_to_another_owner_version_or_usage_is_refused(field: str, other: int) -> None:
    wrapped = wrap(KEK, KEY, **HOLDING)
    assert key_refused(wrapped, **{field: other})


def test_two_numbers_of_a_place_that_trade_their_values_are_refused() -> None:
    sealed = seal(KEY, PLAINTEXT, tenant=1, subject=2, row=3, kind=4)
    assert value_refused(sealed, tenant=2, subject=1)
    assert value_refused(sealed, subject=3, row=2)


def test_another_key_opens_nothing() -> None:
    sealed = seal(KEY, PLAINTEXT, **PLACE)
    wrapped = wrap(KEK, KEY, **HOLDING)
    assert value_refused(sealed, DataKey.generate())
    assert key_refused(wrapped, KeyEncryptionKey.generate(id=1))


def test_a_sealed_value_and_a_wrapped_key_never_stand_in_for_each_other_even_under_one_key() -> None:
    sealed = seal(KEY, OCTETS, **PLACE)
    wrapped = wrap(KEK, KEY, **HOLDING)
    assert key_refused(sealed)
    assert value_refused(wrapped)
    assert key_refused(b"\x81" + sealed[1:])
    assert value_refused(b"\x01" + wrapped[1:])


def test_a_wrapped_key_unwraps_to_its_octets_whatever_its_class() -> None:
    for key in (DataKey(OCTETS), SearchKey(OCTETS), KeyEncryptionKey(OCTETS, id=2)):
        wrapped = wrap(KEK, key, **HOLDING)
        assert len(wrapped) == 61
        assert wrapped[0] == 0x81
        assert unwrap(KEK, wrapped, **HOLDING) == OCTETS


def test_sealing_twice_never_repeats_a_nonce_or_a_ciphertext() -> None:
    items: list[Placed] = [(KEY, PLAINTEXT, 2, row, 4) for row in range(500)]
    sealed = seal_many(items, tenant=1) + [seal(KEY, PLAINTEXT, **PLACE) for _ in range(500)]
    wrapped = [wrap(KEK, KEY, **HOLDING) for _ in range(500)]
    assert len({octets[1:13] for octets in sealed + wrapped}) == 1500
    assert len({octets[13:] for octets in sealed + wrapped}) == 1500


@given(st.lists(st.tuples(st.binary(max_size=30), numbers, numbers, st.integers(0, 65535)), max_size=20))
def test_a_sealed_batch_opens_one_by_one_and_as_a_batch(values: list[tuple[bytes, int, int, int]]) -> None:
    items: list[Placed] = [(DataKey.generate(), *value) for value in values]
    sealed = seal_many(items, tenant=7)
    assert open_many([(item[0], it, *item[2:]) for item, it in zip(items, sealed, strict=True)], tenant=7) == [
        value[0] for value in values
    ]
    for (key, plaintext, subject, row, kind), octets in zip(items, sealed, strict=True):
        assert open_sealed(key, octets, tenant=7, subject=subject, row=row, kind=kind) == plaintext


def test_a_damaged_value_in_a_batch_is_none_and_spoils_no_other() -> None:
    sealed = seal_many([(KEY, b"one", 2, 1, 4), (KEY, b"two", 2, 2, 4), (KEY, b"three", 2, 3, 4)], tenant=1)
    moved: list[Placed] = [(KEY, octets, 2, row, 4) for octets, row in zip(sealed, (1, 3, 3), strict=True)]
    assert open_many(moved, tenant=1) == [b"one", None, b"three"]
    assert open_many(moved, tenant=2) == [None, None, None]


@pytest.mark.parametrize("vector", GOLDEN["sealed"], ids=lambda vector: vector["name"])
def test_values_sealed_by_the_first_release_still_open(vector: dict[str, str | int]) -> None:
    key = DataKey(bytes.fromhex(str(vector["key"])))
    place = {field: int(vector[field]) for field in ("tenant", "subject", "row", "kind")}
    assert open_sealed(key, bytes.fromhex(str(vector["sealed"])), **place).hex() == vector["plaintext"]


@pytest.mark.parametrize("vector", GOLDEN["wrapped"], ids=lambda vector: vector["name"])
def test_keys_wrapped_by_the_first_release_still_unwrap(vector: dict[str, str | int]) -> None:
    kek = KeyEncryptionKey(bytes.fromhex(str(vector["kek"])), id=1)
    holding = {field: int(vector[field]) for field in ("tenant", "owner", "version", "usage")}
    assert unwrap(kek, bytes.fromhex(str(vector["wrapped"])), **holding).hex() == vector["key"]


def nist(name: str) -> list[dict[str, str]]:
    """The cases of a CAVS response file that format 1 can hold: 256-bit key, 96-bit IV, 128-bit tag."""
    cases: list[dict[str, str]] = []
    section: dict[str, str] = {}
    for line in (GCM / name).read_text("ascii").splitlines():
        field, separator, value = (part.strip() for part in line.strip("[]").partition("="))
        if line.startswith("["):
            section[field] = value
        elif field == "Count":
            cases.append(dict(section))
        elif cases and (separator or field == "FAIL"):
            cases[-1][field] = value
    return [case for case in cases if (case["IVlen"], case["Taglen"]) == ("96", "128")]


def opened_as(case: dict[str, str]) -> str | None:
    """What the path under `open_sealed` makes of a NIST case: plaintext in hex, or None where it refuses."""
    octets = b"\x01" + bytes.fromhex(case["IV"] + case["CT"] + case["Tag"])
    try:
        return envelope._open(DataKey(bytes.fromhex(case["Key"])), 0x01, octets, bytes.fromhex(case["AAD"])).hex()
    except IntegrityError:
        return None


def test_opening_agrees_with_every_nist_decryption_case() -> None:
    cases = nist("gcmDecrypt256.rsp")
    assert len(cases) == 375
    assert 0 < sum("FAIL" in case for case in cases) < 375
    assert [opened_as(case) for case in cases] == [None if "FAIL" in case else case["PT"] for case in cases]


class Constant:
    """Stands for the function that draws a place: NIST authenticates octets of its own."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets

    def __call__(self, *_: int) -> bytes:
        return self.octets


def test_sealing_agrees_with_every_nist_encryption_case(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = nist("gcmEncryptExtIV256.rsp")
    assert len(cases) == 375
    for case in cases:
        nonce, authenticated = bytes.fromhex(case["IV"]), bytes.fromhex(case["AAD"])
        monkeypatch.setattr("secrets.token_bytes", {12: nonce}.__getitem__)
        monkeypatch.setattr(envelope, "_PLACE", Constant(authenticated))
        key, plaintext = DataKey(bytes.fromhex(case["Key"])), bytes.fromhex(case["PT"])
        expected = b"\x01" + bytes.fromhex(case["IV"] + case["CT"] + case["Tag"])
        assert seal(key, plaintext, **PLACE) == expected
        assert seal_many([(key, plaintext, 2, 3, 4)], tenant=1) == [expected]
