"""FF1: the published samples, then the array form and long strings against it."""

from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import assume, example, given
from hypothesis import strategies as st

from vault.errors import OutOfDomainError
from vault.fpe import DIGITS, FF1

KEY_128 = "2b7e151628aed2a6abf7158809cf4f3c"
KEY_192 = KEY_128 + "ef4359d8d580aa4f"
KEY_256 = KEY_192 + "7f036d6f04fc6a94"
TEN = "39383736353433323130"
ELEVEN = "3737373770717273373737"

# NIST, "FF1samples.pdf" of the CSRC example values: key, radix, tweak, plaintext, ciphertext.
SAMPLES = [
    (KEY_128, 10, "", "0123456789", "2433477484"),
    (KEY_128, 10, TEN, "0123456789", "6124200773"),
    (KEY_128, 36, ELEVEN, "0123456789abcdefghi", "a9tv40mll9kdu509eum"),
    (KEY_192, 10, "", "0123456789", "2830668132"),
    (KEY_192, 10, TEN, "0123456789", "2496655549"),
    (KEY_192, 36, ELEVEN, "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"),
    (KEY_256, 10, "", "0123456789", "6657667009"),
    (KEY_256, 10, TEN, "0123456789", "1001623463"),
    (KEY_256, 36, ELEVEN, "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"),
]

every_sample = pytest.mark.parametrize(
    ("key", "radix", "tweak", "plain", "sealed"), SAMPLES, ids=[f"sample {n}" for n in range(1, 10)]
)

keys = st.sampled_from([16, 24, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size))
tweaks = st.one_of(st.binary(max_size=40), st.binary(min_size=8, max_size=16))


