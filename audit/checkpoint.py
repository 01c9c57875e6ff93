"""Checkpoints and signed notes: c2sp.org/tlog-checkpoint, c2sp.org/signed-note and c2sp.org/tlog-cosignature.

A checkpoint is a note whose text is

    origin LF | size in decimal LF | root in base64 LF

and a note is its text, an empty line, and one line for each signature:

    U+2014 SP key name SP base64(key id | signature) LF

The text that is signed ends with its last LF and has no empty line. A verifier key is written

    name + key id in 8 hexadecimal digits + base64(type | public key)
    key id = SHA-256(name | 0x0A | type | public key)[:4]

with the types 0x01, Ed25519 over the text, and 0x04, a witness's Ed25519 cosignature: u64 time in seconds | signature over
"cosignature/v1" LF "time " time LF text. Lines of unknown keys are kept and say nothing; a line of a known key must fit.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from struct import Struct

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from audit.errors import MalformedError, SignatureError
from audit.merkle import EMPTY_ROOT, HASH_BYTES

ED25519 = 0x01
COSIGNATURE = 0x04
KEY_BYTES = 32
SIGNATURES_AT_MOST = 64
NOTE_BYTES_AT_MOST = 1 << 20

_DASH = "— "
_TIME = Struct(">Q")
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,19}", re.ASCII)
_VKEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)", re.ASCII)
_SIGNED_LENGTH = {ED25519: 64, COSIGNATURE: 72}


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the key's name and id, and the octets after the id."""

    name: str
    key_id: bytes
    octets: bytes

    def line(self) -> str:
        """The line with its LF."""
        return f"{_DASH}{self.name} {_base64(self.key_id + self.octets)}\n"

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """Read a line without its LF.

        Raises:
            MalformedError: it is none.
        """
        if not line.startswith(_DASH):
            raise MalformedError("not a signature line")
        name, _, encoded = line[len(_DASH) :].partition(" ")
        octets = _from_base64(encoded)
        if not is_name(name) or len(octets) < 5:
            raise MalformedError("not a signature line")
        return cls(name, octets[:4], octets[4:])


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signatures, none of which has been checked."""

    text: str
    signatures: tuple[Signature, ...]

    def __bytes__(self) -> bytes:
        return f"{self.text}\n{''.join(one.line() for one in self.signatures)}".encode()

    def with_signatures(self, more: Iterable[Signature]) -> "Note":
        """The note with further signatures, each once."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *more))))

    @classmethod
    def parse(cls, octets: bytes) -> "Note":
        """Read a note.

        Raises:
            MalformedError: it is none, or has more than 64 signatures.
        """
        if len(octets) > NOTE_BYTES_AT_MOST:
            raise MalformedError("the note is too long")
        try:
            whole = octets.decode()
        except UnicodeDecodeError:
            raise MalformedError("the note is not UTF-8") from None
        text, empty_line, lines = whole.rpartition("\n\n")
        if not empty_line or not text or not lines.endswith("\n") or any(c < " " and c != "\n" for c in whole):
            raise MalformedError("not a signed note")
        signed = lines.removesuffix("\n").split("\n")
        if len(signed) > SIGNATURES_AT_MOST:
            raise MalformedError("the note has too many signatures")
        return cls(text + "\n", tuple(Signature.parse(line) for line in signed))


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key, its name and what it signs (`kind` is the note's signature type)."""

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        if not is_name(self.name) or self.kind not in _SIGNED_LENGTH or len(self.public) != KEY_BYTES:
            raise MalformedError("not a verifier key")

    @property
    def key_id(self) -> bytes:
        """SHA-256(name | LF | type | public key)[:4]."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, vkey: str) -> "VerifierKey":
        """Read a verifier key.

        Raises:
            MalformedError: it is none, its type is unknown, or its key id is not that of its key.
        """
        found = _VKEY.fullmatch(vkey)
        if found is None:
            raise MalformedError("not a verifier key")
        octets = _from_base64(found[3])
        key = cls(found[1], octets[0], octets[1:]) if octets else None
        if key is None or key.key_id.hex() != found[2]:
            raise MalformedError("the key id is not that of the key")
        return key

    def check(self, note: Note) -> int:
        """Make sure that this key signed the note; the time of a cosignature in seconds, 0 of any other.

        Raises:
            SignatureError: it did not, or one of its lines does not fit.
        """
        own = [one for one in note.signatures if (one.name, one.key_id) == (self.name, self.key_id)]
        if not own:
            raise SignatureError(f"there is no signature of {self.name}")
        return max(self._time_of(one, note.text) for one in own)

    def _time_of(self, signature: Signature, text: str) -> int:
        if len(signature.octets) != _SIGNED_LENGTH[self.kind]:
            raise SignatureError(f"the signature of {self.name} does not fit")
        at, message = 0, text.encode()
        if self.kind == COSIGNATURE:
            (at,) = _TIME.unpack_from(signature.octets)
            message = cosigned(text, at)
        try:
            VerifyKey(self.public).verify(message, signature.octets[-64:])
        except (BadSignatureError, ValueError):
            raise SignatureError(f"the signature of {self.name} does not fit") from None
        return at


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: its origin, how many entries it has, and their root."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        empty_is_empty = self.size > 0 or self.root == EMPTY_ROOT
        if (
            not is_name(self.origin)
            or not 0 <= self.size < 1 << 63
            or len(self.root) != HASH_BYTES
            or not empty_is_empty
        ):
            raise MalformedError("not a checkpoint")

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the text of a note. Extension lines are refused: nobody can audit them.

        Raises:
            MalformedError: it is no checkpoint.
        """
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not _SIZE.fullmatch(lines[1]):
            raise MalformedError("not a checkpoint")
        checkpoint = cls(lines[0], int(lines[1]), _from_base64(lines[2]))
        if checkpoint.text != text:
            raise MalformedError("not a checkpoint in its one spelling")
        return checkpoint


def open_checkpoint(octets: bytes, keys: Iterable[VerifierKey]) -> tuple[Checkpoint, Note]:
    """The checkpoint of a note that at least one of `keys` signed. Every line of a known key must fit.

    Raises:
        MalformedError: the octets are no checkpoint.
        SignatureError: none of the keys signed it, or a line of theirs does not fit.
    """
    note = Note.parse(octets)
    lines = {(one.name, one.key_id) for one in note.signatures}
    known = [key for key in keys if (key.name, key.key_id) in lines]
    if not known:
        raise SignatureError("no known key signed it")
    for key in known:
        key.check(note)
    return Checkpoint.parse(note.text), note


def sign(text: str, name: str, seed: bytes) -> Signature:
    """An Ed25519 signature of a note's text by the key with this 32-octet seed (RFC 8032)."""
    key = SigningKey(seed)
    verifier = VerifierKey(name, ED25519, bytes(key.verify_key))
    return Signature(name, verifier.key_id, key.sign(text.encode()).signature)


def cosigned(text: str, at: int) -> bytes:
    """What a witness signs at `at`, in seconds since the epoch."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def is_name(text: str) -> bool:
    """Whether a text can name a key or a log: not empty, without spaces, control characters and plus signs."""
    return _NAME.fullmatch(text) is not None and text.isprintable()


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def _from_base64(text: str) -> bytes:
    """Octets of standard base64 with its padding, in its one spelling."""
    try:
        octets = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedError("not base64") from None
    if _base64(octets) != text:
        raise MalformedError("not base64 in its one spelling")
    return octets
