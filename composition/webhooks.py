"""Webhooks of a deployment: the way out, the people, the seal, and the jobs that deliver."""

from collections.abc import Mapping
from dataclasses import dataclass

from composition.foundation import Foundation
from composition.part import Part
from consent.webhook.carriage import Carriage
from consent.webhook.courier import Courier
from consent.webhook.dead_letter import DeliveryDesk
from consent.webhook.http import WebhookApi
from consent.webhook.jobs import DeliveryTask
from consent.webhook.outbox import Outbox
from consent.webhook.ports import Answered
from consent.webhook.problems import PROBLEMS
from consent.webhook.subscription import WebhookDesk
from vault.errors import KeysUnavailableError
from vault.means import Means
from vault.people import People
from vault.subject_lookup import SubjectLookup
from vault.tenant_seal import TenantSeal
from web.egress import Egress
from web.errors import EgressFailedError, EgressRefusedError


class Outward:
    """The way out for webhooks: to origins that the operator allows, with a short wait and short answers."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress

    def allows(self, url: str) -> bool:
        """Whether the operator allows calls to the origin of `url`."""
        return self._egress.allows(url)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Make one call. Raises PermissionError where it is not allowed and OSError where no answer came."""
        try:
            answer = self._egress.call("POST", url, headers=headers, body=body)
        except EgressRefusedError:
            raise PermissionError from None
        except EgressFailedError:
            raise OSError from None
        return Answered(answer.status, answer.headers)


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Who listens to changes of consents, and what webhooks add to the deployment."""

    outbox: Outbox
    part: Part


ANSWER_BYTES = 64 * 1024


def webhooks(base: Foundation, means: Means) -> Webhooks:
    """The webhooks of a deployment."""
    egress = Egress(allowed=base.chosen.egress_allow, internal=base.chosen.egress_internal, answer_bytes=ANSWER_BYTES)
    outside, seal = Outward(egress), TenantSeal(base.database, base.roots, base.keyring)
    carriage = Carriage(base.database, base.jobs)
    courier = Courier(base.database, base.log, outside, People(means), seal, base.now)
    task = DeliveryTask(courier, carriage, base.now)

    def nudge() -> None:
        task.nudge()
        base.jobs.nudge()

    deliveries = DeliveryDesk(base.database, base.log, carriage, nudge)
    desk = WebhookDesk(base.database, base.log, outside, seal, carriage, nudge, subjects=SubjectLookup(means))
    part = Part(
        blueprints=[WebhookApi(desk, deliveries).blueprint()],
        tables=[PROBLEMS],
        tasks=[task],
        transient=[KeysUnavailableError],
        sweeps=[deliveries.forget, carriage.forget],
        rounds={"webhooks": carriage.begin_due},
    )
    return Webhooks(Outbox(carriage, nudge), part)
