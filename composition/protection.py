"""Freezes and honey tokens, and the way out for their alarms."""

from collections.abc import Callable
from dataclasses import dataclass

import orjson
import structlog
from prometheus_client import Counter

from composition.foundation import Foundation
from composition.part import Part
from database.columns import rfc3339
from vault.means import Means
from vault.ports import OrderRelay
from vault.protection.freezing import Freezing
from vault.protection.honey import HoneyTokens, Trap
from vault.protection.jobs import AlarmBell, AlarmTask
from vault.protection_http import PROBLEMS, ProtectionApi, ProtectionUses
from web.egress import Egress
from web.errors import EgressFailedError, EgressRefusedError
from web.freezing import CredentialFreezing

ANSWER_BYTES = 4 * 1024


@dataclass(frozen=True, slots=True)
class Protection:
    """What freezes and honey tokens add to the deployment, and the trap that looks at tokens without a record."""

    part: Part
    trap: Trap


class AlarmCall:
    """Tells the operator's address, in one call without anything personal."""

    def __init__(self, egress: Egress, url: str) -> None:
        self._egress = egress
        self._url = url

    def announce(self, tenant: int, credential: int, count: int, at: int) -> None:
        """Raises OSError where nobody took it."""
        told = {
            "event": "honey_token.presented",
            "tenant": tenant,
            "credential": credential,
            "count": count,
            "at": rfc3339(at),
        }
        headers = {"Content-Type": "application/json"}
        try:
            answer = self._egress.call("POST", self._url, headers=headers, body=orjson.dumps(told))
        except (EgressRefusedError, EgressFailedError):
            raise OSError from None
        if not 200 <= answer.status < 300:
            raise OSError


def protection_of(base: Foundation, means: Means, relay: OrderRelay, region_of: Callable[[int], str]) -> Protection:
    """Freezes and honey tokens of a deployment."""
    counter = Counter("moat_honey_tokens_presented", "Honey tokens that somebody presented.", registry=base.registry)

    def sounded(count: int) -> None:
        counter.inc(count)
        structlog.get_logger().error("honey_token_presented", count=count)

    url, credentials = base.chosen.alarm_url, CredentialFreezing()
    bell = AlarmBell(base.jobs, announces=url is not None, sounded=sounded)
    use = ProtectionUses(Freezing(means, credentials, relay), HoneyTokens(means))
    tasks = []
    if url is not None:
        egress = Egress(
            allowed=base.chosen.egress_allow, internal=base.chosen.egress_internal, answer_bytes=ANSWER_BYTES
        )
        tasks.append(AlarmTask(AlarmCall(egress, url)))
    part = Part(blueprints=[ProtectionApi(use, region_of).blueprint()], tables=[PROBLEMS], tasks=tasks)
    return Protection(part, Trap(means, credentials, bell))
