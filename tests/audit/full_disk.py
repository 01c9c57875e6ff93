"""A deployment on a small disk that fills up and is then read-only: python -m tests.audit.full_disk MOUNTPOINT.

Prints one JSON object: what was acknowledged, what the refusals were, and what is there afterwards.
"""

import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from audit.verification import verify
from database.engine import Database
from migrations.schema import migrate
from tests.audit.deployment import Log
from tests.support.clock import Clock
from tests.support.vault import TENANT, Gates, Vault, submitted
from vault.item import Issued
from vault.policy import View

TRIES = 2_000


def main(mountpoint: Path) -> dict[str, Any]:
    """Fill the disk, empty it, forbid writing, allow it again."""
    url = f"sqlite:///{mountpoint / 'moat.db'}"
    migrate(make_url(url))
    database = Database(url)
    vault = Vault(database, mountpoint / "keys", Clock(), Gates())
    log = Log(database, mountpoint / "audit", vault.clock)
    token = vault.token()
    log.publish()
    ballast = _fill(mountpoint)
    acknowledged, refusals = 0, []
    for number in range(TRIES):
        try:
            (answer,) = vault.tokenize(submitted(subject=f"cust-{number + 2}", value=f"138{number:08d}"))
            acknowledged += isinstance(answer, Issued)
        except Exception as error:
            refusals.append(type(error).__name__)
            break
    disclosed_when_full = _disclosed(vault, token)
    published_when_full = _published(log)
    ballast.unlink()
    database.dispose()
    _remount(mountpoint, "ro")
    disclosed_when_read_only = _disclosed(vault, token)
    published_when_read_only = _published(log)
    database.dispose()
    _remount(mountpoint, "rw")
    disclosed_afterwards = _disclosed(vault, token)
    log.publish()
    verdict = verify(database)
    return {
        "acknowledged": acknowledged,
        "refusals": refusals,
        "records": vault.sql("SELECT count(*) FROM record WHERE tenant = :tenant", tenant=TENANT)[0][0],
        "tokenize_entries": len(vault.entries(action="vault.tokenize")),
        "disclosures": len(vault.entries(action="vault.detokenize")),
        "disclosed": [disclosed_when_full, disclosed_when_read_only, disclosed_afterwards],
        "published": [published_when_full, published_when_read_only],
        "size": log.published().size,
        "entries": verdict.entries,
        "divergences": [f"{one.where}: {one.why}" for one in verdict.divergences],
    }


def _fill(mountpoint: Path) -> Path:
    """Leave a few pages free, so that some calls still find room."""
    ballast = mountpoint / "ballast"
    free = int(subprocess.check_output(["df", "--output=avail", "-B1", str(mountpoint)]).split()[1])
    ballast.write_bytes(bytes(max(0, free - 300_000)))
    return ballast


def _disclosed(vault: Vault, token: str) -> bool:
    try:
        return vault.seen(token, view=View.PLAIN) == ["13812345678"]
    except Exception:
        return False


def _published(log: Log) -> bool:
    publisher = log.publisher()
    try:
        publisher.run_once()
    except Exception:
        publisher._around.directory.release()
        return False
    publisher.close()
    return True


def _remount(mountpoint: Path, mode: str) -> None:
    gc.collect()  # a file that is open for writing, though only by what nobody can reach any more, keeps the disk busy
    subprocess.run(["mount", "-o", f"remount,{mode}", str(mountpoint)], check=True)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
