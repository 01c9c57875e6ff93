"""Why an ask was allowed or denied, and what would have been allowed instead.

The remedies are found by trying: one thing about the ask is changed, then two, then three, and what is then allowed is
listed, nearest first. Another role for another purpose would be another ask altogether, and is not tried. Every remedy
was judged by the engine itself, so none is a guess.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, islice, product

from vault.policy import ROLES, STAGES, Ask, Policy, PolicyEngine, Ruling, View

REMEDIES_AT_MOST = 8
_EFFORT_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Remedy:
    """An ask that is allowed, and how it differs from the one explained, in words."""

    ask: Ask
    words: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A ruling with the policies that made it and, for a denial, what would have been allowed. Holds no personal data."""

    ask: Ask
    ruling: Ruling
    policies: tuple[Policy, ...]
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True)
class _Dial:
    """One thing about an ask that can be turned. Another purpose or role weighs so much that both at once are too far away."""

    effort: int
    settings: tuple[tuple[str, Mapping[str, object]], ...]


def explain(engine: PolicyEngine, ask: Ask) -> Explanation:
    """The ruling on an ask, explained. Takes tens of milliseconds, and leaves the engine's memory as it was."""
    ruling = engine.judge(ask)
    return Explanation(
        ask=ask,
        ruling=ruling,
        policies=tuple(engine.policies[policy_id] for policy_id in ruling.policies),
        remedies=() if ruling.allowed else tuple(islice(_remedies(engine, ask), REMEDIES_AT_MOST)),
    )


def _remedies(engine: PolicyEngine, ask: Ask) -> Iterator[Remedy]:
    """Allowed asks in order of effort; none that only adds a needless change to one already given."""
    given: list[frozenset[str]] = []
    for turned in _combinations(_dials(engine, ask)):
        for chosen in product(*(dial.settings for dial in turned)):
            words = frozenset(word for word, _ in chosen)
            if any(earlier <= words for earlier in given):
                continue
            changes = {field: value for _, setting in chosen for field, value in setting.items()}
            neighbour = Ask(**(ask._asdict() | changes))
            if engine.judge(neighbour).allowed:
                given.append(words)
                yield Remedy(neighbour, ", ".join(word for word, _ in chosen))


def _combinations(dials: tuple[_Dial, ...]) -> list[tuple[_Dial, ...]]:
    chosen = [some for count in range(1, _EFFORT_AT_MOST + 1) for some in combinations(dials, count)]
    affordable = [some for some in chosen if sum(dial.effort for dial in some) <= _EFFORT_AT_MOST]
    return sorted(affordable, key=lambda some: sum(dial.effort for dial in some))


def _dials(engine: PolicyEngine, ask: Ask) -> tuple[_Dial, ...]:
    # Whoever may see the building may see masked, which is nearer.
    views = [view for view in View if view not in {ask.view, View.BUILDING}]
    purposes = [purpose for purpose in engine.catalogue.purposes() if purpose != ask.purpose]
    roles = [role for role in ROLES if (role, None) != (ask.role, ask.acting_for)]
    return (
        _Dial(1, tuple((f"in the {view} view", {"view": view}) for view in views)),
        _Dial(
            1,
            tuple(
                (f"with a reference of type {ref}", {"ref_type": ref})
                for ref in engine.ref_types
                if ref != ask.ref_type
            ),
        ),
        _Dial(1, tuple((f"at the stage {stage}", {"stage": stage}) for stage in STAGES if stage != ask.stage)),
        _Dial(2, tuple((f"for the purpose {purpose}", {"purpose": purpose}) for purpose in purposes)),
        _Dial(2, tuple((f"as the role {role}", {"role": role, "acting_for": None}) for role in roles)),
    )
