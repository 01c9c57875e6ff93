"""Rotates every key on and on, as two operators: one asks, with the end of the old versions, and the other approves."""

import threading
import time
from collections import Counter
from typing import Any

from tests.drill.patient import FailedError, Patient

KEYS = ("kek", "index", "token", "root", "dek")
"""In this order: what takes longest comes last."""
LOOKED_EVERY_SECONDS = 0.25
ENDED_WITHIN_SECONDS = 1_800.0
ENDED = frozenset({"done", "failed", "cancelled"})


class Rotator:
    """A thread that rotates until it is told to stop. `rotated` counts what was done, `faults` what was not."""

    def __init__(self, port: int, asker: str, approver: str) -> None:
        self._asks = Patient(port, asker)
        self._approves = Patient(port, approver)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.rotated: Counter[str] = Counter()
        self.faults: list[str] = []

    def start(self) -> None:
        """Begin to rotate."""
        self._thread.start()

    def finish(self) -> None:
        """Let the rotation that goes on end, and rotate once more everything whose old versions are to be gone by then."""
        self._stopped.set()
        self._thread.join()
        for key in KEYS:
            if not self.faults and (key != "dek" or not self.rotated[key]):
                self._guarded(key)

    def versions(self) -> list[dict[str, Any]]:
        """Every version of every key, as the service tells."""
        return list(self._asks.call("GET", "/v1/keys")["items"])

    def _run(self) -> None:
        while not self._stopped.is_set() and not self.faults:
            for key in KEYS:
                if self._stopped.is_set() or self.faults:
                    return
                self._guarded(key)

    def _guarded(self, key: str) -> None:
        try:
            self._rotate(key)
        except FailedError as failed:
            self.faults.append(f"rotating {key} was answered {failed}")

    def _rotate(self, key: str) -> None:
        job = self._ask(key)
        self._approve(job)
        until = time.monotonic() + ENDED_WITHIN_SECONDS
        while (found := self._asks.call("GET", f"/v1/jobs/{job}"))["state"] not in ENDED:
            if time.monotonic() > until:
                self.faults.append(f"rotating {key} has not ended: {found}")
                return
            time.sleep(LOOKED_EVERY_SECONDS)
        if found["state"] == "done":
            self.rotated[key] += 1
        else:
            self.faults.append(f"rotating {key} ended as {found['state']}: {found['error']}")

    def _ask(self, key: str) -> str:
        """Ask for the rotation. Where the answer was lost in a restart, the job is there already."""
        try:
            return str(self._asks.call("POST", f"/v1/keys/{key}/rotate", {"destroy": True})["job"])
        except FailedError as refused:
            if refused.code != "rotation_under_way":
                raise
        jobs = self._asks.call("GET", f"/v1/jobs?kind=rotate_{key}")["items"]
        return next(str(job["job"]) for job in jobs if job["state"] not in ENDED)

    def _approve(self, job: str) -> None:
        try:
            self._approves.call("POST", f"/v1/jobs/{job}/approve")
        except FailedError as refused:
            if refused.code not in {"job_state", "already_approved"}:
                raise
