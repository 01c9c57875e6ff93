"""Masking as a service of its own: nothing of it is kept."""

from composition.part import Part
from masking.detection.scanning import Scanner
from masking.http import FURTHER, MaskingApi
from masking.redaction import Redactor


def masking_part() -> Part:
    """Masks of values, and personal values found in texts."""
    return Part(blueprints=[MaskingApi(Redactor(Scanner())).blueprint()], problems=FURTHER)
