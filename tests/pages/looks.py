"""How a page looks: judged by rules where rules can judge, and photographed for people.

`SHOTS=1 pytest tests/pages` writes the pictures to docs/pages/.
"""

import os
from io import BytesIO
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_FILE_PATH
from PIL import Image
from playwright.sync_api import Page

SHOTS = Path(__file__).parents[2] / "docs" / "pages"
_SERIOUS = {"serious", "critical"}
_AXE = Path(str(AXE_FILE_PATH)).read_text(encoding="utf-8")

_SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')].filter(one => {
  if (one.type === 'hidden' || !one.checkVisibility() || one.closest('p, .away') || one.classList.contains('skip')) return false;
  const box = (one.closest('label') ?? one).getBoundingClientRect();
  return box.height < 43.5 || box.width < 43.5;
}).map(one => one.outerHTML.slice(0, 120))"""


def violations(page: Page) -> list[str]:
    """What axe-core finds seriously wrong with a page for people who see, hear or move otherwise."""
    page.evaluate(_AXE)  # through the debugger, which the page's content policy does not bind
    found: dict[str, Any] = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in found["violations"]
        if one["impact"] in _SERIOUS
        for node in one["nodes"]
    ]


def faint(page: Page) -> list[str]:
    """Words whose contrast to what is behind them is below 4.5, or 3 where they are large (WCAG 2.2, 1.4.3)."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    found: dict[str, Any] = page.evaluate("axe.run({runOnly: ['color-contrast'], resultTypes: ['violations']})")
    return [str(node["target"]) for one in found["violations"] for node in one["nodes"]]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    wider: int = page.evaluate("Math.max(0, document.documentElement.scrollWidth - window.innerWidth)")
    return wider


def small_targets(page: Page) -> list[str]:
    """What is to be tapped and is smaller than 44 pixels; links within a sentence are as high as it (WCAG 2.2, 2.5.8)."""
    small: list[str] = page.evaluate(_SMALL_TARGETS)
    return small


def judge(page: Page) -> None:
    """Fail where a page is not fit for everybody.

    Raises:
        AssertionError: it names what is wrong.
    """
    assert violations(page) == []
    assert overflow(page) == 0
    assert small_targets(page) == []


def shot(page: Page, name: str) -> None:
    """A picture of the whole page, where pictures are wanted; of 96 colours, which is enough for pages of ours."""
    if os.environ.get("SHOTS"):
        SHOTS.mkdir(exist_ok=True)
        taken = Image.open(BytesIO(page.screenshot(full_page=True, animations="disabled")))
        small = taken.convert("RGB").quantize(96, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        small.save(SHOTS / f"{name}.png", optimize=True)
