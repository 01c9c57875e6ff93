"""Token text: a row number sealed in one AES block. Nothing is stored to recognise it, nothing is derived from a value.

    "tok_" | base64url without padding (RFC 4648 section 5) of 21 octets, 28 characters, no slack bits:

        u16 token-key version
        16 octets AES-256( 48 zero bits | u24 tenant | u8 kind | u48 row )
        u24 checksum: the low 24 bits of CRC-32 over "tok_" and the 18 octets before

All big-endian. The text is 32 characters, matches ^tok_[A-Za-z0-9_-]+$ and has exactly one writing.

A token is accepted when its checksum fits, its version is a known key, its 48 zero bits are zero and its tenant is the
caller's. AES is a permutation that nobody without the key can steer, so a forged block has

    P(zero bits)            2^-48
    P(zero bits, tenant)    2^-72

and after that names one row in 2^48, of a kind it must match. The checksum is for typing errors and truncated copies,
not for security: anybody can compute it. It refuses every change of one character and every swap of two neighbours.

Deterministic on purpose: a stable row always gives the same token again. The block therefore shows whether two tokens
are equal, which their holder knows anyway, and shows no order: adjacent rows give unrelated blocks.

Time need not be constant: what is compared after decryption (zero bits, tenant) is no secret, an attacker cannot
choose what a block decrypts to, and AES itself runs on the constant-time code of OpenSSL.

What the caller still must check: that the row exists, has this kind, and was issued under this very version.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from re import compile as pattern
from struct import Struct, pack, unpack
from typing import NamedTuple
from zlib import crc32

from vault.keys import TokenKey

PREFIX = "tok_"
BODY_CHARS = 28
TENANTS = 1 << 24
KINDS = 1 << 8
ROWS = 1 << 48

_BODY_BYTES = 21
_SEED = crc32(PREFIX.encode())
_WRITING = pattern(r"tok_[A-Za-z0-9_-]{28}").fullmatch
_HEAD = Struct(">H").pack


class ParsedToken(NamedTuple):
    """What a token says of itself: its row, the code of its kind, and the version of the key that it was issued under."""

    row: int
    kind: int
    version: int


def issue_many(key: TokenKey, *, tenant: int, rows: Sequence[int], kinds: Sequence[int]) -> list[str]:
    """The token of each row, in order. A number outside its field is a programming error (ValueError)."""
    if not 0 <= tenant < TENANTS or not _all_in(rows, ROWS) or not _all_in(kinds, KINDS):
        raise ValueError("tenant, row or kind outside its field")
    first, low = tenant >> 8, (tenant & 0xFF) << 56
    words = [word for row, kind in zip(rows, kinds, strict=True) for word in (first, low | kind << 48 | row)]
    sealed = key.cipher.encryptor().update(pack(f">{len(words)}Q", *words))
    head = _HEAD(key.version)
    seed = crc32(head, _SEED)
    blocks = [sealed[at : at + 16] for at in range(0, len(sealed), 16)]
    octets = b"".join([head + block + (crc32(block, seed) & 0xFFFFFF).to_bytes(3, "big") for block in blocks])
    body = urlsafe_b64encode(octets).decode("ascii")
    return [PREFIX + body[at : at + BODY_CHARS] for at in range(0, len(body), BODY_CHARS)]


def parse_many(keys: Mapping[int, TokenKey], *, tenant: int, texts: Sequence[str]) -> list[ParsedToken | None]:
    """What each text says, in order, or None where it is no token of this tenant under these keys. Never raises."""
    parsed: list[ParsedToken | None] = [None] * len(texts)
    for version, (places, blocks) in _by_version(keys, texts).items():
        words = unpack(f">{2 * len(places)}Q", keys[version].cipher.decryptor().update(b"".join(blocks)))
        for place, first, second in zip(places, words[::2], words[1::2], strict=True):
            # One comparison for two checks: the first word is the 48 zero bits and the high 16 bits of the tenant.
            if first == tenant >> 8 and second >> 56 == tenant & 0xFF:
                parsed[place] = ParsedToken(second & (ROWS - 1), second >> 48 & 0xFF, version)
    return parsed


def _by_version(keys: Mapping[int, TokenKey], texts: Sequence[str]) -> dict[int, tuple[list[int], list[bytes]]]:
    """Places and blocks of the texts that are written like tokens of a known key, by version."""
    places = [place for place, text in enumerate(texts) if _WRITING(text)]
    octets = urlsafe_b64decode("".join([texts[place][len(PREFIX) :] for place in places]))
    found: dict[int, tuple[list[int], list[bytes]]] = {}
    for place, at in zip(places, range(0, len(octets), _BODY_BYTES), strict=True):
        checked = octets[at : at + 18]
        if crc32(checked, _SEED) & 0xFFFFFF != int.from_bytes(octets[at + 18 : at + _BODY_BYTES], "big"):
            continue
        version = checked[0] << 8 | checked[1]
        if version in keys:
            of_version = found.setdefault(version, ([], []))
            of_version[0].append(place)
            of_version[1].append(checked[2:])
    return found


def _all_in(numbers: Sequence[int], bound: int) -> bool:
    return not numbers or (min(numbers) >= 0 and max(numbers) < bound)
