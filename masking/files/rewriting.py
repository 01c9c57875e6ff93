"""Files with what is personal in them masked: found in free text, or known by the column that it stands in."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice

from masking.files.records import Cell, Record, Source
from masking.mask import Masks, mask_many
from masking.redaction import Mode, Redactor

BATCH = 512
"""Records that are looked at together."""
Rewrite = Callable[[Sequence[Cell]], list[str]]


def rewritten(source: Source, rewrite: Rewrite, told: Callable[[int], None]) -> Iterator[bytes]:
    """The lines of a file, each with its end; `told` is given how many records were done, each time some are."""
    if source.header is not None:
        yield source.header + b"\n"
    while batch := list(islice(source.records, BATCH)):
        cells = [record.cells() for record in batch]
        texts = iter(rewrite([cell for record in cells for cell in record]))
        for record, its in zip(batch, cells, strict=True):
            yield _written(record, list(islice(texts, len(its))))
        told(len(batch))


def _written(record: Record, texts: Sequence[str]) -> bytes:
    return record.written(texts) + b"\n"


class Redaction:
    """Redacts the cells of some columns, of all where none is named; `found` counts what was found by column and kind.

    Cells without a column (lines of logs, rows that are wider or narrower than their header) are redacted always.
    """

    def __init__(self, redactor: Redactor, columns: Collection[str], mode: Mode, profile: str) -> None:
        self._redactor, self._columns, self._mode, self._profile = redactor, columns, mode, profile
        self.names = True
        self.found: Counter[tuple[str, str]] = Counter()

    def __call__(self, cells: Sequence[Cell]) -> list[str]:
        """The texts of the cells, in order."""
        texts = [cell.text for cell in cells]
        places = [
            place
            for place, cell in enumerate(cells)
            if not self._columns or not cell.column or cell.column in self._columns
        ]
        redacted = self._redactor.redact(
            [texts[place] for place in places], self._mode, profile=self._profile, names=self.names
        )
        for place, one in zip(places, redacted, strict=True):
            texts[place] = one.text
            column = cells[place].column
            self.found.update((column, span.kind) for span in one.spans)
            self.found[column, "hidden"] += one.hidden
        return texts


class Masking:
    """Masks the cells of columns by their kinds. Cells without a column are hidden whole: nobody knows what they are."""

    def __init__(self, kinds: Mapping[str, str], profile: str | Masks) -> None:
        self._kinds, self._profile = kinds, profile
        self.found: Counter[tuple[str, str]] = Counter()

    def __call__(self, cells: Sequence[Cell]) -> list[str]:
        """The texts of the cells, in order. An empty cell stays empty."""
        texts = [cell.text for cell in cells]
        places = [
            place for place, cell in enumerate(cells) if cell.text and (not cell.column or cell.column in self._kinds)
        ]
        pairs = [(self._kinds.get(cells[place].column, ""), texts[place]) for place in places]
        for place, (kind, _), masked in zip(places, pairs, mask_many(pairs, self._profile), strict=True):
            texts[place] = masked
            self.found[cells[place].column, kind or "hidden"] += 1
        return texts
