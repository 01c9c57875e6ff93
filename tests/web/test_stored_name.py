"""Names that are stored as they are, and name nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from web.stored_name import DrawnName, is_personal

DRAWN = TypeAdapter(DrawnName)


@pytest.mark.parametrize("name", ["x13912345678", "a-139-1234-5678", "li.na.310115198703142830", "6222021375948604314"])
def test_a_name_that_holds_a_number_of_somebody_is_refused_and_not_repeated(name: str) -> None:
    assert is_personal(name)
    with pytest.raises(ValidationError) as refused:
        DRAWN.validate_python(name)
    assert refused.value.errors()[0]["type"] == "name_is_personal"
    assert name not in refused.value.errors()[0]["msg"]


@pytest.mark.parametrize("name", ["default", "li.na", "pool-2026-11", "riders_0755", ""])
def test_an_ordinary_name_is_none_of_somebody(name: str) -> None:
    assert not is_personal(name)


@given(st.binary(min_size=16, max_size=16))
def test_what_another_side_draws_holds_no_number(drawn: bytes) -> None:
    login = f"AC{drawn.hex()}"
    assert DRAWN.validate_python(login) == login


@given(st.uuids())
def test_a_uuid_holds_no_number(drawn: object) -> None:
    assert DRAWN.validate_python(str(drawn)) == str(drawn)
