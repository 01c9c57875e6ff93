"""The relay of a deployment: bindings, routing, and the numbers that it has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from composition.foundation import Foundation
from composition.part import Part
from composition.relay_calls import Calls
from composition.relay_switch import switch_lines
from masking.relay.binding import Bindings
from masking.relay.blocking import Blocking
from masking.relay.calls.hanging_up import HangUpTask
from masking.relay.exchange import Exchange
from masking.relay.http import BindingApi
from masking.relay.keeping import Keeping
from masking.relay.ports import Directories, HungUp, Left, Lines, Reach
from masking.relay.problems import PROBLEMS
from masking.relay.reckoning import Reckoning
from masking.relay.routing import Books
from masking.relay.stock_http import StockApi
from masking.relay.stocking import Stocking
from masking.relay.switch.http import SwitchApi
from masking.relay.switch.problems import UNKNOWN_LEG
from vault.dialling.directory import Dialling
from vault.means import Means
from web.standing import in_force


class NoLines:
    """Switches that end no call when they are told to: those that only ask."""

    def hang_up(self, tenant: int, binding: int) -> HungUp:  # noqa: ARG002 - nobody is told
        """None."""
        return HungUp(0, Reach.NONE)

    def end(self, legs: Sequence[str]) -> Left:  # noqa: ARG002 - nobody is told
        """None, and there is nobody to ask again."""
        return Left((), ())


@dataclass(frozen=True, slots=True)
class Relay:
    """The relay as adapters and other parts use it, and what it adds to the deployment."""

    bindings: Bindings
    routing: Exchange
    directories: Directories
    part: Part


def relay_of(
    base: Foundation, means: Means, calls: Calls, region_of: Callable[[int], str], lines: Lines | None = None
) -> Relay:
    """The relay of a deployment. `region_of` tells the region of a tenant; `lines` are told to end calls, by default those of
    the switch that the operator named."""
    dialling = Dialling(means, region_of)
    reached = lines or switch_lines(base, calls) or NoLines()
    bindings = Bindings(base.database, dialling, base.log, base.now, calls.book, reached)
    routing = Exchange(base.database, dialling, Books(base.log, calls.book, calls.consents, in_force), region_of)
    stocking = Stocking(base.database, base.log)
    switch = SwitchApi(routing, calls.events)
    part = Part(
        blueprints=[
            BindingApi(bindings, Blocking(base.database, dialling, base.log, calls.book), region_of).blueprint(),
            StockApi(stocking, Reckoning(base.database), region_of).blueprint(),
            switch.blueprint(),
        ],
        direct=[switch.direct()],
        tables=[PROBLEMS],
        problems=[UNKNOWN_LEG],
        tasks=[HangUpTask(base.database, reached, base.now)],
        sweeps=[Keeping(base.database, calls.book).sweep],
    )
    return Relay(bindings, routing, dialling, part)
