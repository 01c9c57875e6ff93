"""Four processes give and withdraw, decide and detokenize, all at once: no allowance outlives an acknowledged withdrawal.

What each process has seen is judged by the order of calls that had been answered before others began, on the one monotonic clock
of the host. How fast anything was is not judged.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from consent.records.asking import TTL_BY_CONSENT
from tests.consent.desk import Desk
from tests.support.vault import Vault, submitted

ROOT = Path(__file__).parents[2]
PROCESSES = 4
CALLS = 120
PEOPLE = ("cust-1", "cust-2", "cust-3")

Call = dict[str, Any]


def test_no_allowance_outlives_an_acknowledged_withdrawal(vault: Vault, database_url: str) -> None:
    desk = Desk(vault)
    desk.withdraw(PEOPLE[0])
    tokens = {name: vault.token(submitted("13812345678", subject=name)) for name in PEOPLE}
    calls = contended(database_url, vault.keys, tokens)
    assert len(calls) == PROCESSES * CALLS
    assert {call["allowed"] for call in calls if call["what"] == "reveal"} == {True, False}
    for call in calls:
        if call["what"] in {"reveal", "decide"} and call["allowed"]:
            assert excused(call, calls), call


def test_the_judge_finds_an_allowance_after_a_withdrawal() -> None:
    given = {"what": "give", "of": "a", "began": 1.0, "ended": 1.1}
    withdrawn = {"what": "withdraw", "of": "a", "began": 2.0, "ended": 2.1}
    late = {"what": "reveal", "of": "a", "began": 2.2, "ended": 2.3, "allowed": True, "ttl": 0.0}
    assert not excused(late, [given, withdrawn])
    assert excused(late | {"began": 2.05}, [given, withdrawn])
    assert excused(late, [given | {"ended": 2.05}, withdrawn])
    decided = late | {"what": "decide", "ttl": 0.8}
    assert excused(decided, [given, withdrawn])
    assert not excused(decided | {"ttl": 1.0}, [given, withdrawn])


def excused(allowed: Call, calls: Sequence[Call]) -> bool:
    """Whether an allowance can be right: after each withdrawal that was answered before, there may have been another consent; a
    decision may be used for as long as it says, which is never longer than a second after such a withdrawal."""
    about = [call for call in calls if call["of"] == allowed["of"]]
    gives = [call for call in about if call["what"] == "give" and call["began"] < allowed["ended"]]
    for withdrawn in (call for call in about if call["what"] == "withdraw"):
        if allowed["what"] == "decide":
            too_late = allowed["began"] + allowed["ttl"] > withdrawn["ended"] + TTL_BY_CONSENT
        else:
            too_late = allowed["began"] > withdrawn["ended"]
        if too_late and not any(given["ended"] > withdrawn["began"] for given in gives):
            return False
    return True


def contended(url: str, keys: Path, tokens: dict[str, str]) -> list[Call]:
    """What the calls of all processes came to."""
    started = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.consent.contender",
                url,
                str(keys),
                str(seed),
                str(CALLS),
                json.dumps(tokens),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in range(PROCESSES)
    ]
    try:
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [process.communicate(timeout=200)[0] for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()
    assert [process.returncode for process in started] == [0] * PROCESSES
    return [json.loads(line) for one in said for line in one.splitlines()]
