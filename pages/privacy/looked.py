"""Who looked at it: the log about a person in plain words, the newest first, what is alike and close together said once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask import Blueprint, Response, request

from audit.published import NotPublishedError, Place
from consent.catalogue import Catalogue
from consent.locale import Locale
from database.columns import millis
from dsar.disclosure.accesses import group_of, role_of
from dsar.disclosure.category import category_of
from dsar.disclosure.words import words_of
from pages.privacy.around import Around
from pages.privacy.visitors import Person, at

SHOWN = 30
READ = 60
READ_AT_ONCE = 4
"""How often so many entries are read for one page that shows others only."""
CLOSE_MS = 30 * 60_000
"""Alike entries within half an hour of the one before are one line."""

SELF = "self"
DENIED = "denied"


class Line(NamedTuple):
    """One line: `who` and `did` are codes, `kinds` and `purpose` words; `times` are those of its entries, the newest first."""

    who: str
    did: str
    refused: bool
    kinds: tuple[str, ...]
    purpose: str | None
    times: tuple[int, ...]


class Day(NamedTuple):
    """A day with its lines; `at` is the moment of the newest."""

    at: int
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A page of the log, as far as it is shown."""

    lines: Sequence[Line]
    next: Place | None
    published: bool = True


class Looked:
    """The log."""

    def __init__(self, around: Around) -> None:
        self._around = around

    def add(self, pages: Blueprint) -> None:
        """Enter the view."""
        pages.add_url_rule("/looked", "looked", self._around.doors.inside(self.look), methods=["GET"])

    def look(self, tenant: str) -> Response:  # noqa: ARG002 - stands in every address
        """A page of it: what others did, or everything."""
        person, everything = self._around.who(), request.args.get("show") == "all"
        seen = self._seen(person, _place(request.args.get("after", "")), everything=everything)
        moments = self._around.site.moments()
        days: dict[str, list[Line]] = {}
        for line in seen.lines:
            days.setdefault(moments.day(line.times[0]), []).append(line)
        show = "all" if everything else None
        more = None if seen.next is None else at("looked", after=f"{seen.next.log}.{seen.next.leaf}", show=show)
        return self._around.page(
            "looked",
            days=[Day(lines[0].times[0], lines) for lines in days.values()],
            everything=everything,
            published=seen.published,
            next=more,
            first=at("looked", show=show) if "after" in request.args else None,
        )

    def _seen(self, person: Person, after: Place | None, *, everything: bool) -> _Seen:
        catalogue = self._around.use.catalogues.edition(person.tenant).catalogue
        locale, entries = self._around.site.locale(), list[Mapping[str, Any]]()
        for _ in range(READ_AT_ONCE):
            try:
                page = self._around.use.accesses.of(person.tenant, person.number, after=after, limit=READ)
            except NotPublishedError:
                return _Seen((), None, published=False)
            shown = [one for one in page.entries if everything or role_of(one.fields) != SELF]
            wanted = shown[: SHOWN - len(entries)]
            entries += [one.fields for one in wanted]
            after = page.next if len(wanted) == len(shown) else wanted[-1].place
            if after is None or len(entries) == SHOWN:
                break
        words = _Words(catalogue, locale)
        return _Seen(tuple(merged(words.line(fields) for fields in entries)), after)


def merged(lines: Iterator[Line]) -> Iterator[Line]:
    """Lines with those that are alike and close together made one; several kinds of one moment, too."""
    last: Line | None = None
    for line in lines:
        if last is not None and _joins(last, line):
            kinds = tuple(dict.fromkeys((*last.kinds, *line.kinds)))
            times = last.times if last.times[-1] == line.times[0] else (*last.times, *line.times)
            last = last._replace(kinds=kinds, times=times)
            continue
        if last is not None:
            yield last
        last = line
    if last is not None:
        yield last


def _joins(last: Line, line: Line) -> bool:
    alike = (last.who, last.did, last.refused, last.purpose) == (line.who, line.did, line.refused, line.purpose)
    same_moment = last.times == line.times
    return alike and (same_moment or (last.kinds == line.kinds and last.times[-1] - line.times[0] <= CLOSE_MS))


class _Words:
    """The words of one page: most of its lines say the same."""

    def __init__(self, catalogue: Catalogue, locale: Locale) -> None:
        self._catalogue = catalogue
        self._spoken = locale if locale in catalogue.locales else catalogue.locales[0]
        self._categories = words_of(locale.value).categories
        self._titles: dict[str, str | None] = {}

    def line(self, fields: Mapping[str, Any]) -> Line:
        """An entry as a line."""
        purpose, kind = fields.get("purpose"), fields.get("kind")
        return Line(
            role_of(fields),
            group_of(fields["action"]),
            fields["outcome"] == DENIED,
            () if kind is None or kind not in self._categories else (self._categories[category_of(kind)],),
            None if purpose is None else self._title(purpose),
            (millis(datetime.fromisoformat(fields["at"])),),
        )

    def _title(self, purpose: str) -> str | None:
        if purpose not in self._titles:
            known = self._catalogue.knows(purpose)
            self._titles[purpose] = self._catalogue.notice(purpose).texts[self._spoken].title if known else None
        return self._titles[purpose]


def _place(text: str) -> Place | None:
    """A place in the log that an address names; None for the newest, and for what is none."""
    log, _, leaf = text.partition(".")
    if not all(one.isascii() and one.isdigit() and len(one) <= 15 for one in (log, leaf)):
        return None
    return Place(int(log), int(leaf))
