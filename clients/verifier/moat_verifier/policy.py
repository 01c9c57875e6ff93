"""Which signatures suffice: keys given one by one, or a policy file (C2SP tlog-policy).

log <vkey> [<url>]
witness <name> <vkey> [<url>]
group <name> all|any|<k> <member>...
quorum <name>|none
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from moat_verifier.checkpoint import Checkpoint
from moat_verifier.errors import CannotCheckError, TamperedError
from moat_verifier.note import COSIGNATURE, ED25519, VerifierKey

NO_QUORUM = b"none"

_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_COUNT = re.compile(rb"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class Party:
    """A log or a witness of the policy, and where it is reached if the policy says so."""

    key: VerifierKey
    url: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Members of which `threshold` must have cosigned."""

    threshold: int
    members: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Trust:
    """What a checkpoint was found to be signed by."""

    log: VerifierKey
    witnesses: tuple[VerifierKey, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses and the quorum. Names are bytes, as the specification compares them."""

    logs: tuple[Party, ...]
    witnesses: dict[bytes, Party] = field(default_factory=dict)
    groups: dict[bytes, Group] = field(default_factory=dict)
    quorum: bytes = NO_QUORUM

    @classmethod
    def of_keys(cls, vkeys: Iterable[str]) -> "Policy":
        """The policy by which any of these log keys suffices.

        Raises:
            CannotCheckError: one is malformed or not a log's.
        """
        return cls(tuple(Party(_log_key(vkey), None) for vkey in vkeys))

    def judge(self, checkpoint: Checkpoint, *, where: str) -> Trust:
        """Who signed a checkpoint.

        Raises:
            TamperedError: no log of the policy did, a signature of a known key fails, or the quorum is not met.
        """
        named = [log.key for log in self.logs if log.key.name == checkpoint.origin]
        logs = checkpoint.note.signers(named, where=where)
        if not logs:
            raise TamperedError(where, "is not signed by a pinned key of its origin")
        signed = checkpoint.note.signers([witness.key for witness in self.witnesses.values()], where=where)
        if not self.met_by({name for name, witness in self.witnesses.items() if witness.key in signed}):
            raise TamperedError(where, "is not cosigned by the quorum of the policy")
        return Trust(logs[0], tuple(signed))

    def met_by(self, cosigned: set[bytes]) -> bool:
        """Whether the witnesses with these names are a quorum."""
        met = set(cosigned)
        for name, group in self.groups.items():  # members stand before their group
            if sum(member in met for member in group.members) >= group.threshold:
                met.add(name)
        return self.quorum == NO_QUORUM or self.quorum in met


def parse(raw: bytes) -> Policy:
    """Read a policy file.

    Raises:
        CannotCheckError: it breaks a rule of the format; the text says which line.
    """
    if _CONTROL.search(raw):
        raise CannotCheckError("the policy holds control characters")
    reader = _Reader()
    for number, line in enumerate(raw.split(b"\n"), 1):
        words = re.split(rb"[ \t]+", line.strip(b" \t"))
        if words != [b""] and not words[0].startswith(b"#"):
            try:
                reader.take(words)
            except (ValueError, CannotCheckError) as refused:
                raise CannotCheckError(f"the policy's line {number}: {refused}") from None
    if reader.quorum is None:
        raise CannotCheckError("the policy has no quorum line")
    return Policy(tuple(reader.logs), reader.witnesses, reader.groups, reader.quorum)


class _Reader:
    """A policy as far as it has been read."""

    def __init__(self) -> None:
        self.logs: list[Party] = []
        self.witnesses: dict[bytes, Party] = {}
        self.groups: dict[bytes, Group] = {}
        self.quorum: bytes | None = None
        self._members: set[bytes] = set()

    def take(self, words: list[bytes]) -> None:
        match words:
            case [b"log", vkey, *url] if len(url) <= 1:
                self._log(vkey, url)
            case [b"witness", name, vkey, *url] if len(url) <= 1:
                self._witness(name, vkey, url)
            case [b"group", name, count, *members] if members:
                self._group(name, count, members)
            case [b"quorum", name] if self.quorum is None:
                if name != NO_QUORUM:
                    self._known(name)
                self.quorum = name
            case _:
                raise ValueError("is not one of log, witness, group and one quorum")

    def _log(self, vkey: bytes, url: list[bytes]) -> None:
        key = _log_key(vkey.decode())
        if any(key.public == log.key.public for log in self.logs):
            raise ValueError("the key is there twice")
        self.logs.append(Party(key, _url(url)))

    def _witness(self, name: bytes, vkey: bytes, url: list[bytes]) -> None:
        self._fresh(name)
        key = VerifierKey.parse(vkey.decode())
        if key.kind != COSIGNATURE:
            raise ValueError("the key is not a witness's (type 0x04)")
        if any(key.public == witness.key.public for witness in self.witnesses.values()):
            raise ValueError("the key is there twice")
        self.witnesses[name] = Party(key, _url(url))

    def _group(self, name: bytes, count: bytes, members: list[bytes]) -> None:
        self._fresh(name)
        for member in members:
            self._known(member)
            if member in self._members:
                raise ValueError("a member is listed twice")
            self._members.add(member)
        if count in {b"all", b"any"}:
            threshold = len(members) if count == b"all" else 1
        else:
            threshold = int(count) if _COUNT.fullmatch(count) else 0
        if not 1 <= threshold <= len(members):
            raise ValueError("the threshold is not between 1 and the number of members")
        self.groups[name] = Group(threshold, tuple(members))

    def _fresh(self, name: bytes) -> None:
        if name == NO_QUORUM or name in self.witnesses or name in self.groups:
            raise ValueError("the name is taken")

    def _known(self, name: bytes) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise ValueError("a name is not defined before it is used")


def _log_key(vkey: str) -> VerifierKey:
    key = VerifierKey.parse(vkey)
    if key.kind != ED25519:
        raise CannotCheckError("the key is not a log's (type 0x01)")
    return key


def _url(words: list[bytes]) -> str | None:
    return words[0].decode() if words else None
