"""The plan of a release, in YAML: what becomes of each column, which of them together could point at somebody, and how large
a crowd each row must stand in.

    k: 5                      # rows that look alike, at least
    l: 2                      # different values of each sensitive column among them, at least
    quasi: [地址, 下单时间]    # what others may know of a person
    sensitive: [评价]
    columns:                  # those that are not named are dropped
      用户ID: {pseudonym: user}
      地址: {cut: district}
      下单时间: {round: month}
      金额: {bin: 20}
      评价: redact
      电话: {mask: phone}
      手机: {token: phone, subject: 用户ID}
      商家ID: keep
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import InvalidOperation
from typing import Any, Final

from formats.strict_yaml import StrictYamlError, read_yaml
from masking.datasets.tokens import TokenColumn
from masking.datasets.treatments import MAKERS, Treatment, drop, hidden, keep, pseudonym, shifted

KEY_AT_LEAST: Final = 32


class PlanError(ValueError):
    """A plan that cannot be followed; says where it is wrong."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of a data set. `beside` are the columns that treatments read beside their own."""

    treatments: Mapping[str, Treatment]
    quasi: tuple[str, ...]
    sensitive: tuple[str, ...]
    tokens: Mapping[str, TokenColumn]
    beside: frozenset[str]
    k: int
    l: int  # noqa: E741 - what the literature calls it


def read_plan(text: str, *, key: bytes, redact: Treatment) -> Plan:
    """The plan of a file. `redact` is what becomes of free text.

    Raises:
        PlanError: it is none.
    """
    try:
        told = read_yaml(text)
    except StrictYamlError as fault:
        raise PlanError(f"the plan is no YAML, or has a name twice or one that is no text{fault.place}") from None
    if not isinstance(told, dict) or not isinstance(told.get("columns"), dict):
        raise PlanError("the plan has no columns")
    if unknown := told.keys() - {"columns", "quasi", "sensitive", "k", "l"}:
        raise PlanError(f"the plan has no {', '.join(sorted(map(str, unknown)))}")
    tokens = {str(column): _token(str(column), asked) for column, asked in told["columns"].items() if _is_token(asked)}
    treatments = {str(column): _treatment(str(column), asked, key, redact) for column, asked in told["columns"].items()}
    quasi, sensitive = (tuple(map(str, told.get(name) or ())) for name in ("quasi", "sensitive"))
    if missing := [one for one in (*quasi, *sensitive) if one not in treatments]:
        raise PlanError(f"not among the columns: {', '.join(missing)}")
    if both := tokens.keys() & {*quasi, *sensitive}:
        raise PlanError(f"a token tells neither crowds nor values apart: {', '.join(sorted(both))}")
    shifts = {str(asked["by"]) for asked in told["columns"].values() if isinstance(asked, dict) and "shift" in asked}
    beside = frozenset(shifts | {one.subject for one in tokens.values()})
    return Plan(treatments, quasi, sensitive, tokens, beside, *(_count(told, name) for name in ("k", "l")))


def _count(told: Mapping[str, Any], name: str) -> int:
    count = told.get(name, 1)
    if not isinstance(count, int) or count < 1:
        raise PlanError(f"{name} is no count")
    return count


def _treatment(column: str, asked: object, key: bytes, redact: Treatment) -> Treatment:
    words: Mapping[object, Treatment] = {"keep": keep, "drop": drop, "redact": redact}
    if _is_token(asked):
        return hidden  # until the release is decided
    if isinstance(asked, str) and asked in words:
        return words[asked]
    try:
        if isinstance(asked, dict):
            return _made({str(word): str(value) for word, value in asked.items()}, key)
    except PlanError:
        raise
    except (KeyError, ValueError, InvalidOperation):
        pass
    raise PlanError(f"column {column}: nothing that can be done to it")


def _is_token(asked: object) -> bool:
    return isinstance(asked, dict) and "token" in asked


def _token(column: str, asked: Mapping[object, object]) -> TokenColumn:
    if asked.keys() != {"token", "subject"}:
        raise PlanError(f"column {column}: a token needs the column of its subject, and nothing else")
    return TokenColumn(str(asked["token"]), str(asked["subject"]))


def _made(asked: dict[str, str], key: bytes) -> Treatment:
    if "pseudonym" in asked or "shift" in asked:
        if len(key) < KEY_AT_LEAST:
            raise PlanError(f"pseudonyms and shifts need a key of {KEY_AT_LEAST} octets")
        if "pseudonym" in asked:
            return pseudonym(key, asked["pseudonym"])
        return shifted(key, asked["shift"], asked["by"])
    ((word, value),) = asked.items()
    return MAKERS[word](value)
