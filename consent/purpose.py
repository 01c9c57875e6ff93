"""Purposes: what personal data may be used for, on which ground in law, and which kinds each needs.

A catalogue is read from YAML text and immutable. It guarantees that every purpose has a ground under both laws and a
description in both languages, that a kind belongs to exactly one group, and that no purpose needs a kind unlisted there.

PIPL is the Personal Information Protection Law of the People's Republic of China (2021); GDPR is Regulation (EU) 2016/679.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from consent.errors import CatalogueError, UnknownPurposeError

_STARTER = Path(__file__).with_name("starter_purposes.yaml")


class PiplBasis(StrEnum):
    """The grounds of PIPL art. 13(1), in its order; all but the first need no consent."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_DUTY = "legal_duty"
    EMERGENCY = "emergency"
    PUBLIC_INTEREST_NEWS = "public_interest_news"
    ALREADY_PUBLIC = "already_public"
    OTHER_LAW = "other_law"


class GdprBasis(StrEnum):
    """The grounds of GDPR art. 6(1), letters a to f in their order."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"


class SeparateClass(StrEnum):
    """Why PIPL asks for a consent to this purpose alone (单独同意), never covered by a wider one."""

    SENSITIVE = "sensitive"
    """Sensitive personal information: art. 28-29."""
    SHARING = "sharing"
    """Providing it to another handler: art. 23."""
    PUBLICATION = "publication"
    """Disclosing it to the public: art. 25."""
    PUBLIC_IMAGE = "public_image"
    """Images from public places for another use than public safety: art. 26."""
    CROSS_BORDER = "cross_border"
    """Providing it to a recipient abroad: art. 39."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """One purpose. `kinds` are all that it needs; `description` is one line by locale, `zh-Hans` and `en`."""

    id: str
    pipl: PiplBasis
    gdpr: GdprBasis
    kinds: frozenset[str]
    separate: SeparateClass | None
    description: Mapping[str, str]

    @property
    def rests_on_consent(self) -> bool:
        """Whether either law allows this purpose only while the person consents."""
        return self.pipl is PiplBasis.CONSENT or self.gdpr is GdprBasis.CONSENT


class Catalogue:
    """The purposes in force, by id."""

    def __init__(self, purposes: Mapping[str, Purpose]) -> None:
        self._purposes = dict(purposes)

    def purposes(self) -> tuple[str, ...]:
        """The ids in the order of the catalogue."""
        return tuple(self._purposes)

    def purpose(self, purpose: str) -> Purpose:
        """The purpose of that id. Raises UnknownPurposeError."""
        try:
            return self._purposes[purpose]
        except KeyError:
            raise UnknownPurposeError from None

    def knows(self, purpose: str) -> bool:
        return purpose in self._purposes

    def necessary(self, purpose: str, kind: str) -> bool:
        """Whether the purpose needs the kind; false for an unknown purpose or kind (PIPL art. 6, GDPR art. 5(1)(c))."""
        known = self._purposes.get(purpose)
        return known is not None and kind in known.kinds


def starter_catalogue() -> Catalogue:
    """The purposes that Moat ships for a delivery platform."""
    return parse_catalogue(_STARTER.read_text(encoding="utf-8"))


def parse_catalogue(text: str) -> Catalogue:
    """A catalogue from its YAML text. Raises CatalogueError, naming the field, for anything missing, unknown or contradictory."""
    try:
        written = _CatalogueText.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as fault:
        raise CatalogueError(f"the catalogue is not YAML: {fault}") from None
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        raise CatalogueError(f"{'.'.join(str(step) for step in first['loc'])}: {first['msg']}") from None
    _refuse_shared_kinds(written.groups)
    return Catalogue({name: _purpose(name, purpose, written.groups) for name, purpose in written.purposes.items()})


_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
_Line = Annotated[str, StringConstraints(pattern=r"^[^\r\n]{1,200}$")]
_CLOSED = ConfigDict(extra="forbid", frozen=True)


class _BasisText(BaseModel):
    model_config = _CLOSED
    pipl: PiplBasis
    gdpr: GdprBasis


class _DescriptionText(BaseModel):
    model_config = _CLOSED
    zh_hans: Annotated[_Line, Field(alias="zh-Hans")]
    en: _Line


class _PurposeText(BaseModel):
    model_config = _CLOSED
    basis: _BasisText
    separate: SeparateClass | None = None
    groups: tuple[_Name, ...] = ()
    kinds: tuple[_Name, ...] = ()
    description: _DescriptionText


class _CatalogueText(BaseModel):
    model_config = _CLOSED
    groups: dict[_Name, tuple[_Name, ...]]
    purposes: Annotated[dict[_Name, _PurposeText], Field(min_length=1)]


def _refuse_shared_kinds(groups: Mapping[str, tuple[str, ...]]) -> None:
    home: dict[str, str] = {}
    for group, kinds in groups.items():
        for kind in kinds:
            if home.setdefault(kind, group) != group:
                raise CatalogueError(f"groups.{group}: {kind} is already in {home[kind]}")


def _purpose(name: str, written: _PurposeText, groups: Mapping[str, tuple[str, ...]]) -> Purpose:
    known = {kind for kinds in groups.values() for kind in kinds}
    for group in written.groups:
        if group not in groups:
            raise CatalogueError(f"purposes.{name}.groups: there is no group {group}")
    for kind in written.kinds:
        if kind not in known:
            raise CatalogueError(f"purposes.{name}.kinds: no group holds the kind {kind}")
    needed = frozenset(written.kinds).union(*(groups[group] for group in written.groups))
    if not needed:
        raise CatalogueError(f"purposes.{name}: needs no kind of personal data, so it is no purpose here")
    return Purpose(
        id=name,
        pipl=written.basis.pipl,
        gdpr=written.basis.gdpr,
        kinds=needed,
        separate=written.separate,
        description={"zh-Hans": written.description.zh_hans, "en": written.description.en},
    )
