"""Ciphertext from the first octet: age under passphrases as its specification has it, spools, and memory that does not grow."""

import hmac
import io
import os
from base64 import b64decode
from collections.abc import Iterator
from hashlib import scrypt, sha256
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st

from dsar.disclosure import age
from dsar.disclosure.age import CHUNK_BYTES, Passphrase, PublicKey, write_sealed
from dsar.disclosure.choosing import Choice
from dsar.disclosure.errors import RecipientError
from dsar.disclosure.redaction import Redaction, role_of
from dsar.disclosure.rows import cell, csv_line, json_line
from dsar.disclosure.spool import FRAME_BYTES, Spool
from dsar.disclosure.words import LOCALES, nearest, words_of
from tests.dsar.disclosure.office import Office
from tests.dsar.disclosure.stand_ins import TENANT, FakeHolder

CANARY = b"canary-5d1e-13987654321"
MANY = 200_000


def sealed(octets: Iterator[bytes], lock: Passphrase) -> bytes:
    written = io.BytesIO()
    write_sealed(octets, written, lock)
    return written.getvalue()


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 200_001])
def test_what_a_passphrase_seals_another_program_opens(size: int) -> None:
    octets, lock = os.urandom(size), Passphrase.drawn()
    pieces = (octets[start : start + 7_919] for start in range(0, size, 7_919))
    assert pyrage.passphrase.decrypt(sealed(pieces, lock), lock.text) == octets


def test_the_header_is_that_of_the_specification() -> None:
    """C2SP age.md, taken apart by hand."""
    lock = Passphrase("correct-horse")
    octets = sealed(iter([b"hello"]), lock)
    head, _, rest = octets.partition(b"\n---")
    version, stanza, body = head.decode().split("\n")
    _, _, salt, log_n = stanza.split(" ")
    mac, _, payload = rest[1:].partition(b"\n")
    assert (version, stanza.split(" ")[:2], log_n) == ("age-encryption.org/v1", ["->", "scrypt"], str(age.LOG_N))
    wrapping = scrypt(
        lock.text.encode(),
        salt=b"age-encryption.org/v1/scrypt" + b64decode(salt + "=="),
        n=1 << age.LOG_N,
        r=8,
        p=1,
        maxmem=1 << 26,
        dklen=32,
    )
    file_key = ChaCha20Poly1305(wrapping).decrypt(bytes(12), b64decode(body + "="), None)
    header_key = HKDF(SHA256(), 32, None, b"header").derive(file_key)
    assert hmac.digest(header_key, head + b"\n---", sha256) == b64decode(mac + b"=")
    payload_key = HKDF(SHA256(), 32, payload[:16], b"payload").derive(file_key)
    assert ChaCha20Poly1305(payload_key).decrypt(bytes(11) + b"\x01", payload[16:], None) == b"hello"


def test_a_cut_or_changed_file_does_not_open() -> None:
    lock = Passphrase.drawn()
    octets = sealed(iter([os.urandom(3 * CHUNK_BYTES)]), lock)
    for broken in (
        octets[: -CHUNK_BYTES // 2],
        octets[:-1] + bytes([octets[-1] ^ 1]),
        octets.replace(b"scrypt", b"scrypu", 1),
    ):
        with pytest.raises(pyrage.DecryptError):
            pyrage.passphrase.decrypt(broken, lock.text)


def test_passphrases_are_long_all_different_and_never_shown() -> None:
    drawn = {Passphrase.drawn().text for _ in range(200)}
    assert len(drawn) == 200
    assert all(len(one) == 34 and set(one) <= set("23456789abcdefghjkmnpqrstuvwxyz0-") for one in drawn)
    assert Passphrase("secret-words").text not in repr(Passphrase("secret-words"))


def test_what_is_no_key_is_refused() -> None:
    for text in ("", "age1", "AGE-SECRET-KEY-1", "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"):
        with pytest.raises(RecipientError):
            PublicKey(text)


def test_an_error_of_ours_comes_out_of_sealing_as_it_is(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * 100_000
        raise LookupError("ours")

    key = PublicKey(str(pyrage.x25519.Identity.generate().to_public()))
    for lock in (key, Passphrase.drawn()):
        with pytest.raises(LookupError, match="ours"), (tmp_path / "file").open("wb") as file:
            write_sealed(broken(), file, lock)


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=300).map(lambda one: one.replace(b"\n", b"")), max_size=60), st.integers(1, 3))
def test_a_spool_gives_back_what_it_was_given_as_often_as_asked(lines: list[bytes], times: int) -> None:
    with Spool(Path("/tmp")) as spool:
        for line in lines:
            spool.add(line)
        for _ in range(times):
            assert list(spool.lines()) == lines


def test_a_spool_has_no_name_and_nothing_readable_in_it(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        for _ in range(FRAME_BYTES // len(CANARY) * 3):
            spool.add(CANARY)
        assert list(tmp_path.iterdir()) == []
        spool._file.flush()
        held = Path(f"/proc/self/fd/{spool._file.fileno()}").read_bytes()
        assert len(held) > FRAME_BYTES
        assert CANARY not in held


@given(st.text())
def test_no_text_becomes_a_formula(text: str) -> None:
    assert not cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert csv_line([text, text]).endswith(b"\r\n")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=8), one, max_size=3),
    max_leaves=6,
)


@settings(max_examples=50)
@given(st.dictionaries(st.text(), _JSON))
def test_every_record_is_a_line_of_json_and_survives_redaction(record: dict[str, object]) -> None:
    line = json_line(Redaction(words_of("en").roles).redacted(record))
    assert b"\n" not in line


def test_roles_are_words_of_a_name_and_not_letters_of_one() -> None:
    assert [role_of(name) for name in ("courier", "Courier-Phone", "driver.name", "rider_id")] == ["courier"] * 4
    assert [role_of(name) for name in ("couriered", "rating", "phone", "", "carrier")] == [None] * 5


def test_every_language_has_every_word() -> None:
    assert [nearest(one) for one in ("zh", "zh-SG", "zh-TW", "zh_hant_hk", "de", "")] == [
        "zh-Hans",
        "zh-Hans",
        "zh-Hant",
        "zh-Hant",
        "en",
        "zh-Hans",
    ]
    assert len({len(words_of(locale).headings) for locale in LOCALES}) == 1


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_two_hundred_thousand_records_take_no_more_memory_than_a_few(office: Office) -> None:
    """The most that the process had while a package was made: of eighty megabytes of records, less than a tenth."""
    office.holders = [FakeHolder("orders", _orders)]
    request, key = office.request(), str(pyrage.x25519.Identity.generate().to_public())
    office.choosing.choose(TENANT, request.id, Choice(key=PublicKey(key)), office.by())
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here: proc_pid_clear_refs(5)
    before = _memory("VmRSS")
    package = office.maker.make(TENANT, request.id)
    assert package is not None
    assert package.records == MANY
    assert _memory("VmHWM") - before < 16_000


def _memory(name: str) -> int:
    """A figure of this process in KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def _orders() -> Iterator[tuple[str, dict[str, object]]]:
    for number in range(MANY):
        yield "order", {"id": number, "text": CANARY.decode() * 17}
