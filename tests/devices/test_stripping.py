"""What does not belong to a picture is taken out of it, and what it shows stays as it is, sample for sample."""

import io
from collections.abc import Callable
from struct import pack
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.devices import pictures
from vault.pictures.jpeg import orientation_of
from vault.pictures.reader import PictureError
from vault.pictures.stripping import Format, in_chunks, strip

KINDS: dict[str, tuple[Callable[[], bytes], Format]] = {
    "jpeg": (pictures.jpeg, Format.JPEG),
    "jpeg_progressive": (lambda: pictures.jpeg(progressive=True), Format.JPEG),
    "png": (pictures.png, Format.PNG),
    "webp": (pictures.webp, Format.WEBP),
    "webp_lossless": (lambda: pictures.webp(lossless=True), Format.WEBP),
    "webp_alpha": (lambda: pictures.webp(alpha=True), Format.WEBP),
}
AT_MOST = 1 << 20
MADE = {name: make() for name, (make, _) in KINDS.items()}


class Dripping(io.RawIOBase):
    """A source that gives a few octets at a time, as a slow network does."""

    def __init__(self, octets: bytes, at_once: int) -> None:
        self._source = io.BytesIO(octets)
        self._at_once = at_once

    def read(self, size: int = -1) -> bytes:
        return self._source.read(min(size, self._at_once))


def stripped(octets: bytes, *, at_once: int = 1 << 16, at_most: int = AT_MOST) -> bytes:
    return b"".join(strip(Dripping(octets, at_once), at_most=at_most).pieces)  # type: ignore[arg-type]  # has read()


def code_of(octets: bytes, *, at_most: int = AT_MOST) -> str:
    try:
        stripped(octets, at_most=at_most)
    except PictureError as error:
        return error.code
    return ""


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("at_once", [1, 7, 1 << 16])
def test_the_samples_stay_and_nothing_else(name: str, at_once: int) -> None:
    octets = MADE[name]
    assert pictures.CANARY in octets
    kept = stripped(octets, at_once=at_once)
    assert strip(io.BytesIO(octets), at_most=AT_MOST).format is KINDS[name][1]
    for trace in (
        pictures.CANARY,
        b"Exif\x00\x00II",
        b"ICC_PROFILE",
        b"ns.adobe.com",
        b"tEXt",
        b"iTXt",
        b"EXIF",
        b"XMP ",
    ):
        assert trace not in kept
    assert pictures.samples(kept) == pictures.samples(octets)
    assert stripped(kept) == kept


@pytest.mark.parametrize("orientation", range(1, 9))
def test_of_exif_a_jpeg_keeps_how_it_is_to_be_turned(orientation: int) -> None:
    assert pictures.turned(stripped(pictures.jpeg(orientation))) == orientation


def test_the_bitstream_is_passed_on_as_it_is() -> None:
    octets = MADE["jpeg"]
    scan = octets[octets.index(b"\xff\xda") : octets.rindex(b"\xff\xd9")]
    assert scan in stripped(octets)


@pytest.mark.parametrize("name", KINDS)
def test_a_picture_that_was_cut_is_refused_wherever(name: str) -> None:
    whole = stripped(MADE[name])
    for end in [*range(min(len(whole), 200)), *range(200, len(whole), 97)]:
        assert code_of(whole[:end]) in {"cut", "unknown_format"}, end


def test_other_formats_are_refused_by_what_they_are() -> None:
    for octets in (b"GIF89a" + bytes(40), b"%PDF-1.7" + bytes(40), b"<svg xmlns='x'/>" + bytes(20), b"BM" + bytes(40)):
        assert code_of(octets) == "unknown_format"
    assert code_of(b"RIFF\x10\x00\x00\x00WAVE" + bytes(40)) == "unknown_format"


def test_a_picture_over_the_bound_is_refused() -> None:
    assert code_of(MADE["png"], at_most=100) == "too_large"


def test_frames_are_refused_and_so_are_damaged_chunks() -> None:
    animated = b"RIFF" + pack("<I", 30) + b"WEBP" + b"VP8X" + pack("<I", 10) + b"\x02" + bytes(9)
    assert code_of(animated) == "animated"
    octets = bytearray(stripped(MADE["png"]))
    octets[16] ^= 1
    assert code_of(bytes(octets)) == "malformed"
    unknown = b"ABCD" + b"x"
    critical = MADE["png"][:33] + pack(">I", 1) + unknown + pack(">I", crc32(unknown)) + MADE["png"][33:]
    assert code_of(critical) == "malformed"


def test_a_thumbnail_in_jfif_is_taken_out() -> None:
    octets = stripped(MADE["jpeg"])
    at = octets.index(b"JFIF\x00")
    thumbnail = (
        octets[: at - 2] + pack(">H", 16 + 27) + octets[at : at + 12] + b"\x03\x03" + b"\xab" * 27 + octets[at + 14 :]
    )
    assert b"\xab" * 27 in thumbnail
    assert stripped(thumbnail) == octets


@given(data=st.data())
def test_any_octets_behind_a_beginning_are_a_picture_or_refused(data: st.DataObject) -> None:
    whole = MADE[data.draw(st.sampled_from(sorted(MADE)))]
    octets = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    try:
        kept = stripped(bytes(octets))
    except PictureError:
        return
    assert len(kept) <= len(octets) + 36


@given(octets=st.binary(max_size=300), head=st.sampled_from([b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"RIFF....WEBP", b""]))
def test_any_octets_end_in_a_picture_or_a_refusal(octets: bytes, head: bytes) -> None:
    assert code_of(head + octets) in {"", "cut", "malformed", "animated", "unknown_format"}


@given(octets=st.binary(max_size=200))
def test_any_exif_tells_an_orientation(octets: bytes) -> None:
    assert 1 <= orientation_of(b"Exif\x00\x00" + octets) <= 8


@given(pieces=st.lists(st.binary(max_size=20)), size=st.integers(1, 16))
def test_chunks_are_the_same_octets_and_the_last_is_told(pieces: list[bytes], size: int) -> None:
    chunks = list(in_chunks(iter(pieces), size))
    assert b"".join(octets for octets, _ in chunks) == b"".join(pieces)
    assert [last for _, last in chunks] == [False] * (len(chunks) - 1) + [True]
    assert all(len(octets) == size for octets, last in chunks if not last)
