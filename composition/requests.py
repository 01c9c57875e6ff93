"""Requests of people in a deployment: the desk that moves them, and which steps of which rights are jobs."""

from composition.foundation import Foundation
from database.transaction import Transaction
from dsar.desk.regime_text import shipped_regimes
from dsar.desk.requests import RequestDesk, Steps
from dsar.ports import Assurance
from dsar.request import Level, Request
from dsar.right import Requester

STEPS = Steps(prepared=frozenset(), executed=frozenset())
"""Rights with a job `dsar_prepare_<right>`, and with a job `dsar_execute_<right>`: whoever adds such a job enters its right."""


class ChannelAssurance:
    """Whoever has shown that a channel of theirs is held here may ask for anything."""

    def needed(self, _tx: Transaction, _request: Request) -> Level:
        """The level without which the request is not accepted."""
        return Level.CHANNEL

    def entitled(self, _tx: Transaction, request: Request) -> bool:
        """Nobody can show here what entitles them to ask for another person."""
        return request.requester is Requester.SELF


def request_desk(base: Foundation, assurance: Assurance) -> RequestDesk:
    """The desk of a deployment."""
    return RequestDesk(base.log, base.jobs, shipped_regimes(), STEPS, assurance)
