"""Canaries that went through everything are found in nothing that is kept, and in no answer that should not have them."""

import re
from pathlib import Path

import pytest

from tests.secrecy.canary import CANARIES, SUBJECTS, VALUES
from tests.secrecy.conftest import Remains
from tests.secrecy.traces import Traces, writings

slow = pytest.mark.slow

ALL = Traces((*VALUES, *SUBJECTS))


@slow
def test_every_operation_of_the_document_was_used_and_misused(remains: Remains) -> None:
    assert remains.operations - remains.toured == set(), "these operations are not in the tour: tests/secrecy/tour.py"
    assert remains.operations - remains.swept == set()
    assert remains.failed_inside >= len(CANARIES), "no failure inside was provoked"


@slow
def test_no_file_holds_a_canary_in_any_encoding(remains: Remains) -> None:
    found = ALL.in_files(remains.files())
    assert not found, found[:20]


@slow
def test_no_row_holds_a_canary(remains: Remains) -> None:
    assert ALL.within(remains.rows()) == set()


@slow
def test_nothing_that_opens_something_for_a_person_is_kept(remains: Remains) -> None:
    texts = [secret for secret in remains.secrets if not secret.isdecimal()]
    assert len(texts) >= 4
    rows, found = remains.rows(), Traces(texts).in_files(remains.files())
    assert not found, found[:20]
    assert Traces(texts).within(rows) == set()
    codes = [secret for secret in remains.secrets if secret.isdecimal()]
    assert len(codes) == 2
    kept = b"\n".join([rows, remains.server.log.read_bytes(), remains.printed])
    assert [code for code in codes if re.search(rb"(?<![0-9A-Za-z])%s(?![0-9A-Za-z])" % code.encode(), kept)] == []


@slow
def test_no_answer_shows_what_it_should_not(remains: Remains) -> None:
    found = {
        f"{exchange.call} ({exchange.status}): {label}"
        for exchange in remains.exchanges
        for label in _shown(exchange.said, exchange.shows)
    }
    assert not found, sorted(found)[:20]


@slow
def test_no_command_prints_a_canary(remains: Remains) -> None:
    assert ALL.within(remains.printed) == set()


@slow
def test_nothing_was_answered_with_a_failure_but_where_one_was_provoked(remains: Remains) -> None:
    failures = [exchange.call for exchange in remains.exchanges if exchange.status >= 500]
    assert len(failures) == remains.failed_inside, failures[:20]


@pytest.mark.parametrize("text", [*VALUES, *SUBJECTS])
def test_a_planted_canary_is_found_in_every_encoding(tmp_path: Path, text: str) -> None:
    for name, pattern in writings(text):
        if len(pattern) >= 6:
            planted = tmp_path / "planted"
            planted.write_bytes(b"\0" * 4097 + b"\x9f" + pattern + b"\xe7" * 33)
            assert ALL.in_files([planted]), f"{text} as {name} is not found"


def _shown(said: bytes, shows: frozenset[str]) -> set[str]:
    found = ALL.within(said)
    if not found or not shows:
        return found
    return found - Traces(shows).within(said) - _pieces(shows)


def _pieces(shows: frozenset[str]) -> set[str]:
    """What stands within a text that may be shown: a geographic position has its latitude in it."""
    return {
        label
        for text in shows
        for label in ALL.within("\n".join(p.decode("latin-1") for _, p in writings(text)).encode("latin-1"))
    }
