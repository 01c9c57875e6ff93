"""The page of a package: what a person reads who opens it, on whatever screen. It needs nothing but itself: no script, no font
and no image, and nothing is fetched from anywhere. Every value is escaped, cut short, and set apart from the text around it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from database.columns import rfc3339
from dsar.disclosure.category import ACCESS_LOG, CONSENTS, category_of, member_of
from dsar.disclosure.collection import Collection, Section
from dsar.disclosure.manifest import Manifest
from dsar.disclosure.ports import Rules
from dsar.disclosure.words import Words
from dsar.holders.holder import Holding
from dsar.right import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One category as the page shows it."""

    name: str
    count: int
    systems: str
    purposes: str
    kept: tuple[str, ...]
    file: str
    columns: Mapping[str, str]
    rows: tuple[Mapping[str, str], ...]

    @property
    def more(self) -> int:
        """How many records the page leaves to the files."""
        return self.count - len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What the page tells of. `received_at` and `made_at` are in milliseconds since the epoch."""

    manifest: Manifest
    rules: Rules
    words: Words
    holdings: Sequence[Holding]
    received_at: int
    made_at: int


def written(telling: Telling, collection: Collection) -> bytes:
    """The octets of index.html."""
    headings = telling.words.headings
    kind = {Right.EXPLANATION: "explanation_", Right.PORTABILITY: "portability_"}.get(telling.manifest.right, "")
    listed = [one for one in collection.sections() if one.category not in {CONSENTS, ACCESS_LOG}]
    page = _template().render(
        words=headings,
        lang=telling.words.locale,
        title=headings[f"{kind}title"],
        intro=headings[f"{kind}intro"],
        tells_data=telling.manifest.right is not Right.EXPLANATION,
        manifest=telling.manifest,
        rules=telling.rules,
        rights=telling.words.rights,
        received=_moment(rfc3339(telling.received_at)),
        made=_moment(rfc3339(telling.made_at)),
        categories=[_shown(one, telling) for one in listed],
        consents=collection.section(CONSENTS) is not None,
        accesses=_accesses(collection.section(ACCESS_LOG)),
        moment=_moment,
    )
    return page.encode()


def _shown(section: Section, telling: Telling) -> Shown:
    words = telling.words
    held = [one for one in telling.holdings if category_of(one.category) == section.category]
    columns = tuple(dict.fromkeys(name for row in section.first for name, text in row.items() if text))
    return Shown(
        name=words.categories[section.category],
        count=section.spool.count,
        systems=", ".join(section.systems),
        purposes=", ".join(_titles(telling.rules, (one.purpose for one in held))),
        kept=tuple(_kept(held, words)),
        file=member_of(section.category, "csv"),
        columns={name: words.columns.get(name, name) for name in columns},
        rows=tuple(section.first),
    )


def _titles(rules: Rules, purposes: Iterable[str]) -> list[str]:
    titles = {rule.purpose: rule.title for rule in rules.rules}
    return list(dict.fromkeys(titles.get(one, one) for one in purposes if one))


def _kept(held: Sequence[Holding], words: Words) -> list[str]:
    """By when what a law keeps may go. A hold has no end that could be told, and is no matter of the person's."""
    until = sorted({one.kept_until for one in held if one.kept_by is not None and one.kept_until is not None})
    return [words.headings["kept_until"].format(date=rfc3339(one)[:10]) for one in until]


def _accesses(section: Section | None) -> Sequence[Mapping[str, str]]:
    return () if section is None else section.first


def _moment(time: str) -> str:
    """A time of RFC 3339 to the minute, for people."""
    return f"{time[:10]} {time[11:16]} UTC"


@cache
def _template() -> Template:
    places = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return places.get_template("disclosure/index.html")
