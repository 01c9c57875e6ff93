"""The order of tests: what takes long begins early, so that no process is left with it when the others have ended."""

from collections import defaultdict
from itertools import islice
from pathlib import Path

import pytest


def dealt(items: list[pytest.Item], hands: int) -> list[pytest.Item]:
    """The items for as many processes, each of which begins with an even part of them in order, as xdist's worksteal has it. The
    files of slow tests lie first in the parts, dealt one by one and each as a whole, for its tests share what they start; so do
    the files of one group."""
    slow, rest = defaultdict[Path | str, list[pytest.Item]](list), list[pytest.Item]()
    for item in items:
        (rest if item.get_closest_marker("slow") is None else slow[_together(item)]).append(item)
    first: list[list[pytest.Item]] = [[] for _ in range(hands)]
    for number, file in enumerate(slow.values()):
        first[number % hands] += file
    left = iter(rest)
    parts = [[*begun, *islice(left, max(0, len(items) // hands - len(begun)))] for begun in first]
    return [item for part in (*parts, left) for item in part]


def _together(item: pytest.Item) -> Path | str:
    """What is dealt as a whole."""
    group = item.get_closest_marker("xdist_group")
    return item.path if group is None else str(group.args[0])
