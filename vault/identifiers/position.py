"""Positions on the Earth: latitude and longitude in degrees. The datum (WGS 84, GCJ-02, BD-09) is not judged."""

import re

_PAIR = re.compile(r"([+-]?\d{1,3}(?:\.\d{1,20})?) ?[,; ] ?([+-]?\d{1,3}(?:\.\d{1,20})?)", re.ASCII)


def position(text: str) -> tuple[float, float] | None:
    """Latitude and longitude of a text such as `39.9042,116.4074`; None when it is not a pair of plain decimals."""
    match = _PAIR.fullmatch(text)
    return (float(match[1]), float(match[2])) if match else None


def is_on_earth(latitude: float, longitude: float) -> bool:
    """Whether both are within their bounds."""
    return -90 <= latitude <= 90 and -180 <= longitude <= 180


def six_decimals(latitude: float, longitude: float) -> str:
    """Both with six decimals (0.1 m), never a negative zero, so that equal positions are equal texts."""
    return f"{round(latitude, 6) + 0.0:.6f},{round(longitude, 6) + 0.0:.6f}"
