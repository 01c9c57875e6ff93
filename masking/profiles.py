"""Profiles of the operator's own, by tenant: YAML that tells which mask a kind has, out of those there are.

    profiles:
      default:                # the tenant's name
        rider:
          name: display
          phone: waybill
          address: export
          email: hidden

A kind that a profile does not name is hidden. None shows more than `display` does: masks of `support`, and that of addresses for
`waybill`, which show more, cannot be chosen.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from formats.strict_yaml import StrictYamlError, read_yaml
from masking.mask import PROFILES, Masks, UnknownProfileError

FILE_BYTES: Final = 1 << 20
_DISPLAY: Final = PROFILES["display"]
_NO_MORE: Final[Mapping[str, frozenset[str]]] = {
    "display": frozenset(_DISPLAY),
    "waybill": frozenset({"name", "phone", "landline"}),
    "export": frozenset({"address", "place", "birth_date", "geo"}),
}
"""Which kinds' masks show no more than those of `display`, by the profile that they are of."""
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
_TENANT: Final = re.compile(r"\S{1,100}")


class ProfileFileError(ValueError):
    """A file of profiles that may not be used; says at which field, and never what stands there."""


class Profiles:
    """The operator's own profiles of each tenant."""

    def __init__(self, own: Mapping[str, Mapping[str, Masks]] = MappingProxyType({})) -> None:
        self._own = own

    def of(self, tenant: str, name: str) -> Masks:
        """The masks of a profile, by kind. Raises UnknownProfileError: the tenant has none of this name."""
        masks = self._own.get(tenant, {}).get(name)
        if masks is None:
            raise UnknownProfileError
        return masks


def read_profiles(text: bytes) -> Profiles:
    """The profiles of a file.

    Raises:
        ProfileFileError: it may not be used.
    """
    if len(text) > FILE_BYTES:
        raise ProfileFileError("the file is longer than a mebibyte")
    try:
        told = read_yaml(text.decode())
    except (UnicodeDecodeError, StrictYamlError):
        raise ProfileFileError("the file is no YAML, or has a name twice") from None
    if not isinstance(told, dict) or set(told) != {"profiles"}:
        raise ProfileFileError("the file has profiles, and nothing else")
    return Profiles(
        {
            tenant: {
                name: _masks(f"{place}.{name}", kinds)
                for name, kinds in _named(place, profiles, _NAME, taken=PROFILES).items()
            }
            for tenant, profiles in _named("profiles", told["profiles"], _TENANT).items()
            for place in (f"profiles.{tenant}",)
        }
    )


def _named(
    place: str, told: object, shape: re.Pattern[str], *, taken: Mapping[str, object] = MappingProxyType({})
) -> dict[str, Any]:
    if not isinstance(told, dict) or not told:
        raise ProfileFileError(f"{place}: has names, with something below each")
    for number, name in enumerate(told, 1):
        if not isinstance(name, str) or shape.fullmatch(name) is None:
            raise ProfileFileError(f"{place}: the name of number {number} is none")
        if name in taken:
            raise ProfileFileError(f"{place}.{name}: everybody has a profile of this name")
    return told


def _masks(place: str, told: object) -> Masks:
    masks = {}
    for kind, word in _named(place, told, _NAME).items():
        if word == "hidden":
            continue
        if not isinstance(word, str) or word not in PROFILES or kind not in PROFILES[word]:
            raise ProfileFileError(f"{place}.{kind}: there is no such mask of this kind")
        if kind not in _NO_MORE.get(word, ()):
            raise ProfileFileError(f"{place}.{kind}: shows more than display does")
        masks[kind] = PROFILES[word][kind]
    return MappingProxyType(masks)
