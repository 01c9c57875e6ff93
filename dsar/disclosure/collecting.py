"""Collecting what goes into a package: from every holder, and from the log."""

from collections.abc import Collection as Among
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.entry import SubjectRef
from dsar.disclosure.accesses import access
from dsar.disclosure.category import ACCESS_LOG, CONSENTS, category_of
from dsar.disclosure.collection import Collection
from dsar.disclosure.ports import AccessEntries, Rules
from dsar.disclosure.words import Words
from dsar.holders.holder import Act, Errand, Holder, Holding, Person
from dsar.request import Request
from dsar.right import Right

INVENTORY, DISCLOSE = "inventory", "disclose"
LOG = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """For whom is collected: the request, the person, and the language."""

    request: Request
    person: Person
    ref: SubjectRef
    words: Words


def held(holders: Sequence[Holder], person: Person, errand: Errand) -> list[Holding]:
    """What is held of the person by each holder that counts.

    Raises:
        HolderAwayError: one does not answer now.
        HolderRefusedError: one will not.
    """
    return [one for holder in holders if Act.INVENTORY in holder.acts for one in holder.inventory(person, errand)]


def collect(
    asked: Asked,
    holders: Sequence[Holder],
    accesses: AccessEntries,
    rules: Rules,
    into: Collection,
    holdings: Sequence[Holding],
) -> None:
    """Put into the collection what the right gives: everything, or for portability what was given by consent or for a contract.
    An explanation holds no data.

    Raises:
        HolderAwayError: a holder does not answer now.
        HolderRefusedError: one will not.
        OSError: the disk does not take it.
    """
    right = asked.request.right
    if right is Right.EXPLANATION:
        return
    given = Given(rules, holdings) if right is Right.PORTABILITY else None
    for holder in holders:
        if Act.DISCLOSE not in holder.acts:
            continue
        errand = Errand(request=asked.request.id, key=DISCLOSE)
        for category, fields in holder.disclose(asked.person, errand):
            if given is None or given.takes(holder.name, category, fields):
                into.add(holder.name, category, fields)
    if right is Right.ACCESS:
        titles = {rule.purpose: rule.title for rule in rules.rules}
        for fields in accesses.of(asked.request.tenant, asked.ref):
            into.keep(LOG, ACCESS_LOG, access(fields, asked.words, titles))


class Given:
    """What people gave by consent or for a contract (GDPR 20(1); Network Data Regulations art. 25(2)): what is kept for at least
    one purpose on such a ground. What a record does not say of its purposes is taken from the holder's inventory of its
    category."""

    def __init__(self, rules: Rules, holdings: Sequence[Holding]) -> None:
        self._purposes = frozenset(rule.purpose for rule in rules.rules if rule.given)
        self._by_category: dict[tuple[str, str], set[str]] = {}
        for one in holdings:
            self._by_category.setdefault((one.holder, one.category), set()).add(one.purpose)

    def takes(self, holder: str, category: str, fields: Mapping[str, Any]) -> bool:
        """Whether a record moves with the person."""
        if category_of(category) == CONSENTS:
            return False
        named: Among[str] = set(_purposes(fields)) or self._by_category.get((holder, category), set())
        return not self._purposes.isdisjoint(named)


def _purposes(fields: Mapping[str, Any]) -> Iterator[str]:
    """The purposes that a record names: as `purpose`, `purposes`, or in the list of its `uses`."""
    if isinstance(one := fields.get("purpose"), str):
        yield one
    for name in ("purposes", "uses"):
        listed = fields.get(name)
        for item in listed if isinstance(listed, list | tuple) else ():
            purpose = item.get("purpose") if isinstance(item, Mapping) else item
            if isinstance(purpose, str):
                yield purpose


def wanted(holdings: Sequence[Holding], rules: Rules) -> Rules:
    """The rules that apply to the person: of the purposes that something is held for; all of them where nothing tells."""
    purposes = {one.purpose for one in holdings if one.purpose}
    chosen = tuple(rule for rule in rules.rules if rule.purpose in purposes)
    return rules if not chosen else rules.only(chosen)
