"""A made-up cloud that holds bindings, by the rules that all clouds share: on a number, each person is in one binding at most.

It is what tests and demos are made with; nothing of it calls anybody.
"""

from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import Any

from masking.relay.providers.errors import Fault, ProviderError


@dataclass(slots=True, repr=False)
class Held:
    """A binding as the cloud has it."""

    name: str
    line: dict[str, Any]

    def people(self) -> set[str]:
        return {str(self.line[side]) for side in ("a", "b") if self.line.get(side)}


@dataclass(slots=True)
class SimulatedCloud:
    """The cloud. Safe to share between threads."""

    held: dict[str, Held] = field(default_factory=dict)
    _names: Any = field(default_factory=lambda: count(1))
    _lock: Lock = field(default_factory=Lock)

    def bind(self, line: dict[str, Any]) -> str:
        """Hold a binding; one with the reference of another is that one. Raises ProviderError."""
        with self._lock:
            for known in self.held.values():
                if known.line["reference"] == line["reference"]:
                    known.line = line
                    return known.name
            self._check(line)
            name = f"sim-{next(self._names)}"
            self.held[name] = Held(name, line)
            return name

    def change(self, name: str, line: dict[str, Any]) -> None:
        """Hold it otherwise. Raises ProviderError."""
        with self._lock:
            if name not in self.held:
                raise ProviderError(Fault.UNKNOWN)
            self._check(line, but=name)
            self.held[name].line = line

    def unbind(self, name: str) -> None:
        """Hold it no more. Raises ProviderError."""
        with self._lock:
            if self.held.pop(name, None) is None:
                raise ProviderError(Fault.UNKNOWN)

    def reached(self, caller: str, x: str) -> tuple[Held, str] | None:
        """The binding and whom somebody reaches who dials a number; None for nobody."""
        with self._lock:
            for held in self.held.values():
                others = held.people() - {caller}
                if held.line["x"] == x and caller in held.people() and others:
                    return held, others.pop()
        return None

    def _check(self, line: dict[str, Any], but: str = "") -> None:
        mine = {str(line[side]) for side in ("a", "b") if line.get(side)}
        for name, known in self.held.items():
            if name != but and known.line["x"] == line["x"] and known.people() & mine:
                raise ProviderError(Fault.CONFLICT)
