"""From pydantic's validation errors to the fields of a problem, without a trace of the input.

Three things in such an error can hold what was submitted: `input`, the location (unknown names and keys of maps are part of
the input), and the message of some kinds of error (a wrong tag is quoted, a ValueError says what it likes). So the input is not
asked for, a location is written in words of the schema only, and a message is taken only from kinds whose text is made from the
schema.
"""

from collections.abc import Collection
from typing import Any

from pydantic import ValidationError

from web.edge_problems import INVALID_REQUEST, MALFORMED_JSON
from web.problems import NAMED_AT_MOST, FieldError, ProblemError

_SAFE_KINDS = frozenset(
    {
        "missing", "extra_forbidden", "model_type", "model_attributes_type", "dict_type", "list_type", "tuple_type", "set_type",
        "string_type", "string_too_short", "string_too_long", "string_pattern_mismatch", "bool_type", "bool_parsing",
        "int_type", "int_parsing", "int_parsing_size", "int_from_float", "float_type", "float_parsing", "finite_number",
        "greater_than", "greater_than_equal", "less_than", "less_than_equal", "multiple_of", "too_short", "too_long",
        "literal_error", "enum", "none_required", "union_tag_not_found", "date_type", "datetime_type", "timezone_aware",
        "timezone_naive", "bytes_type", "recursion_loop",
    }
)  # fmt: skip

_PLAIN_DETAIL = "The value is not acceptable."


def problem_of(error: ValidationError, names: Collection[str]) -> ProblemError:
    """The problem that a failed validation ends with; `names` are the words that the schema itself uses."""
    found = error.errors(include_input=False, include_url=False)
    if found[0]["type"] == "json_invalid":
        return ProblemError(MALFORMED_JSON)
    return ProblemError(
        INVALID_REQUEST,
        detail=f"{len(found)} fields are wrong; the first {NAMED_AT_MOST} are named."
        if len(found) > NAMED_AT_MOST
        else None,
        errors=[_field_error(one, names) for one in found[:NAMED_AT_MOST]],
    )


def _field_error(one: Any, names: Collection[str]) -> FieldError:
    field = ".".join(
        str(part) if isinstance(part, int) or part in names else "*" for part in one["loc"] if not _is_schema_step(part)
    )
    field = field or "body"
    kind = one["type"]
    if kind in _SAFE_KINDS or ("ctx" not in one and kind not in {"value_error", "assertion_error"}):
        return FieldError(field, kind, one["msg"])
    return FieldError(field, kind, _PLAIN_DETAIL)


def _is_schema_step(part: int | str) -> bool:
    """Whether a step of the location names a validator (`function-wrap[…]`, `is-instance[…]`) and not a field."""
    return isinstance(part, str) and part.endswith(("]", ")")) and part.split("[")[0].split("(")[0] in _VALIDATOR_STEPS


_VALIDATOR_STEPS = frozenset(
    {"function-after", "function-before", "function-wrap", "function-plain", "is-instance", "constrained-str", "json-or-python",
     "lax-or-strict", "nullable", "chain"}
)  # fmt: skip
