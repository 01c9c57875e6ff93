"""What was collected for a package, by category: each category's records in a spool, and what the page says of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import orjson

from dsar.disclosure.category import CATEGORIES, CONSENTS, OTHER, category_of, member_of
from dsar.disclosure.redaction import Redaction
from dsar.disclosure.rows import csv_line, json_line, shown
from dsar.disclosure.spool import Spool

SHOWN_AT_MOST = 20
"""Records of a category that the page shows; the files hold all."""
SHOWN_COLUMNS = 12
SHOWN_CHARACTERS = 160
COLUMNS_AT_MOST = 200
"""Fields of a category that have a column of their own; the others share the last one, as JSON."""
MORE = "more"

_MARK = b"\xef\xbb\xbf"
"""The mark by which spreadsheets know UTF-8."""


@dataclass(slots=True)
class Section:
    """One category. `first` are records for the page, cut to what it shows."""

    category: str
    spool: Spool
    columns: dict[str, None] = field(default_factory=dict)
    crowded: bool = False
    systems: dict[str, None] = field(default_factory=dict)
    first: list[dict[str, str]] = field(default_factory=list)

    def add(self, system: str, record: Mapping[str, Any]) -> None:
        """Keep a record. Raises OSError where the disk does not take it."""
        self.systems[system] = None
        for name in record:
            if name not in self.columns:
                if len(self.columns) < COLUMNS_AT_MOST:
                    self.columns[name] = None
                else:
                    self.crowded = True
        if len(self.first) < SHOWN_AT_MOST:
            cut = list(record.items())[:SHOWN_COLUMNS]
            self.first.append({shown(name, SHOWN_CHARACTERS): shown(value, SHOWN_CHARACTERS) for name, value in cut})
        self.spool.add(json_line(record))

    def json(self) -> Iterator[bytes]:
        """The octets of its JSON member: {"category", "count", "records": […]}."""
        head = {"category": self.category, "count": self.spool.count}
        yield orjson.dumps(head)[:-1] + b',"records":['
        for number, line in enumerate(self.spool.lines()):
            yield (b",\n" if number else b"\n") + line
        yield b"\n]}\n"

    def csv(self) -> Iterator[bytes]:
        """The octets of its CSV member, one column for each field."""
        columns = list(self.columns)
        yield _MARK + csv_line([*columns, MORE] if self.crowded else columns)
        for line in self.spool.lines():
            record = orjson.loads(line)
            cells = [record.pop(name, None) for name in columns]
            yield csv_line([*cells, record or None] if self.crowded else cells)


class Collection:
    """The sections of one package. To be closed, with all that is in them."""

    def __init__(self, directory: Path, redaction: Redaction) -> None:
        self._directory = directory
        self._redaction = redaction
        self._sections: dict[str, Section] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for section in self._sections.values():
            section.spool.close()

    def add(self, system: str, category: str, record: Mapping[str, Any]) -> None:
        """Keep what a system gave, without other people. Its category is the system's own word. A record of consent names nobody
        but those who answer for data.

        Raises:
            OSError: the disk does not take it.
        """
        known = category_of(category)
        if known == CONSENTS:
            self.keep(system, known, record)
            return
        kept = {"category": category, **record} if known == OTHER else record
        self.keep(system, known, self._redaction.redacted(kept))

    def keep(self, system: str, category: str, record: Mapping[str, Any]) -> None:
        """Keep a record that names nobody else, in a category of the closed set.

        Raises:
            OSError: the disk does not take it.
        """
        if category not in self._sections:
            self._sections[category] = Section(category, Spool(self._directory))
        self._sections[category].add(system, record)

    @property
    def records(self) -> int:
        """How many there are in all."""
        return sum(one.spool.count for one in self._sections.values())

    def sections(self) -> list[Section]:
        """In the order of the closed set; only those that have something."""
        return [self._sections[one] for one in CATEGORIES if one in self._sections]

    def section(self, category: str) -> Section | None:
        """The section of a category, if something is in it."""
        return self._sections.get(category)

    def members(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Names and octets of the members that hold what was collected."""
        for section in self.sections():
            yield member_of(section.category, "json"), section.json()
            yield member_of(section.category, "csv"), section.csv()
