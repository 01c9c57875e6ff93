"""What the tests of the documentation read out of a Markdown file."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) +(.+)$", re.MULTILINE)
_ANCHORED = re.compile(r'^<a id="([a-z0-9-]+)"></a>\n(#{1,6}) ', re.MULTILINE)
_ANCHOR = re.compile(r'<a id="([a-z0-9-]+)"></a>')
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_NOT_IN_SLUG = re.compile(r"[^\w\- ]")


@dataclass(frozen=True)
class Block:
    """A fenced block of code."""

    language: str
    text: str


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def blocks(self) -> list[Block]:
        """Its fenced blocks, in order."""
        return [Block(language, text) for language, text in _FENCED.findall(self.text)]

    @property
    def prose(self) -> str:
        """Everything outside fenced blocks."""
        return _FENCED.sub("", self.text)

    @property
    def headings(self) -> list[tuple[str, str]]:
        """(level, anchor) of each heading that has an anchor of its own before it."""
        return [(level, anchor) for anchor, level in _ANCHORED.findall(self.prose)]

    @property
    def bare_headings(self) -> int:
        """How many headings there are, anchored or not."""
        return len(_HEADING.findall(self.prose))

    @property
    def links(self) -> list[str]:
        """Targets of its links, in order."""
        return _LINK.findall(self.prose)

    @property
    def anchors(self) -> set[str]:
        """What a link into this page may name: anchors, and headings as forges write them."""
        slugs = {_NOT_IN_SLUG.sub("", title.lower()).replace(" ", "-") for _, title in _HEADING.findall(self.prose)}
        return slugs | set(_ANCHOR.findall(self.prose))

    def section(self, anchor: str) -> "list[Block]":
        """The blocks from an anchor to the next heading of its level or above."""
        after = self.text.split(f'<a id="{anchor}"></a>\n', 1)[1]
        level = len(after) - len(after.lstrip("#"))
        following = re.search(rf"^#{{1,{level}}} ", after[level:], re.MULTILINE)
        part = after if following is None else after[: level + following.start()]
        return [Block(language, text) for language, text in _FENCED.findall(part)]


def pages() -> list[Page]:
    """Every Markdown file that the project ships."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("clients/*/*.md")]
    return [Page(path) for path in sorted(found)]
