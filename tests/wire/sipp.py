"""One sipp: runs a scenario at one end and tells what that end received, octet for octet, from sipp's own trace."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.wire.ends import End

ENDS_WITHIN_SECONDS = 30
_RECEIVED = re.compile(rb"UDP message received \[(\d+)\] bytes ?:\n\n")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a scenario ended, 0 if every step of it was as it should, and each message that came."""

    status: int
    received: Sequence[bytes]

    @property
    def lines(self) -> Sequence[str]:
        """The first line of each message."""
        return [message.split(b"\r\n", 1)[0].decode(errors="replace") for message in self.received]


class Sipp:
    """A running end. Without `towards` it waits for calls."""

    def __init__(self, place: Path, name: str, end: End, steps: str, towards: str | None = None) -> None:
        self._trace, self._said = place / f"{name}.messages", place / f"{name}.said"
        script = place / f"{name}.xml"
        script.write_text(steps, encoding="utf-8")
        command = ["sipp", *([towards] if towards else []), "-sf", str(script), "-i", end.host, "-p", str(end.port)]
        command += ["-m", "1", "-nostdin", "-timeout", "20", "-timeout_error", "-mp", str(end.voice + 1000)]
        command += ["-cid_str", f"%u-%p-{end.number[1:]}@%s", "-trace_msg", "-message_file", str(self._trace)]
        command += ["-trace_err", "-error_file", str(place / f"{name}.errors")]
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(command, stdout=said, stderr=said, cwd=place)

    def outcome(self) -> Outcome:
        """Wait until the scenario has ended.

        Raises:
            subprocess.TimeoutExpired: it did not end.
        """
        return Outcome(self._process.wait(ENDS_WITHIN_SECONDS), self.received())

    def received(self) -> Sequence[bytes]:
        """The messages that have come until now."""
        return received_in(self._trace.read_bytes()) if self._trace.exists() else []

    def stop(self) -> Outcome:
        """End it, wherever it is."""
        self._process.kill()
        return self.outcome()


def received_in(trace: bytes) -> Sequence[bytes]:
    """The messages that came, as sipp's trace has them."""
    return [trace[found.end() : found.end() + int(found[1])] for found in _RECEIVED.finditer(trace)]
