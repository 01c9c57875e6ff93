"""An account at a switch or a provider, and the secret that is shared with it."""

import base64
import hmac
from dataclasses import dataclass
from enum import StrEnum

from masking.relay.accounts.errors import AccountFieldsError

RECEIPTS = b"moat/relay/receipts/v1"


class AccountKind(StrEnum):
    """Whom an account is with: a switch that fetches TwiML, or a provider that holds bindings for us."""

    TWIML = "twiml"
    ALIBABA = "alibaba"
    HUAWEI = "huawei"
    SIMULATOR = "simulator"


PROVIDERS = frozenset(AccountKind) - {AccountKind.TWIML}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account without its secret. `login` is what the other side calls it; `url` is the provider's address, `pool_key` its
    name for a pool, `pool` the number of the pool whose bindings it holds, `language` what a switch speaks to callers, such as
    zh-CN. Empty and 0 where there is none."""

    id: int
    tenant: int
    kind: AccountKind
    name: str
    login: str
    url: str
    pool_key: str
    pool: int
    language: str
    created_at: int

    def __post_init__(self) -> None:
        provides = self.kind in PROVIDERS
        for field, given, wanted in (
            ("login", bool(self.login), True),
            ("url", bool(self.url), provides),
            ("pool", bool(self.pool), provides),
            ("pool_key", bool(self.pool_key), self.kind is AccountKind.ALIBABA),
        ):
            if given is not wanted:
                raise AccountFieldsError(field)


class SharedSecret:
    """What is shared with the other side. Cannot be printed, compared or pickled."""

    __slots__ = ("_octets",)

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def expose(self) -> bytes:
        """The octets, for sealing them and for signing with them."""
        return self._octets

    def receipts_key(self) -> str:
        """What stands in the address that receipts of the account come to: 32 characters of base64url, HMAC-SHA256(secret, label)
        cut to 24 octets. The clouds sign no receipts, so that whoever knows the address may send them."""
        mac = hmac.digest(self._octets, RECEIPTS, "sha256")[:24]
        return base64.urlsafe_b64encode(mac).decode("ascii")

    def opens(self, presented: str) -> bool:
        """Whether `presented` is the key of receipts, in constant time."""
        return hmac.compare_digest(self.receipts_key().encode(), presented.encode("utf-8", "replace"))

    def __repr__(self) -> str:
        return "SharedSecret()"

    def __eq__(self, _other: object) -> bool:
        raise TypeError("a secret is not compared")

    __hash__ = None  # type: ignore[assignment]  # what is not compared has no hash

    def __reduce__(self) -> str:
        raise TypeError("a secret is not copied")
