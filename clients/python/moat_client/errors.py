"""The one exception that the client raises, and the error that stands in the place of one item of a batch.

Neither ever carries a submitted value, a stored value or the credential: the service names codes and fields only, and
the client drops the HTTP library's exceptions, whose request would hold the body.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One member of a problem's ``errors``: which field of the request was refused, and by which rule."""

    field: str
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ItemError:
    """Stands in the place of an item that was refused while the rest of its batch went through."""

    code: str
    reason: str = ""
    detail: str = ""

    @classmethod
    def of(cls, error: Mapping[str, object]) -> "ItemError":
        """Read the ``error`` member of an item; members that a newer service adds are ignored."""
        return cls(
            code=str(error.get("code", "unknown")),
            reason=str(error.get("reason") or ""),
            detail=str(error.get("detail") or ""),
        )


class MoatError(Exception):
    """A call that was refused or did not come through, with its stable ``code`` (``docs/errors`` of the service).

    ``status`` is the HTTP status, 0 if there was no answer (code ``unreachable``). ``request_id`` is what
    ``moat explain`` takes, empty if there was no answer. ``errors`` names the fields of a bad request.
    """

    def __init__(
        self, code: str, *, status: int = 0, request_id: str = "", detail: str = "", errors: tuple[FieldError, ...] = ()
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.request_id = request_id
        self.detail = detail
        self.errors = errors

    def __str__(self) -> str:
        fields = ", ".join(f"{error.field}: {error.code}" for error in self.errors)
        parts = [f"{self.code} ({self.status})" if self.status else self.code]
        parts += [f"[{fields}]"] if fields else []
        parts += [self.detail] if self.detail else []
        parts += [f"request {self.request_id}"] if self.request_id else []
        return " ".join(parts)

    @classmethod
    def of(cls, problem: Mapping[str, object], *, status: int, request_id: str) -> "MoatError":
        """Read an ``application/problem+json`` body (RFC 9457, section 3)."""
        listed = problem.get("errors")
        errors = tuple(
            FieldError(str(error.get("field", "")), str(error.get("code", "")), str(error.get("detail") or ""))
            for error in (listed if isinstance(listed, list) else ())
            if isinstance(error, dict)
        )
        return cls(
            str(problem.get("code") or f"http_{status}"),
            status=status,
            request_id=str(problem.get("request_id") or request_id),
            detail=str(problem.get("detail") or problem.get("title") or ""),
            errors=errors,
        )
