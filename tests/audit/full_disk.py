"""A deployment on a small disk that fills up and is then read-only: python -m tests.audit.full_disk sqlite|postgresql MOUNTPOINT.

Prints one JSON object: what was acknowledged, what the refusals were, and what is there afterwards. With PostgreSQL the
disk holds the tables of the database, and its being read-only is left out: a server keeps its files open for writing.
"""

import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from audit.verification import verify
from database.engine import Database
from migrations.schema import migrate
from tests.audit.deployment import Log
from tests.support import postgres
from tests.support.clock import Clock
from tests.support.postgres_keeper import SUPERUSER
from tests.support.vault import TENANT, Gates, Vault, submitted
from vault.item import Issued
from vault.policy import View

TRIES = 2_000


def main(backend: str, mountpoint: Path) -> dict[str, Any]:
    """Fill the disk, empty it, forbid writing, allow it again."""
    with tempfile.TemporaryDirectory() as elsewhere, _database(backend, mountpoint) as database:
        place = mountpoint if backend == "sqlite" else Path(elsewhere)
        vault = Vault(database, place / "keys", Clock(), Gates())
        return _tried(vault, Log(database, place / "audit", vault.clock), mountpoint, read_only=backend == "sqlite")


def _tried(vault: Vault, log: Log, mountpoint: Path, *, read_only: bool) -> dict[str, Any]:
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
    shown = 0  # where a page of the log had room left
    while shown < TRIES and _disclosed(vault, token):
        shown += 1
    disclosed, published = [_disclosed(vault, token)], [_published(log)]
    ballast.unlink()
    if read_only:
        vault.database.dispose()
        _remount(mountpoint, "ro")
        disclosed.append(_disclosed(vault, token))
        published.append(_published(log))
        vault.database.dispose()
        _remount(mountpoint, "rw")
    disclosed.append(_disclosed(vault, token))
    log.publish()
    verdict = verify(vault.database)
    return {
        "acknowledged": acknowledged,
        "refusals": refusals,
        "records": vault.sql("SELECT count(*) FROM record WHERE tenant = :tenant", tenant=TENANT)[0][0],
        "tokenize_entries": len(vault.entries(action="vault.tokenize")),
        "shown": shown + sum(disclosed),
        "disclosures": len(vault.entries(action="vault.detokenize")),
        "disclosed": disclosed,
        "published": published,
        "size": log.published().size,
        "entries": verdict.entries,
        "divergences": [f"{one.where}: {one.why}" for one in verdict.divergences],
    }


@contextmanager
def _database(backend: str, mountpoint: Path) -> Iterator[Database]:
    """A migrated database whose tables lie on the disk."""
    if backend == "sqlite":
        url = f"sqlite:///{mountpoint / 'moat.db'}"
        migrate(make_url(url))
    else:
        cluster = postgres.start(watched=os.getpid(), durability="durable")
        if os.getuid() == 0:
            shutil.chown(mountpoint, SUPERUSER, SUPERUSER)
        with cluster.as_superuser("postgres") as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{mountpoint}'".encode())
            template = f"OWNER {postgres.OWNER} TEMPLATE {postgres.TEMPLATE} TABLESPACE small"
            connection.execute(f"CREATE DATABASE small {template}".encode())
        url = cluster.url("small")
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()


def _fill(mountpoint: Path) -> Path:
    """Leave a few pages free, so that some calls still find room."""
    ballast = mountpoint / "ballast"
    free = int(subprocess.check_output(["df", "--output=avail", "-B1", str(mountpoint)]).split()[1])
    ballast.write_bytes(bytes(max(0, free - 300_000)))
    return ballast


def _disclosed(vault: Vault, token: str) -> bool:
    try:
        return vault.seen(token, view=View.PLAIN) == ["13812345678"]
    except Exception:  # whatever a database says of a full disk, nothing was shown
        return False


def _published(log: Log) -> bool:
    publisher = log.publisher()
    try:
        publisher.run_once()
    except Exception:  # likewise: nothing was published
        publisher._around.directory.release()
        return False
    publisher.close()
    return True


def _remount(mountpoint: Path, mode: str) -> None:
    gc.collect()  # a file that is open for writing, though only by what nobody can reach any more, keeps the disk busy
    subprocess.run(["mount", "-o", f"remount,{mode}", str(mountpoint)], check=True)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]))))
