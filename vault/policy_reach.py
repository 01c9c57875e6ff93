"""The whole reach of a policy set as a table, found by asking the engine rather than by reading the policies."""

from collections.abc import Iterator
from typing import NamedTuple

from vault.identifier import Sensitivity
from vault.judged_kind import JUDGED
from vault.policy import ROLES, STAGES, Action, Ask, PolicyEngine, View

AT_STAGES = tuple(f"at stage {stage}" for stage in STAGES)
BY_TABLE = "on an order of theirs, as the handover table says"
"""The condition of what the policies allow at every stage, and the table of the handover at some."""


class Reach(NamedTuple):
    """What one role may detokenize for one purpose in one view. `only` is the condition in words, or empty."""

    role: str
    purpose: str
    view: str
    kinds: tuple[str, ...]
    only: str


def reach(engine: PolicyEngine) -> list[Reach]:
    """Every allowed combination, in the order of the roles, the catalogue and the kinds. Takes about a second.

    A condition is one stage or one type of reference; a permission that needs both at once is not shown.
    """
    rows: list[Reach] = []
    for role in ROLES:
        for purpose in engine.catalogue.purposes():
            for view in View:
                kinds_by_condition: dict[str, list[str]] = {}
                for kind in JUDGED.values():
                    if engine.catalogue.necessary(purpose, kind.name):
                        sensitive = kind.sensitivity is Sensitivity.SENSITIVE
                        ask = Ask(role, Action.DETOKENIZE, purpose, kind.name, sensitive=sensitive, view=view)
                        condition = _condition(engine, ask)
                        if condition is not None:
                            kinds_by_condition.setdefault(condition, []).append(kind.name)
                rows += [Reach(role, purpose, view, tuple(kinds), only) for only, kinds in kinds_by_condition.items()]
    return rows


def _condition(engine: PolicyEngine, ask: Ask) -> str | None:
    """What an ask needs beside role, purpose, kind and view: nothing (empty), some stage or reference, or None for never."""
    if engine.judge(ask).allowed:
        return ""
    conditions = [words for words, neighbour in _neighbours(engine, ask) if engine.judge(neighbour).allowed]
    if set(AT_STAGES) <= set(conditions):
        conditions = [BY_TABLE, *(words for words in conditions if words not in AT_STAGES)]
    return ", or ".join(conditions) or None


def _neighbours(engine: PolicyEngine, ask: Ask) -> Iterator[tuple[str, Ask]]:
    for stage, words in zip(STAGES, AT_STAGES, strict=True):
        yield words, ask._replace(stage=stage)
    for ref_type in engine.ref_types:
        yield f"with a reference {ref_type}:…", ask._replace(ref_type=ref_type)
