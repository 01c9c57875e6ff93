"""A measured figure, and how the figures of a run are kept and shown.

Every ratio is the speed of ours over the speed of the yardstick, so that more is better everywhere and a goal is met where
`ratio >= goal`. Where the figure itself is a time, the ratio is the yardstick's time over ours.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import orjson
from rich.console import Console
from rich.table import Table

WIDTH = 130
RESULTS = Path(__file__).parent / "results.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the report. Without a yardstick there is no ratio; without a goal it stands for information only."""

    name: str
    backend: str
    value: float
    unit: str
    yardstick: str | None = None
    ratio: float | None = None
    goal: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is nothing to compare."""
        return None if self.ratio is None or self.goal is None else self.ratio >= self.goal


@dataclass(frozen=True, slots=True)
class Comparison:
    """Medians of alternating runs: the speed of ours, that of the yardstick, and of the ratios of neighbouring runs."""

    ours: float
    yardstick: float
    ratio: float


def alternate(ours: Callable[[], float], yardstick: Callable[[], float], rounds: int) -> Comparison:
    """Measure two speeds in turns, A B B A A B …, so that the drift of the machine falls on both alike."""
    speeds: list[tuple[float, float]] = []
    for turn in range(rounds):
        if turn % 2:
            other = yardstick()
            speeds.append((ours(), other))
        else:
            own = ours()
            speeds.append((own, yardstick()))
    return Comparison(
        median(own for own, _ in speeds),
        median(other for _, other in speeds),
        median(own / other for own, other in speeds),
    )


def write(figures: Sequence[Figure], path: Path = RESULTS) -> None:
    """Keep the figures as JSON, the shape of which other programs read."""
    path.write_bytes(orjson.dumps([asdict(figure) for figure in figures], option=orjson.OPT_INDENT_2))


def show(figures: Sequence[Figure]) -> None:
    """Print the figures as a table."""
    table = Table("figure", "backend", box=None, title="Ratios are speeds over the yardstick's: more is better.")
    for heading in ("value", "unit", "ratio", "yardstick", "goal", ""):
        table.add_column(heading, justify="left" if heading in {"unit", "yardstick"} else "right")
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        goal = "" if figure.goal is None else f"{figure.goal:g}"
        verdict = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}[figure.met]
        table.add_row(
            figure.name, figure.backend, f"{figure.value:,.4g}" if figure.value < 100 else f"{figure.value:,.0f}",
            figure.unit, ratio, figure.yardstick or "", goal, verdict,
        )  # fmt: skip
    Console(width=WIDTH).print(table)
