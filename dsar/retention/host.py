"""The retention policies of a deployment as an operator on its host works with them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dsar.request import By
from dsar.retention.policies import Policies


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyHost:
    """The use cases on an opened database. `tenant_of` gives the tenant of a name, and raises LookupError for none."""

    policies: Policies
    tenant_of: Callable[[str], int]
    by: Callable[[], By]


class OpenPolicies(Protocol):
    """Opens the database of a deployment; what is not given comes from the settings."""

    def __call__(self, *, data: Path | None, database: str | None) -> AbstractContextManager[PolicyHost]: ...
