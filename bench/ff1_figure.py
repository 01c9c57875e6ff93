"""FF1 over a whole array of phone numbers against the fastest FF1 package known, which encrypts one at a time."""

import secrets
import time
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from bench.figure import Figure, alternate
from bench.plan import Sizes
from vault.fpe import FF1

PACKAGE = "fastfpe"
"""Of those that install as wheels on CPython 3.11: fastfpe 0.2.1 made 230,000 to 300,000 values a second, cloudproof-fpe 0.2.2
80,000, libffx 2.0.1 50,000, on the machine where ours made 20 million."""

DIGITS = 11
TWEAK = b"moat/bench"
SLOW_VALUES = 20_000
BEST_OF = 5
"""What a core can do is the best of so many runs: others share it in the rest."""
GOAL_VALUES = 5_000_000.0


def ff1(sizes: Sizes) -> Iterator[Figure]:
    """Values a second on one core, and the ratio to the package if it is installed.

    Raises:
        ArithmeticError: the two do not encrypt alike, so that comparing their speed means nothing.
    """
    key = secrets.token_bytes(32)
    cipher = FF1(key, 10)
    values = np.random.default_rng(secrets.randbits(64)).integers(0, 10**DIGITS, sizes.ff1_values, dtype=np.uint64)

    def ours() -> float:
        started = time.perf_counter()
        cipher.encrypt_many(TWEAK, values, DIGITS)
        return sizes.ff1_values / (time.perf_counter() - started)

    absolute = max(ours() for _ in range(BEST_OF))
    yield Figure(
        name="ff1_absolute", backend="-", value=absolute, unit="values/s", yardstick="5 M values/s",
        ratio=absolute / GOAL_VALUES, goal=1,
    )  # fmt: skip
    if find_spec(PACKAGE) is None:
        yield Figure(name="ff1", backend="-", value=absolute, unit="values/s", goal=20)
        return
    encrypt = import_module(f"{PACKAGE}.ff1").encrypt
    texts = [f"{value:0{DIGITS}}" for value in values[:SLOW_VALUES].tolist()]
    named = key.hex(), TWEAK.hex(), "0123456789"
    if cipher.encrypt(TWEAK, texts[0]) != encrypt(*named, texts[0]):
        raise ArithmeticError

    def theirs() -> float:
        started = time.perf_counter()
        for text in texts:
            encrypt(*named, text)
        return len(texts) / (time.perf_counter() - started)

    compared = alternate(ours, theirs, sizes.rounds)
    yield Figure(
        name="ff1", backend="-", value=compared.ours, unit="values/s", yardstick=PACKAGE, ratio=compared.ratio, goal=20
    )
