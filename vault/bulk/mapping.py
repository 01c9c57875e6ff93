"""Which column of a file is whose value of which kind: the ``--map`` grammar, and its meeting with a file's header."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from vault.identifier import KINDS

_PAIR: Final = r"[a-z][a-z0-9_]*="
# Column names may hold commas and colons, as spreadsheets' do; only what looks like ``kind=`` separates.
_SUBJECT: Final = re.compile(rf"(?P<subject>.+?):(?={_PAIR})")
_BETWEEN_PAIRS: Final = re.compile(rf",(?={_PAIR})")
_REF_COLUMN: Final = re.compile(r"\{([^{}]+)\}")


class MappingError(Exception):
    """A mapping that cannot be meant, or that a file's header does not serve. Names columns, never cells."""


@dataclass(frozen=True, slots=True)
class SubjectMap:
    """The columns that hold values of the subject named in ``subject_column``: (kind, column) each."""

    subject_column: str | None
    columns: tuple[tuple[str | None, str], ...]

    @classmethod
    def parse(cls, text: str) -> "SubjectMap":
        """Read ``SUBJECT:kind=COLUMN[,kind=COLUMN…]``. Raises MappingError."""
        head = _SUBJECT.match(text)
        pairs = [pair.partition("=") for pair in _BETWEEN_PAIRS.split(text[head.end() :])] if head else []
        if head is None or not all(column for _, _, column in pairs):
            raise MappingError(f"{text!r} is not of the form SUBJECT:kind=COLUMN,kind=COLUMN")
        return cls(head["subject"], tuple((kind, column) for kind, _, column in pairs))


@dataclass(frozen=True, slots=True)
class RefTemplate:
    """A business reference with columns in braces: ``order:{订单号}``."""

    text: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns named, in the order of their first mention."""
        return tuple(dict.fromkeys(_REF_COLUMN.findall(self.text)))

    def fill(self, cells: dict[str, str]) -> str:
        """Put the cells in. Not ``str.format``, whose fields reach attributes."""
        return _REF_COLUMN.sub(lambda named: cells[named[1]], self.text)


@dataclass(frozen=True, slots=True)
class Mapping:
    """All that a command line says of columns."""

    maps: tuple[SubjectMap, ...]
    keep: tuple[str, ...] = ()
    ref: RefTemplate | None = None

    @classmethod
    def of(
        cls,
        maps: Iterable[str],
        *,
        notes: Sequence[str] = (),
        loose: Sequence[str] = (),
        keep: Sequence[str] = (),
        ref: str | None = None,
    ) -> "Mapping":
        """Read the options. Raises MappingError.

        Notes become columns of kind ``note`` under the first map's subject; loose columns have no subject and no kind.
        """
        parsed = [SubjectMap.parse(text) for text in maps]
        if notes and not parsed:
            raise MappingError("--note needs a --map before it, whose subject the notes belong to")
        if notes:
            first = parsed[0]
            parsed[0] = SubjectMap(first.subject_column, (*first.columns, *(("note", column) for column in notes)))
        if loose:
            parsed.append(SubjectMap(None, tuple((None, column) for column in loose)))
        if not parsed:
            raise MappingError("no column is named to work on")
        mapping = cls(tuple(parsed), tuple(keep), RefTemplate(ref) if ref else None)
        mapping._refuse_unknown_kinds()
        mapping._refuse_two_uses_of_a_column()
        return mapping

    def _refuse_unknown_kinds(self) -> None:
        named = (kind for subject_map in self.maps for kind, _ in subject_map.columns)
        unknown = [kind for kind in named if kind is not None and kind not in KINDS]
        if unknown:
            raise MappingError(f"{unknown[0]} is no kind of personal data; there are {', '.join(KINDS)}")

    def _refuse_two_uses_of_a_column(self) -> None:
        mapped = [column for subject_map in self.maps for _, column in subject_map.columns]
        subjects = {subject_map.subject_column for subject_map in self.maps}
        for column in mapped:
            if mapped.count(column) > 1:
                raise MappingError(f"column {column} is mapped twice")
            if column in subjects:
                raise MappingError(f"column {column} is a subject and cannot be a value as well")
            if column in self.keep:
                raise MappingError(f"column {column} is mapped and cannot be kept as it is")
            if self.ref and column in self.ref.columns:
                raise MappingError(f"column {column} is mapped and cannot be part of --ref, which is stored as it is")

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that must be in the file, once each."""
        subjects = [subject_map.subject_column for subject_map in self.maps if subject_map.subject_column]
        mapped = [column for subject_map in self.maps for _, column in subject_map.columns]
        return tuple(dict.fromkeys([*subjects, *mapped, *self.keep, *(self.ref.columns if self.ref else ())]))


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A mapped column: where it is read, where it is written, and whose value of which kind it holds."""

    name: str
    source: int
    target: int
    kind: str | None
    subject: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A mapping laid over one header. ``kept`` pairs source and target of the columns that are copied as they are:
    the subjects', those of ``--ref``, and those of ``--keep``."""

    header: tuple[str, ...]
    output: tuple[str, ...]
    values: tuple[ValueColumn, ...]
    kept: tuple[tuple[int, int], ...]
    ref: RefTemplate | None
    ref_sources: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, mapping: Mapping, header: Sequence[str]) -> "Plan":
        """Find the mapping's columns in the header; the output keeps the header's order. Raises MappingError."""
        wanted = mapping.columns
        _refuse_a_header_that_lacks(wanted, header)
        place = {column: header.index(column) for column in wanted}
        output = tuple(column for column in header if column in place)
        target = {column: position for position, column in enumerate(output)}
        values = tuple(
            ValueColumn(
                name=column,
                source=place[column],
                target=target[column],
                kind=kind,
                subject=place[subject_map.subject_column] if subject_map.subject_column else None,
            )
            for subject_map in mapping.maps
            for kind, column in subject_map.columns
        )
        mapped = {value.name for value in values}
        return cls(
            header=tuple(header),
            output=output,
            values=values,
            kept=tuple((place[column], target[column]) for column in output if column not in mapped),
            ref=mapping.ref,
            ref_sources=tuple((column, place[column]) for column in (mapping.ref.columns if mapping.ref else ())),
        )


def _refuse_a_header_that_lacks(wanted: Sequence[str], header: Sequence[str]) -> None:
    missing = [column for column in wanted if column not in header]
    if missing:
        found = ", ".join(header) or "none"
        raise MappingError(f"missing column: {', '.join(missing)}\ncolumns of the file: {found}")
    twice = [column for column in wanted if header.count(column) > 1]
    if twice:
        raise MappingError(f"the file has column {', '.join(twice)} more than once")
