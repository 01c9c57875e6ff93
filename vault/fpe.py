"""FF1 format-preserving encryption (NIST SP 800-38G, algorithms 7 and 8), one value at a time or a whole array at once.

Numbering and names follow the publication. A numeral string X of n numerals is split into A (u = n // 2 numerals) and
B (v = n - u); ten rounds mix them, each with the PRF

    P  =  01 02 01 | u24 radix | 0A | u8 (u mod 256) | u32 n | u32 length of the tweak                      16 octets
    Q  =  tweak | zeros up to a whole number of blocks | u8 round | NUM(B) in b octets
    R  =  AES-CBC-MAC(P | Q);  y = NUM of the first d octets of R | AES(R ^ 1) | AES(R ^ 2) | …

where b octets hold radix^v - 1 and d = 4 * ceil(b / 4) + 4, all big-endian.

`encrypt` and `decrypt` do this for any radix and length. `encrypt_many` and `decrypt_many` take numbers instead of
numerals, for domains below 2^63: there b is at most 5, so round and NUM(B) lie in the last eight octets of Q, all the
blocks before are the same for the whole array and are encrypted once, and each round is one AES-ECB call.

Guarantee: a permutation of the numeral strings of one length, for each key and tweak. Domains below 10^6 are refused, as
revision 1 of the publication requires. Not authenticated: every string of the domain decrypts to something.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from vault.errors import OutOfDomainError

ROUNDS = 10
RADIX_MAX = 1 << 16
DOMAIN_MIN = 10**6
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

_VALUES_AT_ONCE = 1 << 14  # keeps the buffers of a round inside a core's own cache

Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class _Shape:
    """The numbers that steps 1 to 5 derive from radix, n and the tweak."""

    moduli: tuple[int, int]  # radix^u and radix^v: of even and of odd rounds
    b: int
    d: int
    head: bytes  # P, the tweak and its padding: all that comes before round and NUM(B)


class FF1:
    """FF1 under one AES key (16, 24 or 32 octets) and radix (2 to 65536). Shows neither in its repr."""

    __slots__ = ("_aes", "_cbc", "_radix")

    def __init__(self, key: bytes, radix: int) -> None:
        if not 2 <= radix <= RADIX_MAX:
            raise OutOfDomainError
        self._radix = radix
        self._cbc = Cipher(algorithms.AES(key), modes.CBC(bytes(16)))
        self._aes = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - the bare block cipher of the PRF

    @overload
    def encrypt(self, tweak: bytes, numerals: str) -> str: ...
    @overload
    def encrypt(self, tweak: bytes, numerals: Sequence[int]) -> list[int]: ...
    def encrypt(self, tweak: bytes, numerals: Sequence[int] | str) -> list[int] | str:
        """Algorithm 7. A text uses 0-9 and a-z, for radixes up to 36. Raises OutOfDomainError."""
        if isinstance(numerals, str):
            return self._text(self.encrypt(tweak, self._numerals(numerals)))
        shape, a, b = self._halves(tweak, numerals)
        for i in range(ROUNDS):
            a, b = b, (a + self._prf(shape, i, b)) % shape.moduli[i % 2]
        return self._joined(a, b, len(numerals))

    @overload
    def decrypt(self, tweak: bytes, numerals: str) -> str: ...
    @overload
    def decrypt(self, tweak: bytes, numerals: Sequence[int]) -> list[int]: ...
    def decrypt(self, tweak: bytes, numerals: Sequence[int] | str) -> list[int] | str:
        """Algorithm 8, the inverse of `encrypt` under the same tweak. Raises OutOfDomainError."""
        if isinstance(numerals, str):
            return self._text(self.decrypt(tweak, self._numerals(numerals)))
        shape, a, b = self._halves(tweak, numerals)
        for i in reversed(range(ROUNDS)):
            a, b = (b - self._prf(shape, i, a)) % shape.moduli[i % 2], a
        return self._joined(a, b, len(numerals))

    def encrypt_many(self, tweak: bytes, values: Words, length: int) -> Words:
        """Algorithm 7 on each value, read as `length` numerals. Raises OutOfDomainError, also at radix^length >= 2^63."""
        return self._in_pieces(tweak, values, length, decrypting=False)

    def decrypt_many(self, tweak: bytes, values: Words, length: int) -> Words:
        """Algorithm 8 on each value, the inverse of `encrypt_many`. Raises as it does."""
        return self._in_pieces(tweak, values, length, decrypting=True)

    def _shape(self, tweak: bytes, n: int) -> _Shape:
        if self._radix**n < DOMAIN_MIN:  # so that n is at least 2, the radix being at most 65536
            raise OutOfDomainError
        u, v = n // 2, n - n // 2
        b = ((self._radix**v - 1).bit_length() + 7) // 8
        head = b"\x01\x02\x01" + self._radix.to_bytes(3, "big") + bytes((ROUNDS, u % 256))
        head += n.to_bytes(4, "big") + len(tweak).to_bytes(4, "big") + tweak + bytes((-len(tweak) - b - 1) % 16)
        return _Shape((self._radix**u, self._radix**v), b, 4 * -(-b // 4) + 4, head)

    def _prf(self, shape: _Shape, i: int, half: int) -> int:
        r = self._cbc.encryptor().update(shape.head + bytes((i,)) + half.to_bytes(shape.b, "big"))[-16:]
        more = [(int.from_bytes(r, "big") ^ j).to_bytes(16, "big") for j in range(1, -(-shape.d // 16))]
        s = r + self._aes.encryptor().update(b"".join(more))
        return int.from_bytes(s[: shape.d], "big")

    def _halves(self, tweak: bytes, numerals: Sequence[int]) -> tuple[_Shape, int, int]:
        shape = self._shape(tweak, len(numerals))
        if not all(0 <= numeral < self._radix for numeral in numerals):
            raise OutOfDomainError
        whole = 0
        for numeral in numerals:
            whole = whole * self._radix + numeral
        return shape, *divmod(whole, shape.moduli[1])

    def _joined(self, a: int, b: int, n: int) -> list[int]:
        whole, numerals = a * self._radix ** (n - n // 2) + b, []
        for _ in range(n):
            whole, numeral = divmod(whole, self._radix)
            numerals.append(numeral)
        return numerals[::-1]

    def _numerals(self, text: str) -> list[int]:
        if self._radix > len(DIGITS):
            raise OutOfDomainError
        return [DIGITS.find(digit) for digit in text]

    def _text(self, numerals: list[int]) -> str:
        return "".join([DIGITS[numeral] for numeral in numerals])

    def _in_pieces(self, tweak: bytes, values: Words, length: int, *, decrypting: bool) -> Words:
        shape, domain = self._shape(tweak, length), self._radix**length
        if domain >= 1 << 63 or values.dtype != np.uint64 or (values.size and int(values.max()) >= domain):
            raise OutOfDomainError
        mixed = np.empty_like(values)
        for at in range(0, len(values), _VALUES_AT_ONCE):
            piece = slice(at, at + _VALUES_AT_ONCE)
            mixed[piece] = self._mix(shape, values[piece], decrypting=decrypting)
        return mixed

    def _mix(self, shape: _Shape, values: Words, *, decrypting: bool) -> Words:
        """All rounds over an array. Unsigned words wrap, so the smaller of c and c -+ m is c reduced modulo m."""
        even, odd = np.uint64(shape.moduli[0]), np.uint64(shape.moduli[1])
        prf = _Prf(self._aes, shape, len(values))
        a = values // odd
        b = values - a * odd
        for i in reversed(range(ROUNDS)) if decrypting else range(ROUNDS):
            m = odd if i % 2 else even
            if decrypting:
                c = b - prf(i, a, m)
                a, b = np.minimum(c, c + m), a
            else:
                c = a + prf(i, b, m)
                a, b = b, np.minimum(c, c - m)
        return a * odd + b


class _Prf:
    """y mod m of one round for an array of halves: one block each, all blocks before it being the same for all."""

    __slots__ = ("_blocks", "_encryptor", "_last", "_out", "_shift", "_wide")

    def __init__(self, aes: Cipher[modes.ECB], shape: _Shape, count: int) -> None:
        self._encryptor = aes.encryptor()
        self._shift = np.uint64(8 * shape.b)
        self._wide = shape.d == 12
        blocks = shape.head + bytes(1 + shape.b)
        state = 0
        for at in range(0, len(blocks) - 16, 16):
            state ^= int.from_bytes(blocks[at : at + 16], "big")
            state = int.from_bytes(self._encryptor.update(state.to_bytes(16, "big")), "big")
        state ^= int.from_bytes(blocks[-16:], "big")
        self._last = np.uint64(state & (1 << 64) - 1)
        self._blocks = np.empty((count, 2), dtype=">u8")
        self._blocks[:, 0] = state >> 64
        self._out = np.empty(16 * count + 15, dtype=np.uint8)

    def __call__(self, i: int, halves: Words, m: np.uint64) -> Words:
        self._blocks[:, 1] = halves ^ (self._last ^ (np.uint64(i) << self._shift))
        self._encryptor.update_into(self._blocks.view(np.uint8).reshape(-1).data, self._out.data)
        r = self._out[: self._blocks.nbytes].view(">u8").reshape(-1, 2)
        y = _modulo(r[:, 0].astype(np.uint64), m)
        if self._wide:
            # Octets 8 to 11, sixteen bits at a time: m is below 2^38 here, so the shifted remainder fits in a word.
            tail = r[:, 1].astype(np.uint64)
            y = _modulo(y << np.uint64(16) | tail >> np.uint64(48), m)
            y = _modulo(y << np.uint64(16) | tail >> np.uint64(32) & np.uint64(0xFFFF), m)
        return y


def _modulo(words: Words, m: np.uint64) -> Words:
    # numpy divides by a constant with vector instructions; its remainder operator does not.
    return words - words // m * m
