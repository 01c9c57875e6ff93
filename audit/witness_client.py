"""Asking witnesses for their cosignatures of a checkpoint (c2sp.org/tlog-witness), until a policy's quorum has signed.

All witnesses are asked at once. What a witness signed last is remembered between calls; when it is another size, the witness says
so (409) and is asked again with the proof from there. A witness that knows a larger tree than this log has does not sign: the
log was put back to an older state, or has another history, and its operator must look.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from moat_verifier.policy import Policy

from audit.checkpoint import Checkpoint, Note, Signature, VerifierKey
from audit.errors import AuditError, MalformedError
from audit.witness import SIZE_TYPE

ATTEMPTS = 3
AT_ONCE = 16


class Answered(NamedTuple):
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Post = Callable[[str, bytes], Answered]
"""Sends a body to an address, in bounded time. Raises OSError when there is no answer."""

Consistency = Callable[[int], list[bytes]]


class TooFewWitnessesError(AuditError):
    """The witnesses that signed are no quorum of the policy."""


class WitnessQuorum:
    """The witnesses of a policy that have an address there (their submission prefix).

    Raises:
        ValueError: those with an address cannot make a quorum.
    """

    def __init__(self, policy: Policy, post: Post) -> None:
        self._policy = policy
        self._post = post
        self._asked = {name: party for name, party in policy.witnesses.items() if party.url is not None}
        self._known: dict[tuple[bytes, str], int] = {}
        if not policy.met_by(set(self._asked)):
            raise ValueError("the witnesses with an address in the policy cannot make its quorum")

    def cosign(self, checkpoint: Checkpoint, note: Note, consistency: Consistency) -> Sequence[Signature]:
        """Valid cosignatures of `note`, at least a quorum of them. `consistency` proves the checkpoint from an older size.

        Raises:
            TooFewWitnessesError: fewer signed.
        """
        if not self._asked:
            return []
        with ThreadPoolExecutor(min(AT_ONCE, len(self._asked)), "witness") as pool:
            asked = {name: pool.submit(self._ask, name, checkpoint, note, consistency) for name in self._asked}
            answers = {name: answer.result() for name, answer in asked.items()}
        signed = {name: lines for name, lines in answers.items() if lines}
        if not self._policy.met_by(set(signed)):
            missing = sorted(name.decode(errors="replace") for name in self._asked.keys() - signed.keys())
            raise TooFewWitnessesError(f"no quorum of witnesses; these did not sign: {', '.join(missing)}")
        return [line for lines in signed.values() for line in lines]

    def _ask(self, name: bytes, checkpoint: Checkpoint, note: Note, consistency: Consistency) -> list[Signature]:
        """A witness's lines, none if it does not sign."""
        party = self._asked[name]
        key = VerifierKey(party.key.name, party.key.kind, party.key.public)
        known = self._known.get((name, checkpoint.origin), 0)
        for _ in range(ATTEMPTS):
            if known > checkpoint.size:
                return []
            try:
                answer = self._post(f"{party.url}".rstrip("/") + "/add-checkpoint", _body(known, note, consistency))
            except OSError:
                return []
            if answer.status == 200:
                lines = _lines(answer.body, note, key)
                if lines:
                    self._known[name, checkpoint.origin] = checkpoint.size
                return lines
            told = _told_size(answer)
            if told is None:
                return []
            known = told
        return []


def _body(old: int, note: Note, consistency: Consistency) -> bytes:
    """The request: the older size, the proof from it, and the checkpoint."""
    proof = consistency(old) if old else []
    lines = [f"old {old}", *(base64.b64encode(one).decode() for one in proof), "", ""]
    return "\n".join(lines).encode() + bytes(note)


def _lines(body: bytes, note: Note, key: VerifierKey) -> list[Signature]:
    """The witness's own valid lines of an answer; lines of other keys say nothing."""
    try:
        lines = [Signature.parse(line) for line in body.decode().splitlines()]
        own = [line for line in lines if (line.name, line.key_id) == (key.name, key.key_id)]
        return own if own and key.check(Note(note.text, tuple(own))) else []
    except (AuditError, MalformedError, UnicodeDecodeError):
        return []


def _told_size(answer: Answered) -> int | None:
    """The size that a witness has, from its refusal of another one."""
    text = answer.body.removesuffix(b"\n")
    if answer.status != 409 or answer.headers.get("content-type") != SIZE_TYPE or len(text) > 19:
        return None
    return int(text) if text.isdigit() and str(int(text)).encode() == text else None
