"""The samples of the documentation: made-up texts, each with what becomes of it."""

import re
from pathlib import Path

import pytest

from masking.detection.scanning import Scanner
from masking.finding import Finder
from masking.names.finding import NamesHere
from masking.redaction import Mode, Redactor

PAGE = Path(__file__).parents[2] / "docs" / "masking-samples.md"
SAMPLES = re.findall(r"^\| `(.+?)` \| `(.+?)` \|$", PAGE.read_text("utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return Redactor(Finder(Scanner(), NamesHere()))


def test_there_are_two_hundred_samples() -> None:
    assert len(SAMPLES) == 200


def test_every_sample_becomes_what_the_page_says(redactor: Redactor) -> None:
    redacted = redactor.redact([before for before, _ in SAMPLES], Mode.MASK)
    assert [one.text for one in redacted] == [after for _, after in SAMPLES]


def test_redacting_what_was_redacted_changes_nothing(redactor: Redactor) -> None:
    again = redactor.redact([after for _, after in SAMPLES], Mode.MASK)
    assert [one.text for one in again] == [after for _, after in SAMPLES]
