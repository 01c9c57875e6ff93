"""The people of the rotation drill: loading them, and processes that read and write their values while keys rotate.

Person n has the phone 138 and eight digits of n; each value that a writer adds is of a serial number that nothing else has. So
every answer can be judged without asking anybody.
"""

import itertools
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from random import Random
from typing import Any

from tests.drill.patient import FailedError, Patient

LOADED_AT_ONCE = 1_000
LOADERS = 4
READ_AT_ONCE = 20
SEARCHED_AT_ONCE = 5
SHOWN = 20
PURPOSE = "account"


@dataclass(slots=True)
class Witnessed:
    """What one process has seen. `written` are serial numbers, whose value they are, and its token."""

    calls: int = 0
    repeats: int = 0
    failed: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    written: list[tuple[int, int, str]] = field(default_factory=list)


def subject(number: int) -> str:
    return f"cust-{number}"


def phone(number: int) -> str:
    return f"138{number:08d}"


def added(serial: int) -> str:
    return f"139{serial:08d}"


def load(port: int, credential: str, subjects: int) -> list[str]:
    """Store everybody's phone, and give the tokens in order."""

    def store(start: int) -> list[str]:
        numbers = range(start, min(start + LOADED_AT_ONCE, subjects))
        items = [{"subject": subject(one), "kind": "phone", "value": phone(one)} for one in numbers]
        caller = Patient(port, credential)
        try:
            answer = caller.call("POST", "/v1/tokenize", {"purpose": PURPOSE, "items": items}, key=f"load-{start}")
        finally:
            caller.close()
        return [item["token"] for item in answer["items"]]

    with ThreadPoolExecutor(LOADERS) as pool:
        return list(itertools.chain.from_iterable(pool.map(store, range(0, subjects, LOADED_AT_ONCE))))


class Reader:
    """Opens tokens and searches for values, and judges every answer."""

    def __init__(self, caller: Patient, tokens: Sequence[str], random: Random) -> None:
        self._caller = caller
        self._tokens = tokens
        self._random = random

    def once(self, seen: Witnessed) -> None:
        """One call."""
        if self._random.random() < 0.75:
            self._open(seen)
        else:
            self._search(seen)

    def _open(self, seen: Witnessed) -> None:
        numbers = [self._random.randrange(len(self._tokens)) for _ in range(READ_AT_ONCE)]
        opened = open_tokens(self._caller, [self._tokens[one] for one in numbers])
        for number, value in zip(numbers, opened, strict=True):
            if value != phone(number):
                seen.failed.append(f"the token of {subject(number)} opens to something else: {shown(value)}")

    def _search(self, seen: Witnessed) -> None:
        numbers = [self._random.randrange(len(self._tokens)) for _ in range(SEARCHED_AT_ONCE)]
        for number, tokens in zip(numbers, find(self._caller, map(phone, numbers)), strict=True):
            if tokens.count(self._tokens[number]) > 1:
                seen.doubled.append(f"{subject(number)} is found {len(tokens)} times")
            elif tokens != [self._tokens[number]]:
                seen.failed.append(f"{subject(number)} is not found by the phone: {tokens}")


class Writer:
    """Stores values, new ones and such as are there already."""

    def __init__(self, caller: Patient, tokens: Sequence[str], random: Random, name: int) -> None:
        self._caller = caller
        self._tokens = tokens
        self._random = random
        self._serials = itertools.count(name * 10_000_000)

    def once(self, seen: Witnessed) -> None:
        """One call."""
        number = self._random.randrange(len(self._tokens))
        serial = next(self._serials)
        again = self._random.random() < 0.2
        value = phone(number) if again else added(serial)
        item = {"subject": subject(number), "kind": "phone", "value": value}
        body = {"purpose": PURPOSE, "items": [item]}
        (made,) = self._caller.call("POST", "/v1/tokenize", body, key=f"write-{serial}")["items"]
        if "token" not in made:
            seen.failed.append(f"a value of {subject(number)} is not stored: {made}")
        elif not again:
            seen.written.append((serial, number, made["token"]))
        elif made["token"] != self._tokens[number]:
            seen.doubled.append(f"the phone of {subject(number)} is there twice")


def open_tokens(caller: Patient, tokens: Sequence[str]) -> list[str | dict[str, Any]]:
    """The values of tokens, or what they were answered instead."""
    items = [{"token": token} for token in tokens]
    answer = caller.call("POST", "/v1/detokenize", {"purpose": PURPOSE, "view": "plain", "items": items})
    return [item.get("value", item) for item in answer["items"]]


def find(caller: Patient, values: Iterator[str] | Sequence[str]) -> list[list[str]]:
    """The tokens that are found for each value."""
    items = [{"kind": "phone", "value": value} for value in values]
    answer = caller.call("POST", "/v1/search", {"purpose": PURPOSE, "items": items})
    return [[match["token"] for match in item.get("matches", ())] for item in answer["items"]]


def shown(value: str | dict[str, Any]) -> str:
    """An error as it is; of a value that it is one."""
    return "a value" if isinstance(value, str) else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What a process needs to be a `reader` or a `writer`."""

    role: str
    number: int
    port: int
    credential: str
    tokens: Sequence[str]
    seed: str


def live(one: Life, ended: Event, told: Connection) -> None:
    """The process of a reader or writer: it calls until the drill has `ended`, and tells what it saw."""
    random, caller, seen = Random(one.seed), Patient(one.port, one.credential), Witnessed()
    reads, writes = Reader(caller, one.tokens, random), Writer(caller, one.tokens, random, one.number)
    acts = reads if one.role == "reader" else writes
    while not ended.is_set() and len(seen.failed) < SHOWN:
        try:
            acts.once(seen)
        except FailedError as failed:
            seen.failed.append(f"a {one.role} was answered {failed}")
        seen.calls += 1
        time.sleep(0.005)  # the machine has few cores, and the service is to have them
    seen.repeats = caller.repeats
    told.send(seen)
