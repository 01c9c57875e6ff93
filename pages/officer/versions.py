"""Two versions of the whole catalogue, side by side: which purposes, recipients and texts one has that the other has not, to
the word."""

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from flask import Blueprint, Response, request

from consent.catalogue import Catalogue, Edition
from consent.catalogues.change import Change, changes
from consent.catalogues.reading import CatalogueReader
from consent.errors import CatalogueNotFoundError
from consent.locale import Locale
from pages.officer.around import Around
from pages.officer.naming import Naming, naming
from web.auth import caller
from web.edge_problems import NOT_FOUND
from web.problems import ProblemError

_WORD = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)
"""What is compared as one: a word of letters, white space, or a character of Chinese or of punctuation."""


class Piece(NamedTuple):
    """A run of words that both versions have (` `), or the later (`+`) or the earlier one (`-`) alone."""

    mark: str
    text: str


class Altered(NamedTuple):
    """A purpose that differs; `change` is None where its description alone does. `texts` are the lines of its notice and
    description that differ, with their words."""

    change: Change | None
    title: str
    gone: str
    come: str
    texts: Sequence[Sequence[Piece]]


class VersionPages:
    """The comparison of catalogues. Nothing in it is about a person."""

    def __init__(self, around: Around, reader: CatalogueReader) -> None:
        self._around = around
        self._reader = reader

    def add(self, pages: Blueprint) -> None:
        """Enter the route. No purpose is called `-`."""
        pages.add_url_rule("/catalogue/-/compare", "compare", self._around.door(self.compare))

    def compare(self) -> Response:
        """The version before the last and the last, or the two that are named."""
        known = [one.version for one in self._reader.versions(caller().tenant)]
        new = _chosen("new", known, known[-1])
        old = _chosen("old", known, max((one for one in known if one < new), default=new))
        before, after = self._names(old), self._names(new)
        return self._around.site.page(
            "officer/compare.html",
            old=old,
            new=new,
            versions=[(str(one), self._around.site.say("officer.catalogue.version", version=one)) for one in known],
            altered=list(_altered(before, after)),
            register=list(_register(before.edition, after.edition, after.locale)),
        )

    def _names(self, version: int) -> Naming:
        try:
            return naming(self._around.site, self._reader, version)
        except CatalogueNotFoundError:
            raise ProblemError(NOT_FOUND) from None


def _chosen(name: str, known: Sequence[int], usual: int) -> int:
    return next((one for one in known if str(one) == request.args.get(name)), usual)


def _altered(before: Naming, after: Naming) -> Iterator[Altered]:
    """Purposes that differ, those that the law makes something of and those whose words alone are others."""
    old, new = before.edition.catalogue, after.edition.catalogue
    known = {one.purpose: one for one in changes(old, new)}
    for name in [*new.purposes(), *(one for one in old.purposes() if not new.knows(one))]:
        had, has = _uses(old, name), _uses(new, name)
        lines = list(line_pieces(_words(old, name, before.locale), _words(new, name, after.locale)))
        change = known.get(name)
        if change is not None or lines:
            yield Altered(
                change,
                (after if new.knows(name) else before).purpose(name),
                before.kinds(had - has) if had - has else "",
                after.kinds(has - had) if has - had else "",
                lines,
            )


def _uses(catalogue: Catalogue, purpose: str) -> frozenset[str]:
    return catalogue.purpose(purpose).kinds if catalogue.knows(purpose) else frozenset()


def _words(catalogue: Catalogue, purpose: str, locale: Locale) -> str:
    """The description of a purpose and its notice; nothing where the catalogue has it not."""
    if not catalogue.knows(purpose):
        return ""
    return f"{catalogue.purpose(purpose).description[locale]}\n{catalogue.notice(purpose).texts[locale].text}"


def _register(before: Edition, after: Edition, locale: Locale) -> Iterator[Sequence[Piece]]:
    """Recipients that differ, each as a line of its words."""
    old, new = before.catalogue, after.catalogue
    for name in [*new.recipients, *(one for one in old.recipients if one not in new.recipients)]:
        was, is_now = _recipient(old, name, locale), _recipient(new, name, locale)
        if was != is_now:
            yield word_pieces(was, is_now)


def _recipient(catalogue: Catalogue, name: str, locale: Locale) -> str:
    one = catalogue.recipients.get(name)
    if one is None:
        return ""
    words = catalogue.names[locale]
    said = (
        one.name[locale],
        words.capacities[one.kind],
        words.countries[one.country],
        one.contact,
        one.safeguards[locale],
    )
    return " · ".join(said)


def line_pieces(old: str, new: str) -> Iterator[Sequence[Piece]]:
    """The lines that differ, in the order of the new text, each with the words that differ in it."""
    before, after = old.splitlines(), new.splitlines()
    for tag, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        was, is_now = [one for one in before[i:j] if one.strip()], [one for one in after[k:m] if one.strip()]
        both = min(len(was), len(is_now))
        yield from (word_pieces(*pair) for pair in zip(was[:both], is_now[:both], strict=True))
        yield from ([Piece("-", one)] for one in was[both:])
        yield from ([Piece("+", one)] for one in is_now[both:])


def word_pieces(old: str, new: str) -> Sequence[Piece]:
    """One line that has become another, by what stayed, went and came."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    pieces: list[Piece] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(" ", "".join(before[i:j])))
            continue
        pieces += [
            Piece(mark, text) for mark, text in (("-", "".join(before[i:j])), ("+", "".join(after[k:m]))) if text
        ]
    return pieces
