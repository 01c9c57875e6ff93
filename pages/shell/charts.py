"""Charts as SVG, drawn on the server: no script, no style of their own; colours come from the style sheet by class.

The picture is an image with a name for whoever does not see it, and templates set the numbers beside it in words
(`shell/chart.html`). Labels are texts of ours and are escaped all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

from markupsafe import Markup

Points = Sequence[tuple[str, int]]
"""Labels and counts, in the order in which they are drawn."""

COLOURS = 6
_WIDTH, _HEIGHT = 400, 190
_LEFT, _BOTTOM, _TOP = 8, 24, 18
_LETTER = 12
"""How wide a letter of a label is at most, and the space behind it."""


@dataclass(frozen=True, slots=True)
class Stacks:
    """Bars of parts over time: `labels` are those of the bars, `parts` have a name and a count for each bar."""

    labels: Sequence[str]
    parts: Sequence[tuple[str, Sequence[int]]]

    @property
    def totals(self) -> Sequence[int]:
        """The whole of each bar."""
        return [sum(counts[place] for _, counts in self.parts) for place in range(len(self.labels))]


class Charts:
    """What templates draw by."""

    def bars(self, points: Points, name: str) -> Markup:
        """A bar for each point, with its count on top."""
        most = max((count for _, count in points), default=0) or 1
        step = (_WIDTH - 2 * _LEFT) / max(len(points), 1)
        width = min(step * 0.62, 56)
        drawn = [_baseline()]
        for place, (label, count) in enumerate(points):
            middle = _LEFT + step * (place + 0.5)
            top = _y(count, most)
            drawn.append(
                Markup(
                    '<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="4"/>'
                    '<text class="value" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>'
                    '<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>'
                ).format(
                    middle - width / 2,
                    top,
                    width,
                    _HEIGHT - _BOTTOM - top,
                    middle,
                    top - 6,
                    count,
                    middle,
                    _HEIGHT - 6,
                    label,
                )
            )
        return _picture(drawn, name)

    def stacks(self, bars: Stacks, name: str) -> Markup:
        """A bar for each label, of its parts one above the other, with the whole on top; labels as far as there is room."""
        totals = bars.totals
        most = max(totals, default=0) or 1
        step = (_WIDTH - 2 * _LEFT) / max(len(totals), 1)
        width = min(step * 0.72, 56)
        every = max(1, -(-len(totals) * max(map(len, bars.labels), default=1) * _LETTER // (_WIDTH - 2 * _LEFT)))
        drawn = [_baseline()]
        for place, (label, total) in enumerate(zip(bars.labels, totals, strict=True)):
            middle, below = _LEFT + step * (place + 0.5), 0
            for part, (_, counts) in enumerate(bars.parts):
                if counts[place]:
                    top, floor = _y(below + counts[place], most), _y(below, most)
                    drawn.append(
                        Markup('<rect class="part f{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                            part % COLOURS, middle - width / 2, top, width, floor - top
                        )
                    )
                    below += counts[place]
            if total and step >= len(str(total)) * _LETTER:
                drawn.append(_text(middle, _y(total, most) - 6, total, "value"))
            if (len(totals) - 1 - place) % every == 0:
                drawn.append(_text(middle, _HEIGHT - 6, label, "label"))
        return _picture(drawn, name)

    def line(self, points: Points, name: str) -> Markup:
        """A line through all points, with the first and the last label, and the count of the last."""
        most = max((count for _, count in points), default=0) or 1
        step = (_WIDTH - 48) / max(len(points) - 1, 1)
        places = [(_LEFT + step * place, _y(count, most)) for place, (_, count) in enumerate(points)]
        if not places:
            return _picture([_baseline()], name)
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        floor = _HEIGHT - _BOTTOM
        (first_x, _), (last_x, last_y) = places[0], places[-1]
        drawn = Markup(
            '<polygon class="area" points="{:.1f},{} {} {:.1f},{}"/><polyline class="line" points="{}"/>'
            '<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="4"/><text class="value" x="{:.1f}" y="{:.1f}">{}</text>'
            '<text x="{:.1f}" y="{}">{}</text><text x="{:.1f}" y="{}" text-anchor="end">{}</text>'
        ).format(
            first_x,
            floor,
            path,
            last_x,
            floor,
            path,
            last_x,
            last_y,
            last_x + 10,
            last_y + 4,
            points[-1][1],
            first_x,
            _HEIGHT - 6,
            points[0][0],
            last_x,
            _HEIGHT - 6,
            points[-1][0],
        )
        return _picture([_baseline(), drawn], name)

    def donut(self, points: Points, name: str) -> Markup:
        """Parts of a whole, the total in the middle; beside it stands the legend in the same order of colours."""
        total = sum(count for _, count in points)
        radius = 56
        around = 2 * pi * radius
        drawn = [Markup('<circle class="grid arc" cx="80" cy="80" r="56" fill="none"/>')]
        start = 0.0
        for place, (_, count) in enumerate(points):
            length = around * count / (total or 1)
            if count:
                drawn.append(
                    Markup(
                        '<circle class="arc c{}" cx="80" cy="80" r="56" stroke-dasharray="{:.2f} {:.2f}" '
                        'stroke-dashoffset="{:.2f}" transform="rotate(-90 80 80)"/>'
                    ).format(place % COLOURS, length, around - length, -start)
                )
            start += length
        drawn.append(Markup('<text class="total" x="80" y="89" text-anchor="middle">{}</text>').format(total))
        return _picture(drawn, name, width=160, height=160)


def _text(x: float, y: float, said: object, kind: str) -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>').format(kind, x, y, said)


def _y(count: int, most: int) -> float:
    return _TOP + (_HEIGHT - _BOTTOM - _TOP) * (1 - count / most)


def _baseline() -> Markup:
    return Markup('<line class="grid" x1="0" x2="{}" y1="{}" y2="{}"/>').format(
        _WIDTH, _HEIGHT - _BOTTOM, _HEIGHT - _BOTTOM
    )


def _picture(drawn: Sequence[Markup], name: str, *, width: int = _WIDTH, height: int = _HEIGHT) -> Markup:
    head = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(width, height, name)
    return head + Markup("").join(drawn) + Markup("</svg>")
