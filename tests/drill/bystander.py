"""Somebody who uses the service while something else goes on, and what its processes hold."""

import itertools
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.drill.patient import FailedError, Patient


@dataclass
class Bystander:
    """Somebody who stores and opens values all the time, and how long each call took, in seconds."""

    port: int
    credential: str
    took: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    stored: int = 0

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self.away = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """End after the present call."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        caller = Patient(self.port, self.credential)
        for number in itertools.count():
            if self._ended.is_set():
                return
            repeats, began = caller.repeats, time.perf_counter()
            try:
                self._once(caller, number)
            except FailedError as failed:
                self.failed.append(str(failed))
            if caller.repeats == repeats and not self.away.is_set():
                self.took.append(time.perf_counter() - began)
            time.sleep(0.02)

    def _once(self, caller: Patient, number: int) -> None:
        value = f"139{number:08d}"
        item = {"subject": f"other-{number % 500}", "kind": "phone", "value": value, "ref": f"order:x-{number}"}
        body = {"purpose": "delivery", "items": [item]}
        (made,) = caller.call("POST", "/v1/tokenize", body, key=f"other-{number}")["items"]
        self.stored += 1
        asked = {
            "purpose": "delivery",
            "ref": f"order:x-{number}",
            "view": "plain",
            "items": [{"token": made["token"]}],
        }
        (opened,) = caller.call("POST", "/v1/detokenize", asked)["items"]
        if opened.get("value") != value:
            self.failed.append("a value does not open")


def resident(process: int) -> float:
    """Memory that a process holds, in MiB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
