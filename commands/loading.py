"""How a worker process of `moat serve` comes by its application.

This module imports little, because a process imports it before it can do anything else. The program itself is imported by the
call, when the process has got itself ready for so many new objects.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from settings import Settings

if TYPE_CHECKING:
    from web.serve import Served


def load(chosen: Settings, minted: Mapping[int, int], demo: Path | None = None) -> "Served":
    """What `app.load_served` makes."""
    from app import load_served  # noqa: PLC0415 - see above

    return load_served(chosen, minted, demo)
