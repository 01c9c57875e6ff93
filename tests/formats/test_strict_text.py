"""What operators write is read as they wrote it, or refused: no name wins silently over its twin."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from consent.catalogue_text import read_text as read_catalogue
from consent.errors import CatalogueError
from dsar.disclosure.receiver import read_receivers
from dsar.erasure.errors import LawTextError
from dsar.erasure.law_text import parse_laws
from dsar.holders.errors import ConnectorFileError
from dsar.holders.register import connectors
from dsar.identity.errors import LevelPolicyError
from dsar.identity.level_policy import read_policy
from dsar.retention.errors import PolicyError
from dsar.retention.policy_text import read_text as read_retention
from formats.strict_json import read_json
from formats.strict_yaml import StrictYamlError, read_yaml
from masking.datasets.plan import PlanError, read_plan
from masking.profiles import ProfileFileError, read_profiles

TWICE = "first: 1\nwithin:\n  same: 1\n  same: 2\n"

READERS: dict[str, tuple[Callable[[str], Any], type[Exception], str]] = {
    "catalogue": (read_catalogue, CatalogueError, "line 4"),
    "retention": (read_retention, PolicyError, "line 4"),
    "connectors": (connectors, ConnectorFileError, "line 4"),
    "profiles": (lambda text: read_profiles(text.encode()), ProfileFileError, "YAML"),
    "levels": (read_policy, LevelPolicyError, "no YAML"),
    "laws": (parse_laws, LawTextError, "no YAML"),
    "receivers": (read_receivers, ValueError, "not YAML"),
    "data sets": (lambda text: read_plan(text, key=b"k" * 32, redact=lambda value, _: value), PlanError, "line 4"),
}


@pytest.mark.parametrize("name", READERS)
def test_a_name_said_twice_is_refused_in_every_file_of_an_operator(name: str) -> None:
    read, refusal, said = READERS[name]
    with pytest.raises(refusal, match=said):
        read(TWICE)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("country: NO", {"country": "NO"}),
        ("say: on", {"say": "on"}),
        ("say: true", {"say": True}),
        ("say: True", {"say": "True"}),
        ("day: 2026-01-02", {"day": "2026-01-02"}),
        ("one: 1\nhalf: 0.5\nnone: ~", {"one": 1, "half": 0.5, "none": None}),
        ("- [a, b]", [["a", "b"]]),
    ],
)
def test_words_and_dates_stay_what_was_written(text: str, meaning: object) -> None:
    assert read_yaml(text) == meaning


@pytest.mark.parametrize(
    "text", ["1: a", "true: a", "[a]: b", "a: b\n---\nc: d", "a: !!python/name:os.system", "a: [", "a: &x [*x", "\x00"]
)
def test_what_is_no_strict_yaml_is_refused(text: str) -> None:
    with pytest.raises(StrictYamlError):
        read_yaml(text)


@given(some.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_yaml(text)
    except StrictYamlError:
        return


@pytest.mark.parametrize("text", ['{"a": 1, "a": 1}', '{"a": {"b": 1, "b": 2}}', "NaN", "[Infinity]", "-Infinity", "{"])
def test_what_is_no_strict_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - that is what it promises
        read_json(text)


def test_json_is_read() -> None:
    assert read_json('{"a": [1, 2.5, null, true, "x"]}') == {"a": [1, 2.5, None, True, "x"]}
