"""Identity providers of organisations, as an operator declares them, in strict YAML:

    providers:
      - id: acme                        # stands in addresses
        tenant: default
        title: Acme                     # what the button says
        issuer: https://id.acme.example
        client_id: moat
        secret: ACME_CLIENT_SECRET      # the name of an environment variable, never the secret itself
        groups_claim: groups
        roles:                          # the first group that somebody is in says what they are
          - {group: privacy-team, role: privacy_officer}
          - {group: audit, role: auditor}

Somebody in none of the groups is not let in. A role is looked up anew at each sign-in.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from formats.strict_yaml import StrictYamlError, read_yaml
from pages.staff.member import ROLES
from web.principal import Role

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


class ProviderFileError(Exception):
    """The file of identity providers cannot be used; the message says where, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One identity provider of a tenant."""

    id: str
    tenant: str
    title: str
    issuer: str
    client_id: str
    secret: str = field(repr=False)
    groups_claim: str
    roles: Sequence[tuple[str, Role]]

    def role_of(self, groups: Iterable[str]) -> Role | None:
        """What somebody in these groups is; None where they are nothing here."""
        known = frozenset(groups)
        return next((role for group, role in self.roles if group in known), None)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class _GroupRole(_Strict):
    group: str = Field(min_length=1, max_length=200)
    role: Role

    @field_validator("role")
    @classmethod
    def _of_staff(cls, role: Role) -> Role:
        if role not in ROLES:
            raise ValueError("not a role of staff")
        return role


class _Declared(_Strict):
    id: Id
    tenant: str
    title: str = Field(min_length=1, max_length=40)
    issuer: str = Field(pattern=r"^https?://[!-~]+[^/]$")
    client_id: str = Field(min_length=1, max_length=200)
    secret: str
    groups_claim: str = "groups"
    roles: list[_GroupRole] = Field(min_length=1)


class _File(_Strict):
    providers: list[_Declared]


def read_providers(text: str, variable: Callable[[str], str | None]) -> Sequence[Provider]:
    """The providers of a file; `variable` gives the environment's.

    Raises:
        ProviderFileError: it says nothing that can be used.
    """
    try:
        declared = _File.model_validate(read_yaml(text)).providers
    except StrictYamlError as fault:
        raise ProviderFileError(f"the file of identity providers is no strict YAML{fault.place}") from None
    except ValidationError as fault:
        raise ProviderFileError(f"the file of identity providers: {_first(fault)}") from None
    if len({one.id for one in declared}) != len(declared):
        raise ProviderFileError("the file of identity providers has an id twice")
    return [_provider(one, variable(one.secret)) for one in declared]


def _provider(one: _Declared, secret: str | None) -> Provider:
    if not secret:
        raise ProviderFileError(f"identity provider {one.id}: there is no variable of the name that its secret has")
    return Provider(
        id=one.id,
        tenant=one.tenant,
        title=one.title,
        issuer=one.issuer,
        client_id=one.client_id,
        secret=secret,
        groups_claim=one.groups_claim,
        roles=[(each.group, each.role) for each in one.roles],
    )


def _first(fault: ValidationError) -> str:
    wrong: Any = fault.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}"
