"""What people are told: every code has words in each language, and they fit into one line of a message."""

import pytest

from dsar.desk import letters
from dsar.desk.jobs import RECEIVED
from dsar.desk.moves import MOVES, Move
from dsar.desk.reasons import Category, Denial, Extension, Outcome
from dsar.desk.regime import Pause
from dsar.desk.regime_text import shipped_regimes
from dsar.desk.requests import TOLD
from dsar.desk.telling import law_of
from dsar.request import ENDED, RequestState
from dsar.right import Right
from web.messages.texts import VALUE_AT_MOST, Texts

PLACES = ("request", "right", "due", "reason", "remedy")


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("rights", Right),
        ("denials", Denial),
        ("extensions", Extension),
        ("pauses", Pause),
        ("outcomes", Outcome),
        ("categories", Category),
    ],
)
def test_every_code_has_words_in_every_language(kind: str, codes: type[Right]) -> None:
    assert set(letters.wordings(kind)) == {code.value for code in codes}
    for words in letters.wordings(kind).values():
        assert all(words[locale].isprintable() and len(words[locale]) <= VALUE_AT_MOST for locale in letters.LOCALES)


def test_every_regime_names_the_remedies_of_its_law() -> None:
    assert {law_of(regime) for regime in shipped_regimes()} == set(letters.wordings("remedies"))


@pytest.mark.parametrize("template", [RECEIVED, *TOLD.values()])
@pytest.mark.parametrize("locale", letters.LOCALES)
def test_every_message_can_be_written(template: str, locale: str) -> None:
    written = Texts.shipped().written(template, locale, dict.fromkeys(PLACES, "…"))
    assert "$" not in written.text + written.title


def test_what_has_ended_stays_so_and_what_is_executing_is_neither_denied_nor_withdrawn() -> None:
    for from_, _ in MOVES.values():
        assert not from_ & ENDED
    for move in (Move.DENY, Move.WITHDRAW, Move.EXPIRE):
        assert RequestState.EXECUTING not in MOVES[move][0]


def test_every_open_state_leads_to_an_end() -> None:
    leads = set(ENDED)
    while True:
        more = {state for from_, to in MOVES.values() if to in leads for state in from_} - leads
        if not more:
            break
        leads |= more
    assert leads == set(RequestState)
