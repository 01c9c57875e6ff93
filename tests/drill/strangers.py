"""A log as long as the largest worked example is accepted by everybody, and by nobody once one byte of it is another."""

import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.support import strangers
from tests.support.audit_log import LOG, entries, write_log

LONG = 273_160
"""1,067 full tiles of level 0 and one of 8."""

SHORT = 257

PEAK_AT_MOST_MIB = 128

_PEAK = """
import re, sys
from pathlib import Path
from moat_verifier.cli import run
status = run(sys.argv[1:])
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024, file=sys.stderr)
sys.exit(status)
"""


def strangers_drill(place: Path, size: int) -> dict[str, Any]:
    """Have every program check a log of `size` entries, and then the same with one bit flipped in its last full bundle."""
    program = strangers.build_go_program(place)
    root = write_log(place / "log", entries(size)).root
    checks: dict[str, Callable[[], bool]] = {"moat-verify": lambda: _own(root)[0]}
    for name in strangers.NAMES:
        checks[name] = partial(strangers.accepts, strangers.command(name, program), root)
    _, peak_mib = _own(root)
    seconds: dict[str, float] = {}
    accepted = {name: _timed(check, name, seconds) for name, check in checks.items()}
    bundle = root / "tile/entries/x001/066"
    bundle = bundle if bundle.exists() else root / "tile/entries/000"
    content = bytearray(bundle.read_bytes())
    content[-2] ^= 1
    bundle.write_bytes(content)
    refused = {name: not check() for name, check in checks.items()}
    return {
        "entries": size,
        "seconds": {name: round(value, 1) for name, value in seconds.items()},
        "entries_per_second": round(size / seconds["moat-verify"]),
        "peak_mib": peak_mib,
        "ok": all(accepted.values()) and all(refused.values()) and peak_mib <= PEAK_AT_MOST_MIB,
    }


def _timed(check: Callable[[], bool], name: str, seconds: dict[str, float]) -> bool:
    before = time.monotonic()
    held = check()
    seconds[name] = time.monotonic() - before
    return held


def _own(root: Path) -> tuple[bool, int]:
    """Whether the verifier accepts the log, and its peak memory in MiB."""
    command = [sys.executable, "-c", _PEAK, str(root), "--vkey", str(LOG.verifier())]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.returncode == 0, int(ran.stderr)
