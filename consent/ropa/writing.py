"""A record of processing activities as HTML, JSON or CSV.

HTML is one file that needs nothing else: no script, no font and no image from anywhere. CSV has one row for each activity and
begins with the mark by which spreadsheets know UTF-8; a cell that one would take for a formula begins with an apostrophe.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from io import StringIO
from pathlib import Path

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from consent.ropa.record import Activity, Gets, Kind, Record
from consent.ropa.words import WORDS

MEDIA_TYPES: Mapping[str, str] = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS: Mapping[str, Callable[[Record, Activity], object]] = {
    "activity": lambda _, one: one.id,
    "parent": lambda _, one: one.parent or "",
    "title": lambda _, one: one.title,
    "purpose": lambda _, one: one.description,
    "ground_pipl": lambda _, one: one.pipl,
    "ground_gdpr": lambda _, one: one.gdpr,
    "people": lambda _, one: "; ".join(one.subjects),
    "kinds": lambda _, one: _named(one.kinds),
    "sensitive_kinds": lambda _, one: _named(tuple(kind for kind in one.kinds if kind.sensitive)),
    "recipients": lambda record, one: "; ".join(_gets(record, to) for to in one.recipients),
    "transfers_abroad": lambda _, one: "; ".join(f"{to.name}, {to.country}: {to.transfer}" for to in one.transfers),
    "retention": lambda _, one: one.retention,
    "retention_days": lambda _, one: one.retention_days or "",
    "separate_consent": lambda _, one: one.separate or "",
    "minors": lambda _, one: one.minors,
    "consent_valid_days": lambda _, one: one.validity_days or "",
    "notice_version": lambda _, one: one.notice_version,
    "notice_sha256": lambda _, one: one.notice_sha256,
    "assessment_needed": lambda _, one: "yes" if one.assessment_needed else "no",
    "assessment": lambda _, one: one.assessment or "",
    "assessment_result": lambda _, one: one.assessment_result or "",
}


def written(record: Record, form: str) -> bytes:
    """The record in one of the forms of MEDIA_TYPES."""
    writers: Mapping[str, Callable[[Record], bytes]] = {"html": _html, "json": _json, "csv": _csv}
    return writers[form](record)


def file_name(record: Record, form: str) -> str:
    """What a saved record is called."""
    return f"ropa-v{record.catalogue_version}-{record.locale}.{form}"


def _html(record: Record) -> bytes:
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
    )
    page = templates.get_template("ropa/record.html").render(
        record=record, words=WORDS[record.locale].headings, moment=_moment, gets=partial(_gets, record)
    )
    return page.encode()


def _moment(time: str) -> str:
    """A time of RFC 3339 to the minute, for people."""
    return f"{time[:10]} {time[11:16]} UTC"


def _json(record: Record) -> bytes:
    return orjson.dumps(asdict(record), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _csv(record: Record) -> bytes:
    lines = StringIO()
    writer = csv.writer(lines)
    writer.writerow(["controller", "catalogue_version", *_COLUMNS])
    for activity in record.activities:
        writer.writerow([_cell(cell) for cell in _row(record, activity)])
    return lines.getvalue().encode("utf-8-sig")


def _row(record: Record, activity: Activity) -> Iterator[object]:
    yield record.controller
    yield record.catalogue_version
    for column in _COLUMNS.values():
        yield column(record, activity)


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _named(kinds: tuple[Kind, ...]) -> str:
    return "; ".join(kind.name for kind in kinds)


def _gets(record: Record, one: Gets) -> str:
    """A recipient, and what it gets."""
    words = WORDS[record.locale].headings
    kinds = words["between"].join(kind.name for kind in one.kinds)
    return words["gets"].format(name=one.name, capacity=one.capacity, country=one.country, kinds=kinds)
