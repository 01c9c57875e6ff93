"""A plan: which uses were due at a moment, frozen, counted and hashed, so that what is approved is what is carried out.

A chunk is 500 uses in the order of their records, a line for each, and its digest

    SHA-256("moat-retention-chunk-v1" 0x00 | lines)    line = JSON [record, purpose, ref, rule, action] 0x0a

and the root of the plan is

    SHA-256("moat-retention-plan-v1" 0x00 | JSON {"as_of", "chunks", "items", "policy", "tenant"}, keys sorted | 0x0a | digests)

where `policy` is the digest of the policy's text, `as_of` is in milliseconds since the epoch, and the chunks' digests follow each
other as they are, 32 octets each.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

import orjson

from database.transaction import Row
from dsar.retention.ports import Place
from dsar.retention.rule import Action

CHUNK_ITEMS = 500
KEPT_MS = 7 * 24 * 3600 * 1000
"""How long a plan may be carried out after it was made."""

_CHUNK_LABEL = b"moat-retention-chunk-v1\x00"
_PLAN_LABEL = b"moat-retention-plan-v1\x00"


class PlanState(StrEnum):
    """`looking` and `sealing` while it is made; `ready` to be carried out; `asked` once that was asked for; `done` when it was.
    `given_up` was never finished."""

    LOOKING = "looking"
    SEALING = "sealing"
    READY = "ready"
    GIVEN_UP = "given_up"
    ASKED = "asked"
    DONE = "done"


HELD = "held"
"""The fate of what is due and kept by a hold."""


class Outcome(StrEnum):
    """What became of a frozen use, where it was not disposed of as planned."""

    PLANNED = ""
    HELD = "held"
    NOT_DUE = "not_due"
    GONE = "gone"
    TO_REVIEW = "to_review"


class Item(NamedTuple):
    """A frozen use, in its place in the plan."""

    position: int
    record: int
    purpose: str
    ref: str
    rule: str
    kind: str
    action: Action
    outcome: Outcome

    @property
    def place(self) -> Place:
        """What names the use."""
        return self.record, self.purpose, self.ref


class Tally(NamedTuple):
    """So many uses of one rule, kind and purpose that stand alike; between which moments that ends which keeps them."""

    rule: str
    kind: str
    purpose: str
    fate: str
    action: str
    uses: int
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan as it is kept. `cursor` is the last use that was looked at, `seen` how many were, `items` how many of them are
    frozen, in `chunks`. `run` is the job that carries it out, `people` whose keys went with it, and `residue` how many uses were
    found again afterwards. Times are milliseconds since the epoch."""

    tenant: int
    id: UUID
    state: PlanState
    policy: int
    policy_digest: str
    as_of: int
    made_at: int
    cursor: Place
    seen: int
    items: int
    chunks: int
    root: bytes | None
    run: UUID | None
    reviewed: bool
    people: int
    residue: int
    ended_at: int | None

    @classmethod
    def of_row(cls, tenant: int, row: Row) -> "Plan":
        """The plan of a row."""
        number, state, policy, digest, as_of, made_at, record, purpose, ref, seen, items, chunks = row[:12]
        root, run, reviewed, people, residue, ended_at = row[12:]
        return cls(
            tenant=tenant,
            id=UUID(bytes=bytes(number)),
            state=PlanState(state),
            policy=policy,
            policy_digest=digest,
            as_of=as_of,
            made_at=made_at,
            cursor=(record, purpose, ref),
            seen=seen,
            items=items,
            chunks=chunks,
            root=None if root is None else bytes(root),
            run=None if run is None else UUID(bytes=bytes(run)),
            reviewed=bool(reviewed),
            people=people,
            residue=residue,
            ended_at=ended_at,
        )


def item_of(row: Row) -> Item:
    """The item of a row."""
    position, record, purpose, ref, rule, kind, action, outcome = row
    return Item(position, record, purpose, ref, rule, kind, Action(action), Outcome(outcome))


def chunk_digest(items: Iterable[Item]) -> bytes:
    """The digest of a chunk."""
    digest = sha256(_CHUNK_LABEL)
    for one in items:
        digest.update(orjson.dumps([one.record, one.purpose, one.ref, one.rule, one.action.value]) + b"\n")
    return digest.digest()


def plan_root(plan: Plan, digests: Iterable[bytes]) -> bytes:
    """The root of a plan over the digests of its chunks."""
    told = {
        "as_of": plan.as_of,
        "chunks": plan.chunks,
        "items": plan.items,
        "policy": plan.policy_digest,
        "tenant": plan.tenant,
    }
    root = sha256(_PLAN_LABEL + orjson.dumps(told, option=orjson.OPT_SORT_KEYS) + b"\n")
    for digest in digests:
        root.update(digest)
    return root.digest()
