"""Systems beside this one that hold data of people, as the operator declares them in a YAML file.

connectors:
  - name: order_service          how tasks, receipts and certificates call it
    url: https://orders.example.com/opendsr/v2   what its operations stand under, with the major version of its protocol
    domain: orders.example.com   what it calls itself: X-OpenDSR-Processor-Domain, and the key of its extensions
    certificate: orders.pem      its X.509 certificate or public key (PEM), beside this file; its answers are held against it
    credential: file:/run/secrets/orders   bearer token, as file:PATH or env:NAME; never the token itself
    acts: [inventory, disclose, rectify, restrict, release, dispose]
    categories: [order]          what it holds
    identities: [platform_id, {type: email, format: sha256}, phone]   by what it knows people
    answer_days: 10              within so many days everything is done
    regulation: gdpr             what it is told; OpenDSR has gdpr and ccpa
    tenants: [1]                 whose people it knows
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from dsar.holders.errors import ConnectorFileError
from dsar.holders.holder import Act
from formats.strict_yaml import StrictYamlError, read_yaml

OURS = frozenset({"vault", "consent", "requests", "masking"})
"""Names of holders that are parts of this service."""

_Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
_Domain = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,252}$")]
_Secret = Annotated[str, Field(pattern=r"^(file:.+|env:[A-Za-z_][A-Za-z0-9_]*)$")]


class IdentityType(StrEnum):
    """By what a system knows a person: the platform's id, or a value of the vault of this kind."""

    PLATFORM_ID = "platform_id"
    EMAIL = "email"
    PHONE = "phone"


class IdentityFormat(StrEnum):
    """How an identity is sent: as it is, or as the hexadecimal SHA-256 of its normal form."""

    RAW = "raw"
    SHA256 = "sha256"


@dataclass(frozen=True, slots=True)
class IdentitySent:
    """An identity that a system is sent."""

    type: IdentityType
    format: IdentityFormat = IdentityFormat.RAW


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """A system beside this one, as declared."""

    name: str
    url: str
    domain: str
    certificate: str
    credential: str | None
    acts: frozenset[Act]
    categories: frozenset[str]
    identities: tuple[IdentitySent, ...]
    answer_days: int
    regulation: str
    tenants: frozenset[int]

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


class _Fields(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class _IdentityFields(_Fields):
    type: IdentityType
    format: IdentityFormat = IdentityFormat.RAW


def _identity(given: object) -> object:
    return {"type": given} if isinstance(given, str) else given


class _ConnectorFields(_Fields):
    name: _Code
    url: Annotated[str, Field(max_length=400)]
    domain: _Domain
    certificate: Annotated[str, Field(min_length=1)]
    credential: _Secret | None = None
    acts: frozenset[Act] = Field(min_length=1)
    categories: frozenset[_Code] = Field(min_length=1)
    identities: tuple[Annotated[_IdentityFields, BeforeValidator(_identity)], ...] = Field(min_length=1)
    answer_days: Annotated[int, Field(ge=1, le=365)] = 30
    regulation: Literal["gdpr", "ccpa"] = "gdpr"
    tenants: frozenset[Annotated[int, Field(ge=1)]] = frozenset({1})

    @field_validator("name")
    @classmethod
    def _not_ours(cls, name: str) -> str:
        if name in OURS:
            raise ValueError("is a part of this service")
        return name

    @field_validator("url")
    @classmethod
    def _base(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"https", "http"} or not parts.hostname or "@" in parts.netloc or parts.query:
            raise ValueError("is an address of https without a name or a query")
        return url.rstrip("/")

    def connector(self) -> Connector:
        """What was declared."""
        sent = tuple(IdentitySent(one.type, one.format) for one in self.identities)
        declared = {name: getattr(self, name) for name in type(self).model_fields}
        return Connector(**{**declared, "identities": sent})


class _FileFields(_Fields):
    connectors: tuple[_ConnectorFields, ...]

    @field_validator("connectors")
    @classmethod
    def _named_once(cls, connectors: tuple[_ConnectorFields, ...]) -> tuple[_ConnectorFields, ...]:
        if len({one.name for one in connectors}) < len(connectors):
            raise ValueError("two have one name")
        return connectors

    @classmethod
    def read(cls, tree: Any) -> Self:
        """Raises ConnectorFileError with the place that is wrong, never with what stands there."""
        try:
            return cls.model_validate(tree)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "the file"
            raise ConnectorFileError(f"{place}: {str(first['msg']).removeprefix('Value error, ')}") from None


def connectors(text: str) -> Iterator[Connector]:
    """The systems that a file declares.

    Raises:
        ConnectorFileError: it is not such a file; the message names the place.
    """
    try:
        tree = read_yaml(text)
    except StrictYamlError as error:
        raise ConnectorFileError("not YAML" if error.line is None else f"line {error.line}: not YAML") from None
    return (one.connector() for one in _FileFields.read(tree).connectors)
