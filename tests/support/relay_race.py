"""Processes that bind and unbind random people in one pool, all at once, and look after every bind whether the two reach each
other."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context

from database.engine import Database
from database.statement import Statement
from masking.relay.errors import PartyExhaustedError, PoolExhaustedError, RelayError
from masking.relay.routing import Connected
from tests.support.clock import Clock
from tests.support.relay import Relay, Town

LIVE_AT_ONCE = 3
PEOPLE = 30
_HELD = Statement("""
    SELECT g.x, p.fingerprint FROM relay_binding g JOIN relay_party p ON p.id IN (g.a, g.b) WHERE g.closed_at IS NULL
""")


@dataclass(frozen=True)
class Race:
    """`steps` of each process. With `ends`, each has at most three bindings at a time, which it ends again."""

    url: str
    pool: str
    processes: int
    steps: int
    ends: bool


@dataclass(frozen=True)
class Outcome:
    """What a process saw: how many bindings it made, whom it could not bind and why, and what must not be."""

    made: int
    refused: list[tuple[str, str, str]]
    wrong: list[str]


def race(asked: Race) -> list[Outcome]:
    """Run the processes and wait for them."""
    with get_context("spawn").Pool(asked.processes) as pool:
        return pool.starmap(_run, [(asked, number) for number in range(asked.processes)])


def town() -> Town:
    """The same people in every process."""
    made = Town()
    for person in range(PEOPLE):
        made.number(f"p{person}")
    return made


def _run(asked: Race, number: int) -> Outcome:
    database = Database(asked.url)
    try:
        return _bind(Relay(database, Clock(), town()), asked, number)
    finally:
        database.dispose()


def _bind(relay: Relay, asked: Race, number: int) -> Outcome:
    draw = random.Random(number)
    live: list[tuple[int, int, str, str]] = []
    made, refused, wrong = 0, [], []
    for step in range(asked.steps):
        if asked.ends and (len(live) == LIVE_AT_ONCE or (live and draw.random() < 0.4)):
            relay.bindings.unbind(relay.by(), live.pop(draw.randrange(len(live)))[0])
            continue
        a, b = (f"p{one}" for one in draw.sample(range(PEOPLE), 2))
        try:
            bound = relay.bind(a, b, f"{number}-{step}", pool=asked.pool)
        except (PartyExhaustedError, PoolExhaustedError) as none:
            refused.append((type(none).__name__, a, b))
            continue
        except RelayError as error:
            wrong.append(type(error).__name__)
            continue
        made += 1
        live.append((bound.id, bound.x, a, b))
        wrong += _crossed(relay, *live[draw.randrange(len(live))][1:])
    return Outcome(made, refused, wrong)


def _crossed(relay: Relay, x: int, a: str, b: str) -> list[str]:
    """What is wrong with a live binding: somebody does not reach the other side of it."""
    found = []
    for caller, callee in ((a, b), (b, a)):
        answer = relay.call(caller, x)
        if not isinstance(answer, Connected) or answer.to != relay.town.number(callee):
            found.append(f"{caller} does not reach {callee}")
    return found


def most_shared(relay: Relay) -> int:
    """The most live bindings that one person has on one number, read from the bindings and not from the routes."""
    return max(_held(relay).values())


def right_loads(relay: Relay) -> bool:
    """Whether each number counts the bindings that it has."""
    count = "SELECT count(*) FROM relay_binding g WHERE g.closed_at IS NULL AND g.x = n.id"
    text = f"SELECT count(*) FROM relay_number n WHERE n.load <> ({count})"
    return relay.database.read(None, lambda tx: tx.all(Statement(text))) == [(0,)]


def refused_wrongly(relay: Relay, outcomes: Sequence[Outcome], *, capacity: int) -> list[tuple[str, str, str]]:
    """Whoever was refused although there is a number with room that neither has. Nothing may have ended meanwhile."""
    found = _held(relay)
    load = Counter(number for number, _ in found.elements())
    roomy = {number for number in load if load[number] // 2 < capacity}
    wrong = []
    for error, a, b in (refused for one in outcomes for refused in one.refused):
        people = [relay.town.fingerprint(relay.town.number(name)).hex() for name in (a, b)]
        if any(not any(found[number, one] for one in people) for number in roomy):
            wrong.append((error, a, b))
    return wrong


def _held(relay: Relay) -> Counter[tuple[int, str]]:
    rows = relay.database.read(None, lambda tx: tx.all(_HELD))
    return Counter((number, bytes(fingerprint).hex()) for number, fingerprint in rows)
