"""What stands in where a deployment has nobody to ask: the gate of one that watches no log, and the relay of one without."""

from collections.abc import Callable
from typing import TypeVar

from audit.entry import Actor
from database.transaction import Transaction
from vault.ports import OrderLine

Answer = TypeVar("Answer")


class OpenLogGate:
    """The log keeps up."""

    def behind(self) -> bool:
        return False


class NoOrderRelay:
    """No order gets a number."""

    def numbers(self, tx: Transaction, tenant: int) -> Callable[[], bool]:  # noqa: ARG002 - the port's signature
        """There are none."""
        return lambda: False

    def using(
        self,
        tenant: int,  # noqa: ARG002 - the port's signature
        actor: Actor,  # noqa: ARG002
        request: str,  # noqa: ARG002
        attempt: Callable[[OrderLine], Answer],
    ) -> Answer:
        """What `attempt` returns."""
        return attempt(_NoLine())


class _NoLine:
    def open(self, tx: Transaction, *, order: str, courier: str, customer: str, at: int) -> str | None:  # noqa: ARG002 - the port's signature
        return None

    def close(self, tx: Transaction, *, order: str, at: int) -> None:
        pass
