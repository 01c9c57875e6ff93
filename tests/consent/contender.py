"""One of several processes that give, withdraw, decide and detokenize for the same people.

    python -m tests.consent.contender DATABASE KEYS SEED CALLS TOKENS

TOKENS is a JSON object of people and the tokens of their phones. When it is ready it says so by a line and waits for one; then it
writes a JSON line for each call: what, of whom, when it began and ended (seconds of the host's monotonic clock), whether it was
allowed, and for a decision for how long.
"""

import json
import random
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from consent.records.judgement import Evidence
from consent.records.standing import State
from database.engine import Database
from tests.consent.desk import SMS, Desk, guarded
from tests.support.clock import Clock
from tests.support.vault import Gates, Vault


class RealClock(Clock):
    """The host's."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


def main(url: str, keys: str, seed: str, calls: str, tokens: str) -> None:
    """Make so many calls in a random order."""
    database = Database(url)
    vault = Vault(database, Path(keys), RealClock(), Gates())
    desk = Desk(vault, clock=monotonic)
    guarded(vault, desk)
    people: dict[str, str] = json.loads(tokens)
    desk.word(next(iter(people)))
    draw = random.Random(int(seed))
    print("ready", flush=True)
    sys.stdin.readline()
    done = [_call(desk, draw, people) for _ in range(int(calls))]
    for line in done:
        print(json.dumps(line))
    database.dispose()


def _call(desk: Desk, draw: random.Random, people: dict[str, str]) -> dict[str, Any]:
    subject = draw.choice(list(people))
    what = draw.choices(["give", "withdraw", "decide", "reveal"], [1, 1, 4, 4])[0]
    began, answer = monotonic(), True
    ttl = 0.0
    if what == "give":
        desk.say(subject, SMS, evidence=Evidence("call"))
    elif what == "withdraw":
        desk.say(subject, SMS, State.WITHDRAWN)
    elif what == "decide":
        decided = desk.ask(subject)
        answer, ttl = decided.verdict.allowed, decided.ttl
    else:
        answer = desk.vault.seen(people[subject], purpose=SMS) == ["13812345678"]
    return {"what": what, "of": subject, "began": began, "ended": monotonic(), "allowed": answer, "ttl": ttl}


if __name__ == "__main__":
    main(*sys.argv[1:])
