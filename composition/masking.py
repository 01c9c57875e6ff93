"""Masking as a service of its own: nothing of it is kept."""

from composition.foundation import Foundation
from composition.part import Part
from masking.detection.scanning import Scanner
from masking.finding import Finder
from masking.http import FURTHER, PROBLEMS, MaskingApi
from masking.names.pool import NamesPool
from masking.redaction import Redactor


def masking_part(base: Foundation) -> Part:
    """Masks of values, and personal values found in texts. What looks for names starts with the first text."""
    pool = NamesPool(size=base.chosen.names_processes) if base.chosen.names_processes else None
    finder = Finder(Scanner(), pool)
    return Part(
        blueprints=[MaskingApi(Redactor(finder)).blueprint()],
        tables=[PROBLEMS],
        problems=FURTHER,
        closes=[pool.close] if pool else [],
    )
