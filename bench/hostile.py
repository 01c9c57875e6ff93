"""Whether texts made to be slow are searched in time that grows with their length, and no faster."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from bench.figure import Figure
from bench.plan import Sizes
from masking.detection.scanning import Scanner
from masking.finding import Finder, Names
from masking.names.finding import NamesHere

LENGTH: Final = 100_000
"""Code points of the shorter text; the longer has twice as many."""
NAMED_LENGTH: Final = 10_000
TIME_AT_MOST: Final = 2.5
"""What twice the length may take, times what the length takes."""

UNITS: Final[Mapping[str, str]] = {
    "digits": "7",
    "digits, each parted": "1 -",
    "numerals in disguise": "一l３О-",
    "nested separators": "((0)-_.*~/,",
    "half a mailbox": "a.b-",
    "numbers of addresses": "路1号2幢",
    "divisions": "杭州市西湖区",
    "mixed scripts": "张1a٣é한\u200b号",
    "invisible": "1\u200b\u2060",
    "values": "13812345678 ",
}


def redact_growth(sizes: Sizes) -> Iterator[Figure]:
    """Code points a second of the longer text over those of the shorter, of the text that grows the worst."""
    scanning = Finder(Scanner())
    yield _worst("redact_growth", scanning, LENGTH, sizes.rounds)
    yield _worst("redact_growth_names", Finder(Scanner(), _started(NamesHere())), NAMED_LENGTH, 1)


def _started(names: Names) -> Names:
    names.names(["张三到了"])
    return names


def _worst(name: str, finder: Finder, length: int, rounds: int) -> Figure:
    speeds: dict[str, tuple[float, float]] = {}
    for told, unit in UNITS.items():
        text = unit * (2 * length // len(unit))
        speeds[told] = _speed(finder, text[:length], rounds), _speed(finder, text, rounds)
    worst = min(speeds, key=lambda told: speeds[told][1] / speeds[told][0])
    short, long = speeds[worst]
    return Figure(
        name=f"{name}: {worst}", backend="-", value=long, unit=f"code points/s at {2 * length:,}",
        yardstick=f"at {length:,}", ratio=long / short, goal=2 / TIME_AT_MOST,
    )  # fmt: skip


def _speed(finder: Finder, text: str, rounds: int) -> float:
    return max(_once(lambda: finder.find([text]), len(text)) for _ in range(rounds))


def _once(work: Callable[[], object], count: int) -> float:
    started = time.process_time()
    work()
    return count / max(time.process_time() - started, 1e-6)
