"""What the operations on accounts take and give."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr

from masking.relay.accounts.account import AccountKind
from web.json_body import Body
from web.stored_name import DrawnName, NamesNobody

LARGEST = 2**63 - 1
PAGE_AT_MOST = 200

Number = Annotated[int, Field(ge=1, le=LARGEST)]
Language = Literal["zh-CN", "zh-HK", "zh-TW", "en-US"]


class AccountRequest(Body):
    """An account to be made."""

    kind: AccountKind
    name: Annotated[str, NamesNobody] = Field(
        pattern=r"^[A-Za-z][A-Za-z0-9._-]{0,63}$", description="Unique among the tenant's accounts."
    )
    login: DrawnName = Field(
        pattern=r"^[A-Za-z0-9._-]{1,128}$",
        description="What the other side calls the account: AccountSid, AccessKeyId, app key.",
    )
    secret: SecretStr = Field(
        min_length=8, max_length=256, description="Auth token or secret key. It is sealed and never shown again."
    )
    url: str = Field(default="", max_length=220, description="Address of a provider; a switch has none.")
    pool_key: DrawnName = Field(
        default="", pattern=r"^[A-Za-z0-9]{0,64}$", description="The provider's name for the pool."
    )
    pool: str = Field(default="", max_length=64, description="Name of the pool whose bindings the provider holds.")
    language: Language = Field(default="zh-CN", description="What a switch speaks to callers.")


class AccountSecretRequest(Body):
    """A new secret for an account."""

    secret: SecretStr = Field(min_length=8, max_length=256, description="Takes the place of the old one at once.")


class AccountPath(Body):
    account: Number


class PageQuery(Body):
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: int = Field(default=0, ge=0, le=LARGEST, description="`next_cursor` of the page before.")


class AccountAnswer(BaseModel):
    """An account without its secret. `webhooks` are the addresses to enter at the other side; those of a provider bear a key and
    are in the answer that made the account only."""

    account: int
    kind: AccountKind
    name: str
    login: str
    url: str
    language: Language
    webhooks: dict[str, str]
    created_at: str


class AccountsPage(BaseModel):
    items: list[AccountAnswer]
    next_cursor: str | None