def words(*values: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array(values, dtype=np.uint64)


@every_sample
def test_every_nist_sample_encrypts_and_decrypts(key: str, radix: int, tweak: str, plain: str, sealed: str) -> None:
    ff1 = FF1(bytes.fromhex(key), radix)
    assert ff1.encrypt(bytes.fromhex(tweak), plain) == sealed
    assert ff1.decrypt(bytes.fromhex(tweak), sealed) == plain


@every_sample
def test_numerals_give_what_their_text_gives(key: str, radix: int, tweak: str, plain: str, sealed: str) -> None:
    ff1 = FF1(bytes.fromhex(key), radix)
    assert ff1.encrypt(bytes.fromhex(tweak), [DIGITS.index(it) for it in plain]) == [DIGITS.index(it) for it in sealed]


@pytest.mark.parametrize(
    ("key", "tweak", "plain", "sealed"),
    [(key, tweak, plain, sealed) for key, radix, tweak, plain, sealed in SAMPLES if radix == 10],
)
def test_arrays_agree_with_every_nist_sample_that_fits_a_word(key: str, tweak: str, plain: str, sealed: str) -> None:
    ff1 = FF1(bytes.fromhex(key), 10)
    assert ff1.encrypt_many(bytes.fromhex(tweak), words(int(plain)), 10).tolist() == [int(sealed)]
    assert ff1.decrypt_many(bytes.fromhex(tweak), words(int(sealed)), 10).tolist() == [int(plain)]


LETTERS = "abcdefghijklmnopqrstuvwxyz"
SIXTY_FOUR = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/"

# NIST, ACVP-Server, ACVP-AES-FF1-1.0, test cases 2, 11, 27, 49, 52 and 54: key, tweak, alphabet, plaintext, ciphertext.
LONGER = {
    2: (
        "3544151c9ceb324c3c1ed31ade99406d",
        "6ca0e692b2773c7eca2eca1e7793daa1",
        DIGITS[:10],
        "80013770071781669296061827483885771389518248319371666162",
        "09295026876845967206918789775693655654016802646140865387",
    ),
    11: (
        "66cd1402beb8e109f4c32127bc671612",
        "",
        DIGITS[:10],
        "3977633797152882484132285829138398283498299038365691586",
        "5779864671334843538915338106140220357402582782642380644",
    ),
    27: (
        "35bb510f46f954e6e30c66b7d2fa740b",
        "b726cf9fda21be995220da27f9b5e07f",
        LETTERS,
        "gcxlhzfozazwxyahmbtvuxzuuklqeyzxuiofxtam",
        "foarmyqmdyhigguanyzprvxbuaocltoyxevynmyu",
    ),
    49: (
        "0ab75bf601f535a98912461de528be9b",
        "4c68e95bb4c6243b",
        LETTERS,
        "ybgmapxyoumaveylqshcfkysvimvblrdawogepe",
        "ccovqrgaglvduhkdhirzdxfivbqzutvxhyzbugu",
    ),
    52: (
        "89d7519ccc4503c8677da86659c1bd58",
        "de11f4d9482bfae2930e9b0109ab972f",
        SIXTY_FOUR,
        "uW0MALBLj7tiLxlZVCLxHzKpx/KV",
        "VXD9LcAWGKBXCJhBefiFKytCbss8",
    ),
    54: (
        "6b15bb6e039ee0c4890d16793cce4d26",
        "4e",
        SIXTY_FOUR,
        "g1fjuDuZH7Zm822oH06L25i3leN",
        "HebYwOEDbk8fQ8R3NM59OSsGcaQ",
    ),
}


@pytest.mark.parametrize("case", LONGER)
def test_longer_nist_cases_of_other_radixes_encrypt_and_decrypt(case: int) -> None:
    key, tweak, alphabet, plain, sealed = LONGER[case]
    ff1 = FF1(bytes.fromhex(key), len(alphabet))
    x, y = [alphabet.index(it) for it in plain], [alphabet.index(it) for it in sealed]
    assert ff1.encrypt(bytes.fromhex(tweak), x) == y
    assert ff1.decrypt(bytes.fromhex(tweak), y) == x


def numerals_of(value: int, radix: int, length: int) -> list[int]:
    return [value // radix**place % radix for place in reversed(range(length))]


def value_of(numerals: list[int], radix: int) -> int:
    return sum(numeral * radix**place for place, numeral in enumerate(reversed(numerals)))


@st.composite
def small_domains(draw: st.DrawFn) -> tuple[int, int]:
    """A radix and a length whose domain is at least 10^6 and below 2^63."""
    radix = draw(st.one_of(st.sampled_from([2, 3, 10, 16, 36, 62, 6208, 6209, 65535, 65536]), st.integers(2, 65536)))
    longest = next(length for length in range(1, 64) if radix ** (length + 1) >= 2**63)
    shortest = next(length for length in range(2, 64) if radix**length >= 10**6)
    return radix, draw(st.integers(shortest, longest))


@given(keys, small_domains(), tweaks, st.lists(st.integers(0, 2**63), min_size=1, max_size=4))
@example(bytes(16), (2, 62), b"", [2**62 - 1])
@example(bytes(16), (6208, 5), b"twelve octets of y", [6208**5 - 1])  # b = 5, d = 12
@example(bytes(32), (65536, 3), b"", [65536**3 - 1])
@example(bytes(32), (1000, 2), b"x" * 100, [0])
def test_arrays_agree_with_single_values(key: bytes, domain: tuple[int, int], tweak: bytes, numbers: list[int]) -> None:
    radix, length = domain
    values = words(*[number % radix**length for number in numbers])
    ff1 = FF1(key, radix)
    sealed = ff1.encrypt_many(tweak, values, length)
    one_by_one = [ff1.encrypt(tweak, numerals_of(int(value), radix, length)) for value in values]
    assert sealed.tolist() == [value_of(numerals, radix) for numerals in one_by_one]
    assert ff1.decrypt_many(tweak, sealed, length).tolist() == values.tolist()
    assert [ff1.decrypt(tweak, numerals) for numerals in one_by_one] == [
        numerals_of(int(value), radix, length) for value in values
    ]


def transcribed(key: bytes, radix: int, tweak: bytes, x: list[int]) -> list[int]:
    """Algorithm 7 written down step by step, on numerals all the way, to check the integers of the product against."""
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    n, t = len(x), len(tweak)
    u = n // 2  # step 1
    v = n - u
    a, b_half = x[:u], x[u:]  # step 2
    bits = 0  # step 3: the least number of bits whose power of two reaches radix^v
    while 2**bits < radix**v:
        bits += 1
    b = (bits + 7) // 8
    d = 4 * ((b + 3) // 4) + 4  # step 4
    p = bytes([1, 2, 1, *radix.to_bytes(3, "big"), 10, u % 256]) + n.to_bytes(4, "big") + t.to_bytes(4, "big")
    for i in range(10):  # step 6
        q = tweak + bytes((-t - b - 1) % 16) + bytes([i]) + value_of(b_half, radix).to_bytes(b, "big")
        r = bytes(16)
        for at in range(0, len(p + q), 16):
            r = encryptor.update(bytes(one ^ other for one, other in zip(r, (p + q)[at : at + 16], strict=True)))
        s = r
        j = 1
        while len(s) < d:
            s += encryptor.update(bytes(one ^ other for one, other in zip(r, j.to_bytes(16, "big"), strict=True)))
            j += 1
        y = int.from_bytes(s[:d], "big")
        m = u if i % 2 == 0 else v
        c = numerals_of((value_of(a, radix) + y) % radix**m, radix, m)
        a, b_half = b_half, c
    return a + b_half


@given(keys, st.integers(2, 65536), tweaks, st.data())
def test_strings_of_any_length_agree_with_the_transcribed_algorithm(
    key: bytes, radix: int, tweak: bytes, data: st.DataObject
) -> None:
    x = data.draw(st.lists(st.integers(0, radix - 1), min_size=2, max_size=90))
    assume(radix ** len(x) >= 10**6)
    ff1 = FF1(key, radix)
    sealed = ff1.encrypt(tweak, x)
    assert sealed == transcribed(key, radix, tweak, x)
    assert ff1.decrypt(tweak, sealed) == x


@pytest.mark.parametrize("length", [62, 63, 100, 300, 515])  # up to 14 blocks of y; u passes 128 and 256
def test_long_strings_take_more_than_one_block_a_round(length: int) -> None:
    x = [(7 * at) % 10 for at in range(length)]
    ff1 = FF1(bytes(32), 10)
    assert ff1.encrypt(b"tweak", x) == transcribed(bytes(32), 10, b"tweak", x)
    assert ff1.decrypt(b"tweak", ff1.encrypt(b"tweak", x)) == x


def test_the_smallest_domain_is_permuted_without_a_gap() -> None:
    everything = np.arange(10**6, dtype=np.uint64)
    sealed = FF1(bytes(32), 10).encrypt_many(b"", everything, 6)
    assert np.array_equal(np.sort(sealed), everything)
    assert np.count_nonzero(sealed == everything) < 20  # about one fixed point is expected of a random permutation


def test_another_tweak_or_key_is_another_permutation() -> None:
    values = np.arange(1000, dtype=np.uint64)
    sealed = FF1(bytes(32), 10).encrypt_many(b"a", values, 11)
    assert not np.array_equal(sealed, FF1(bytes(32), 10).encrypt_many(b"b", values, 11))
    assert not np.array_equal(sealed, FF1(b"k" * 32, 10).encrypt_many(b"a", values, 11))


@pytest.mark.parametrize("count", [0, 1, 16383, 16384, 16385, 40000])
def test_arrays_longer_than_a_piece_are_encrypted_whole(count: int) -> None:
    values = np.arange(count, dtype=np.uint64)
    ff1 = FF1(bytes(32), 10)
    sealed = ff1.encrypt_many(b"", values, 8)
    assert ff1.decrypt_many(b"", sealed, 8).tolist() == values.tolist()
    assert sealed[-3:].tolist() == [int(ff1.encrypt(b"", f"{value:08}")) for value in values[-3:]]


@pytest.mark.parametrize(("radix", "numerals"), [(10, "12345"), (10, ""), (2, "0" * 19), (36, "abc"), (1000, [5])])
def test_a_domain_below_a_million_is_refused(radix: int, numerals: str | list[int]) -> None:
    with pytest.raises(OutOfDomainError):
        FF1(bytes(32), radix).encrypt(b"", numerals)
    with pytest.raises(OutOfDomainError):
        FF1(bytes(32), radix).encrypt_many(b"", words(0), len(numerals))


@pytest.mark.parametrize(
    "numerals", ["012345678a", "01234 6789", "٠123456789", "0123456789A", [10, *[0] * 8], [-1] * 9]
)
def test_a_numeral_outside_the_radix_is_refused(numerals: str | list[int]) -> None:
    with pytest.raises(OutOfDomainError):
        FF1(bytes(32), 10).encrypt(b"", numerals)
    with pytest.raises(OutOfDomainError):
        FF1(bytes(32), 10).decrypt(b"", numerals)


def test_a_text_has_no_digits_beyond_radix_36() -> None:
    with pytest.raises(OutOfDomainError):
        FF1(bytes(32), 37).encrypt(b"", "0123456789")


@pytest.mark.parametrize("radix", [-1, 0, 1, 65537])
def test_a_radix_outside_the_publication_is_refused(radix: int) -> None:
    with pytest.raises(OutOfDomainError):
        FF1(bytes(32), radix)


def test_arrays_refuse_values_and_domains_that_do_not_fit() -> None:
    ff1 = FF1(bytes(32), 10)
    signed: Any = np.array([1], dtype=np.int64)
    for values, length in [(words(10**8), 8), (words(0), 19), (signed, 8)]:
        with pytest.raises(OutOfDomainError):
            ff1.encrypt_many(b"", values, length)
        with pytest.raises(OutOfDomainError):
            ff1.decrypt_many(b"", values, length)


def test_the_repr_shows_no_key() -> None:
    assert "6b6b" not in repr(FF1(b"k" * 32, 10))
    assert "kkkk" not in repr(FF1(b"k" * 32, 10))
