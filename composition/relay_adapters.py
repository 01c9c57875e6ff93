"""The relay's other ways in and out: TwiML webhooks, texts, and providers of numbers that hold bindings of their own."""

from collections.abc import Callable, Mapping

from composition.foundation import Foundation
from composition.part import Part
from composition.relay import Relay
from composition.relay_calls import Calls
from masking.detection.scanning import Scanner
from masking.finding import Finder
from masking.redaction import Redactor
from masking.relay.accounts import seen
from masking.relay.accounts.desk import AccountDesk
from masking.relay.accounts.http import AccountApi
from masking.relay.accounts.problems import PROBLEMS as ACCOUNT_PROBLEMS
from masking.relay.providers.carrying import Carrying
from masking.relay.providers.http import ProviderApi, ReceiptApi
from masking.relay.providers.jobs import CarryTask
from masking.relay.providers.outward import OutwardDesk
from masking.relay.providers.ports import Answered
from masking.relay.providers.problems import PROBLEMS as PROVIDER_PROBLEMS
from masking.relay.providers.receiving import Receiving
from masking.relay.text import passing
from masking.relay.text.http import TextApi
from masking.relay.text.passing import Caps, Texts
from masking.relay.text.scrubbing import Scrubber
from masking.relay.twiml.entering import Entrance
from masking.relay.twiml.http import TwimlApi
from masking.relay.twiml.problems import PROBLEMS as TWIML_PROBLEMS
from vault.errors import KeysUnavailableError
from vault.tenant_seal import TenantSeal
from web.egress import Egress
from web.errors import EgressFailedError, EgressRefusedError

ANSWER_BYTES = 256 * 1024


class Outward:
    """The way out to providers: to origins that the operator allows, with short answers."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress

    def allows(self, url: str) -> bool:
        """Whether the operator allows calls to the origin of `url`."""
        return self._egress.allows(url)

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Make one call. Raises PermissionError where it is not allowed and OSError where no answer came."""
        try:
            answer = self._egress.call(method, url, headers=headers, body=body)
        except EgressRefusedError:
            raise PermissionError from None
        except EgressFailedError:
            raise OSError from None
        return Answered(answer.status, answer.headers, answer.body)


def relay_adapters(base: Foundation, relayed: Relay, calls: Calls, region_of: Callable[[int], str]) -> Part:
    """What adapters add to the deployment. They follow the relay's bindings from now on."""
    chosen = base.chosen
    outside = Outward(Egress(allowed=chosen.egress_allow, internal=chosen.egress_internal, answer_bytes=ANSWER_BYTES))
    desk = AccountDesk(
        base.database,
        base.log,
        TenantSeal(base.database, base.roots, base.keyring),
        outside,
        relayed.directories,
        public=chosen.relay_url,
    )
    scrubber = Scrubber(Redactor(Finder(Scanner())))
    texts = Texts(base.database, relayed.directories, base.log, relayed.routing, scrubber, Caps())
    outward = OutwardDesk(base.database, base.jobs)
    relayed.bindings.followed_by(outward)
    carrying = Carrying(base.database, relayed.directories, base.log, desk, outside)
    receiving = Receiving(base.database, calls.book, calls.events)
    return Part(
        blueprints=[
            AccountApi(desk).blueprint(),
            TextApi(texts, region_of).blueprint(),
            TwimlApi(base.database, Entrance(desk), relayed.routing, calls.events, texts).blueprint(),
            ProviderApi(outward).blueprint(),
            ReceiptApi(desk, receiving).blueprint(),
        ],
        tables=[ACCOUNT_PROBLEMS, TWIML_PROBLEMS, PROVIDER_PROBLEMS],
        tasks=[CarryTask(carrying, base.now)],
        transient=[KeysUnavailableError],
        sweeps=[seen.Forgetting(base.database), passing.Forgetting(base.database), outward.forget],
        rounds={"relay_carry": outward.round},
    )
