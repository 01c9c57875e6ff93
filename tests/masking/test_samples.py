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


def test_redacting_again_finds_hardly_anything_and_shows_nothing_more(redactor: Redactor) -> None:
    """A mask may look like something else, which is then hidden too; never does a second pass bring a value back."""
    again = redactor.redact([after for _, after in SAMPLES], Mode.MASK)
    for (_, after), one in zip(SAMPLES, again, strict=True):
        assert one.text == after or one.text.count("*") >= after.count("*") or "***" in one.text
