"""Which level each right takes, and what those show who ask for another person."""

import pytest

from dsar.identity.errors import LevelPolicyError
from dsar.identity.level_policy import SHIPPED, Proof, read_policy, shipped_policy
from dsar.identity.session import FRESH_MS, LIFE_MS, Factor, level_of
from dsar.request import Level
from dsar.right import Requester, Right

TEXT = SHIPPED.read_text(encoding="utf-8")


def test_the_shipped_policy_says_something_of_every_right_and_requester() -> None:
    policy = shipped_policy()
    assert set(policy.levels) == {(right, sensitive) for right in Right for sensitive in (False, True)}
    assert set(policy.requesters) == set(Requester)


def test_nothing_takes_less_where_sensitive_information_is_held() -> None:
    levels = shipped_policy().levels
    assert all(levels[right, True] >= levels[right, False] for right in Right)


@pytest.mark.parametrize(
    ("right", "sensitive", "level"),
    [
        (Right.CONSENT_WITHDRAWAL, True, Level.NONE),
        (Right.OBJECTION, True, Level.NONE),
        (Right.ACCESS, False, Level.CHANNEL),
        (Right.ACCESS, True, Level.TWO_FACTORS),
        (Right.PORTABILITY, False, Level.TWO_FACTORS),
        (Right.ERASURE, True, Level.TWO_FACTORS),
    ],
)
def test_who_asks_for_themselves_shows_what_the_right_takes(right: Right, sensitive: bool, level: Level) -> None:
    required = shipped_policy().required(right, Requester.SELF, sensitive=sensitive)
    assert (required.level, required.proofs) == (level, frozenset())


@pytest.mark.parametrize(
    ("requester", "level", "proofs"),
    [
        (Requester.GUARDIAN, Level.DOCUMENT, {Proof.RELATION}),
        (Requester.AGENT, Level.TWO_FACTORS, {Proof.AUTHORITY}),
        (Requester.KIN, Level.DOCUMENT, {Proof.DEATH, Proof.KINSHIP}),
    ],
)
def test_who_asks_for_another_shows_more(requester: Requester, level: Level, proofs: set[Proof]) -> None:
    required = shipped_policy().required(Right.ACCESS, requester, sensitive=True)
    assert (required.level, set(required.proofs)) == (level, proofs)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1", "version: 2"),
        ("access:             {ordinary: channel,", "access: {ordinary: some,"),
        ("  complaint:          {ordinary: none,        sensitive: none}\n", ""),
        ("proofs: [relation]", "proofs: [hearsay]"),
        ("proofs: [relation]", "proofs: relation"),
        ("  access:", "  excess:"),
        ("\nlevels:\n", "\nlevels: [\n"),
        ("sensitive: channel}", "sensitive: channel, unknown: none}"),
    ],
)
def test_a_policy_is_read_whole_or_not_at_all(old: str, new: str) -> None:
    assert old in TEXT
    with pytest.raises(LevelPolicyError):
        read_policy(TEXT.replace(old, new, 1))


@pytest.mark.parametrize(
    ("shown", "at", "level"),
    [
        ({}, 0, Level.NONE),
        ({Factor.PLATFORM: 0}, 0, Level.CHANNEL),
        ({Factor.PLATFORM: 0}, LIFE_MS, Level.NONE),
        ({Factor.PLATFORM: 0, Factor.SMS: 5}, 5, Level.TWO_FACTORS),
        ({Factor.PLATFORM: 0, Factor.SMS: 5}, 5 + FRESH_MS - 1, Level.TWO_FACTORS),
        ({Factor.PLATFORM: 0, Factor.SMS: 5}, 5 + FRESH_MS, Level.CHANNEL),
        ({Factor.SMS: 0, Factor.EMAIL: 0}, 0, Level.TWO_FACTORS),
        ({Factor.PLATFORM: 0, Factor.SMS: LIFE_MS}, LIFE_MS, Level.CHANNEL),
    ],
)
def test_two_things_are_two_factors_while_a_code_is_fresh(shown: dict[Factor, int], at: int, level: Level) -> None:
    assert level_of(shown, at) is level
