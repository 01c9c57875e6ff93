"""A stand-in for what makes sure of who asks."""

from database.transaction import Transaction
from dsar.request import Level, Request
from dsar.right import Requester


class ChannelAssurance:
    """Whoever has shown that a channel of theirs is held here may ask for anything, for themselves."""

    def needed(self, _tx: Transaction, _request: Request) -> Level:
        return Level.CHANNEL

    def entitled(self, _tx: Transaction, request: Request) -> bool:
        return request.requester is Requester.SELF
