"""Which level each right takes, and what those show who ask for another person: read from YAML, whole or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dsar.identity.errors import LevelPolicyError
from dsar.request import Level
from dsar.right import Requester, Right
from formats.strict_yaml import StrictYamlError, read_yaml

SHIPPED = Path(__file__).with_name("levels.yaml")

LEVELS = MappingProxyType({level.name.lower(): level for level in Level})
"""The levels by the words of the policy and of answers."""

_TOP = {"version", "levels", "requesters"}


class Proof(StrEnum):
    """What an officer looks at: the requester's own document, evidence of a guardian's relation, a signed authority, a death, and
    kinship."""

    IDENTITY = "identity"
    RELATION = "relation"
    AUTHORITY = "authority"
    DEATH = "death"
    KINSHIP = "kinship"


@dataclass(frozen=True, slots=True)
class Required:
    """What a request takes."""

    level: Level
    proofs: frozenset[Proof]


@dataclass(frozen=True, slots=True)
class LevelPolicy:
    """The whole table: `levels` by right and whether sensitive information is held, and what each requester adds."""

    version: int
    levels: Mapping[tuple[Right, bool], Level]
    requesters: Mapping[Requester, Required]

    def required(self, right: Right, requester: Requester, *, sensitive: bool) -> Required:
        """What somebody must have shown before the right is carried out."""
        theirs = self.requesters[requester]
        return Required(max(self.levels[right, sensitive], theirs.level), theirs.proofs)


def shipped_policy() -> LevelPolicy:
    """The policy of this distribution."""
    return read_policy(SHIPPED.read_text(encoding="utf-8"))


def read_policy(text: str) -> LevelPolicy:
    """The policy of a YAML text, which names every right and every requester once and nothing else.

    Raises:
        LevelPolicyError: it does not.
    """
    try:
        found = read_yaml(text)
    except StrictYamlError:
        raise LevelPolicyError("the policy of levels is no YAML") from None
    if not isinstance(found, dict) or set(found) != _TOP or found["version"] != 1:
        raise LevelPolicyError("the policy of levels has version 1, levels and requesters")
    levels = _table(found["levels"], Right, {"ordinary", "sensitive"}, "levels")
    requesters = _table(found["requesters"], Requester, {"level", "proofs"}, "requesters")
    return LevelPolicy(
        version=1,
        levels={
            (Right(right), sensitive): _level(row[word], f"levels.{right}.{word}")
            for right, row in levels.items()
            for sensitive, word in ((False, "ordinary"), (True, "sensitive"))
        },
        requesters={
            Requester(name): Required(
                _level(row["level"], f"requesters.{name}.level"), _proofs(row["proofs"], f"requesters.{name}.proofs")
            )
            for name, row in requesters.items()
        },
    )


def _table(found: Any, names: type[StrEnum], columns: set[str], where: str) -> dict[str, dict[str, Any]]:
    expected = {name.value for name in names}
    if not isinstance(found, dict) or set(found) != expected:
        raise LevelPolicyError(f"{where} names each of {', '.join(sorted(expected))}")
    for name, row in found.items():
        if not isinstance(row, dict) or set(row) != columns:
            raise LevelPolicyError(f"{where}.{name} has {' and '.join(sorted(columns))}")
    return found


def _level(word: Any, where: str) -> Level:
    if not isinstance(word, str) or word not in LEVELS:
        raise LevelPolicyError(f"{where} is one of {', '.join(LEVELS)}")
    return LEVELS[word]


def _proofs(words: Any, where: str) -> frozenset[Proof]:
    known = {proof.value for proof in Proof}
    if not isinstance(words, list) or not all(isinstance(word, str) and word in known for word in words):
        raise LevelPolicyError(f"{where} lists proofs among {', '.join(sorted(known))}")
    return frozenset(map(Proof, words))
