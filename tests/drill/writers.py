"""Writers that work until they are stopped or the service is gone, and remember what they asked and what was acknowledged."""

import itertools
import threading
from random import Random

from tests.drill.operations import Caller, Operation, UnansweredError, limited, spending, tokenizing

WRITERS = 8
PATIENCE_SECONDS = 60.0


class Writers:
    """A pool of writers over one service. Numbers of operations go on over all shifts."""

    def __init__(self, port: int, credential: str, seed: int) -> None:
        self._port = port
        self._credential = credential
        self._seed = seed
        self._numbers = itertools.count(1)
        self._shifts = itertools.count(1)
        self._stopped = threading.Event()
        self._acknowledged = threading.Event()
        self._threads: list[threading.Thread] = []
        self.operations: list[Operation] = []
        self.faults: list[str] = []

    def begin(self) -> None:
        """Start a shift. Its operations are in `operations`."""
        self.operations, shift = [], next(self._shifts)
        self._stopped.clear()
        self._acknowledged.clear()
        self._threads = [
            threading.Thread(target=self._write, args=(Random(f"{self._seed}-{shift}-{number}"),))
            for number in range(WRITERS)
        ]
        for thread in self._threads:
            thread.start()

    def wait_for_acknowledgement(self) -> bool:
        """Return when one operation of the shift was acknowledged; False if none was."""
        return self._acknowledged.wait(PATIENCE_SECONDS)

    def end(self) -> None:
        """Let every writer finish, or give up, the call that it is in."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _write(self, random: Random) -> None:
        caller = Caller(self._port, self._credential)
        try:
            while not self._stopped.is_set():
                self._one(caller, random)
        except UnansweredError:
            pass
        except Exception as fault:
            self.faults.append(f"{type(fault).__name__}: {fault}")
        finally:
            caller.close()

    def _one(self, caller: Caller, random: Random) -> None:
        if random.random() < 0.8:
            self._ask(caller, tokenizing(next(self._numbers), random))
            return
        made = self._ask(caller, limited(next(self._numbers)))
        self._ask(caller, spending(next(self._numbers), made))

    def _ask(self, caller: Caller, operation: Operation) -> Operation:
        self.operations.append(operation)
        operation.answer = caller.call(operation)
        self._acknowledged.set()
        return operation
