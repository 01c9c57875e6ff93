"""Problems: what an answer says when it is not the one that was asked for (RFC 9457).

    {"type": "/docs/errors/<code>", "title", "status", "code", "request_id", "detail"?, "errors"?: [{"field", "code", "detail"}]}

Each code is declared once, with its status and with the words of its page under /docs/errors/. A body never repeats what was
submitted: details are constants or are made from the schema, and a field is named by the words of the schema.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MEDIA_TYPE = "application/problem+json"

NAMED_AT_MOST = 100
"""How many fields one problem names. A batch of thousands can be wrong in every item."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of refusal: its code, HTTP status and title, what it means and what to do about it, and after how many seconds to
    try again, if that may help."""

    code: str
    status: int
    title: str
    meaning: str
    remedy: str
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that is wrong: `field` as in `items.3.value`, a code, and a detail that does not repeat the value."""

    field: str
    code: str
    detail: str


class ProblemError(Exception):
    """Ends a request with a problem. `detail` and the fields must not contain anything that was submitted."""

    def __init__(
        self,
        problem: Problem,
        *,
        detail: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
        self.headers |= headers or {}

    def body(self, request_id: str) -> dict[str, Any]:
        """The members of the problem document."""
        members: dict[str, Any] = {
            "type": f"/docs/errors/{self.problem.code}",
            "title": self.problem.title,
            "status": self.problem.status,
            "code": self.problem.code,
            "request_id": request_id,
        }
        if self.detail is not None:
            members["detail"] = self.detail
        if self.errors:
            members["errors"] = [
                {"field": error.field, "code": error.code, "detail": error.detail}
                for error in self.errors[:NAMED_AT_MOST]
            ]
        return members


class Catalogue:
    """Every problem of an application by its code, and which exceptions end as which.

    Raises:
        ValueError: one code with two meanings.
    """

    def __init__(self, problems: Iterable[Problem], tables: Iterable[Mapping[type[Exception], Problem]] = ()) -> None:
        self._by_code: dict[str, Problem] = {}
        self._by_exception: dict[type[Exception], Problem] = {}
        for problem in problems:
            self._add(problem)
        for table in tables:
            for exception, problem in table.items():
                self._add(problem)
                self._by_exception[exception] = problem

    def __iter__(self) -> Iterator[Problem]:
        return iter(sorted(self._by_code.values(), key=lambda problem: problem.code))

    def named(self, code: str) -> Problem | None:
        """The problem with this code."""
        return self._by_code.get(code)

    def of(self, error: Exception) -> ProblemError | None:
        """The problem that `error`, or the nearest of its base classes, is declared to be."""
        if isinstance(error, ProblemError):
            return error
        for kind in type(error).__mro__:
            if problem := self._by_exception.get(kind):
                return ProblemError(problem)
        return None

    def _add(self, problem: Problem) -> None:
        if self._by_code.setdefault(problem.code, problem) != problem:
            raise ValueError(f"problem {problem.code} is declared twice")
