"""Freezes and honey tokens, and the way out for their alarms."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
import orjson
import structlog
from prometheus_client import Counter

from composition.foundation import Foundation
from composition.part import Part
from consent.webhook.signature import Secret, signed_headers
from database.columns import millis, rfc3339
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
    """Tells the operator's address, in one signed call (Standard Webhooks) without anything personal."""

    def __init__(self, egress: Egress, url: str, secret: Secret, now: Callable[[], datetime]) -> None:
        self._egress = egress
        self._url = url
        self._secret = secret
        self._now = now

    def announce(self, message: str, *, tenant: int, credential: int, count: int, at: int) -> None:
        """Raises OSError where nobody took it."""
        told = {
            "event": "honey_token.presented",
            "tenant": tenant,
            "credential": credential,
            "count": count,
            "at": rfc3339(at),
        }
        body = orjson.dumps(told)
        headers = signed_headers([self._secret], message, millis(self._now()) // 1000, body)
        try:
            answer = self._egress.call("POST", self._url, headers=headers, body=body)
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

    call, credentials = _alarm_call(base), CredentialFreezing()
    bell = AlarmBell(base.jobs, announces=call is not None, sounded=sounded)
    use = ProtectionUses(Freezing(means, credentials, relay), HoneyTokens(means))
    tasks = [] if call is None else [AlarmTask(call)]
    part = Part(blueprints=[ProtectionApi(use, region_of).blueprint()], tables=[PROBLEMS], tasks=tasks)
    return Protection(part, Trap(means, credentials, bell))


def _alarm_call(base: Foundation) -> AlarmCall | None:
    """The way out for alarms, where the operator named one."""
    chosen = base.chosen
    if chosen.alarm_url is None or chosen.alarm_secret_file is None:
        return None
    egress = Egress(allowed=chosen.egress_allow, internal=chosen.egress_internal, answer_bytes=ANSWER_BYTES)
    return AlarmCall(egress, chosen.alarm_url, _secret(chosen.alarm_secret_file), base.now)


def _secret(file: Path) -> Secret:
    """Raises click.ClickException, in one line without the secret, where the file has none."""
    try:
        return Secret.of(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        raise click.ClickException(f"{file} has no secret of the form whsec_ and base64, of 24 to 64 octets") from None
