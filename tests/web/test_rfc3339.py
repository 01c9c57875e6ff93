"""A moment in a request is RFC 3339: no number is one, wherever a request has a moment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from formats.rfc3339 import Rfc3339


class Asked(BaseModel):
    until: Rfc3339


@pytest.mark.parametrize(
    "written", ["2026-11-22T10:00:00Z", "2026-11-22t10:00:00.123456+08:00", "2026-11-22 10:00:00-00:30"]
)
def test_a_moment_with_its_zone_is_read(written: str) -> None:
    assert Asked.model_validate({"until": written}).until.utcoffset() is not None


@pytest.mark.parametrize(
    "written",
    [
        *(
            "13912345678",
            "1.5",
            "2026-11-22",
            "2026-11-22T10:00:00",
            "2026-11-22T10:00Z",
            "2026-02-30T10:00:00Z",
            "now",
        ),
        *(1391234567, True),
    ],
)
def test_what_is_none_is_refused_and_not_repeated(written: object) -> None:
    with pytest.raises(ValidationError) as refused:
        Asked.model_validate({"until": written})
    assert "1391234" not in str([error["msg"] for error in refused.value.errors()])


@given(st.text(max_size=40) | st.integers().map(str) | st.floats().map(str))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Asked.model_validate({"until": text})
