"""Where relay numbers are from: the area code of a fixed line, and the province that an area belongs to.

Of mobile numbers and of those of the 700 range the number does not say it; whoever adds them does.
"""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from masking.relay.number import NumberKind, RelayNumber

_COUNTRY = "+86"


class Area(NamedTuple):
    """An area code with its leading zero, and the province without what it is."""

    code: str
    province: str


def area_of(number: RelayNumber) -> Area | None:
    """The area of a fixed line of China; None of all other numbers."""
    if number.kind is not NumberKind.E164 or not number.value.startswith(_COUNTRY):
        return None
    national = "0" + number.value.removeprefix(_COUNTRY)
    if national.startswith("01") and not national.startswith("010"):
        return None  # mobile
    known = _by_code()
    return known.get(national[:3]) or known.get(national[:4])


def area_named(written: str) -> Area | None:
    """The area of a code or of the name of a place, such as 0571 or 杭州; None of what is neither."""
    text = written.strip()
    return _by_code().get(text) or _by_place().get(text.removesuffix("市"))


@cache
def _rows() -> list[tuple[str, str, str]]:
    text = files("masking.relay").joinpath("areas.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return [(code, province, places) for code, province, places in rows]


@cache
def _by_code() -> dict[str, Area]:
    return {code: Area(code, province) for code, province, _ in _rows()}


@cache
def _by_place() -> dict[str, Area]:
    return {
        place.removesuffix("市"): Area(code, province)
        for code, province, places in _rows()
        for place in places.split("、")
    }
