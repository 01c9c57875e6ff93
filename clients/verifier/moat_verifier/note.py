"""Signed notes and verifier keys of C2SP, for Ed25519.

note        text, ended by LF ‖ LF ‖ one or more signature lines
line        U+2014 SP name SP base64(key id[4] ‖ signature) LF
vkey        name "+" 8 small hex digits "+" base64(type ‖ public key[32])
key id      SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4]
type 0x01   signature = Ed25519(text), 64 bytes
type 0x04   signature = time, u64 big-endian ‖ Ed25519("cosignature/v1" LF "time " decimal LF ‖ text), 72 bytes
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from moat_verifier.errors import CannotCheckError, TamperedError

ED25519 = 0x01
COSIGNATURE = 0x04

NOTE_BYTES_AT_MOST = 128 * 1024
SIGNATURES_AT_MOST = 64

_DASH = "— "


def strict_base64(text: str) -> bytes:
    """Decoded standard base64 in its one spelling.

    Raises:
        ValueError: other characters, wrong padding, or bits beyond the last byte.
    """
    decoded = base64.b64decode(text.encode("ascii"), validate=True)
    if base64.b64encode(decoded).decode() != text:
        raise ValueError("not the one spelling")
    return decoded


def valid_name(name: str) -> bool:
    """Whether a text can be a key's name: not empty, without spaces of Unicode and without a plus."""
    return bool(name) and "+" not in name and not any(character.isspace() for character in name)


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key by which a note is checked. `kind` is the signature type."""

    name: str
    key_id: bytes
    kind: int
    public: bytes

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read a vkey.

        Raises:
            CannotCheckError: it is malformed, its id is not that of its key, or its type is not supported.
        """
        try:
            name, digits, encoded = text.strip().split("+", 2)
            key_id, material = bytes.fromhex(digits), strict_base64(encoded)
        except ValueError:
            raise CannotCheckError("a verifier key is malformed") from None
        kind, public = material[:1], material[1:]
        if kind not in {bytes([ED25519]), bytes([COSIGNATURE])} or len(public) != 32:
            raise CannotCheckError("a verifier key is not of Ed25519")
        if not valid_name(name) or sha256(name.encode() + b"\n" + material).digest()[:4] != key_id:
            raise CannotCheckError("a verifier key does not match its own id")
        return cls(name, key_id, kind[0], public)

    def __str__(self) -> str:
        material = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"

    def accepts(self, text: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's over the note `text`."""
        if self.kind == COSIGNATURE:
            if len(signature) != 72 or signature[0] >= 0x80:  # tlog-cosignature: time at most 2^63 - 1
                return False
            time = int.from_bytes(signature[:8], "big")
            text, signature = b"cosignature/v1\ntime %d\n" % time + text, signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line, not yet checked."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A signed note, parsed and not yet checked. `text` includes its last LF."""

    text: bytes
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, raw: bytes, *, where: str) -> "Note":
        """Read a note.

        Raises:
            TamperedError: it is not a note, named by `where`.
        """
        try:
            return cls._parse(raw)
        except ValueError:
            raise TamperedError(where, "is not a signed note") from None

    @classmethod
    def _parse(cls, raw: bytes) -> "Note":
        if len(raw) > NOTE_BYTES_AT_MOST:
            raise ValueError("too long")
        decoded = raw.decode()
        if any(character < " " and character != "\n" for character in decoded):
            raise ValueError("control characters")
        text, parted, block = decoded.rpartition("\n\n")
        if not parted or not block.endswith("\n"):
            raise ValueError("no signatures")
        lines = block[:-1].split("\n")
        if len(lines) > SIGNATURES_AT_MOST:
            raise ValueError("too many signatures")
        return cls(f"{text}\n".encode(), tuple(_signature(line) for line in lines))

    def signers(self, keys: Iterable[VerifierKey], *, where: str) -> list[VerifierKey]:
        """Those of `keys` that signed the note. Lines of other keys are ignored.

        Raises:
            TamperedError: a line has the name and id of one of `keys` and its signature is not that key's.
        """
        found = []
        for key in keys:
            lines = [line for line in self.signatures if (line.name, line.key_id) == (key.name, key.key_id)]
            if not all(key.accepts(self.text, line.signature) for line in lines):
                raise TamperedError(where, "the signature of a pinned key does not verify")
            if lines:
                found.append(key)
        return found


def _signature(line: str) -> Signature:
    if not line.startswith(_DASH):
        raise ValueError("no dash")
    name, parted, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        material = strict_base64(encoded)
    except binascii.Error:
        raise ValueError("not base64") from None
    if not parted or not valid_name(name) or len(material) < 5:
        raise ValueError("malformed")
    return Signature(name, material[:4], material[4:])
