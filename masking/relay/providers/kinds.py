"""Which provider an account is with."""

from collections.abc import Sequence

from masking.relay.accounts.account import AccountKind
from masking.relay.accounts.desk import Opened
from masking.relay.providers import alibaba, huawei, simulator
from masking.relay.providers.alibaba import Alibaba
from masking.relay.providers.huawei import Huawei
from masking.relay.providers.ports import Outside, Provider, Receipt
from masking.relay.providers.simulator import Simulator


def provider_of(opened: Opened, outside: Outside, now: int) -> Provider:
    """The provider of an account, for calls that are made at `now` (milliseconds since the epoch)."""
    account, secret = opened.account, opened.secret.expose()
    if account.kind is AccountKind.ALIBABA:
        return Alibaba(outside, now, url=account.url, login=account.login, secret=secret, pool_key=account.pool_key)
    if account.kind is AccountKind.HUAWEI:
        return Huawei(outside, now, url=account.url, login=account.login, secret=secret)
    return Simulator(outside, now, url=account.url, secret=secret)


def receipts_of(opened: Opened, body: bytes, at: int) -> Sequence[Receipt]:
    """What a push of an account tells. Raises MalformedReceiptError."""
    read = {
        AccountKind.ALIBABA: alibaba.receipts,
        AccountKind.HUAWEI: huawei.receipts,
        AccountKind.SIMULATOR: simulator.receipts,
    }
    return read[opened.account.kind](body, at)
