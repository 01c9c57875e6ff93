"""`moat keys`: how keys stand, rotating them, and destroying versions that nothing needs, by MOAT_URL and MOAT_TOKEN.

Exit status: 0 it was asked for, and with --watch the job is done; 1 it was refused, or the job was not done; 2 wrong options.
"""

import click
from moat_client.key_answers import KeyStatus, RotatedKey
from rich.console import Console
from rich.table import Table

from work.cli import connected, tell

_WATCH = click.option("--watch", is_flag=True, help="Stay until the job has ended, and show how far it is.")
_ROTATED = click.Choice(["root", "kek", "dek", "index", "token", "relay"])
_USAGES = click.Choice(["kek", "token", "format", "search"])


def keys_group() -> click.Group:
    """The `keys` commands that ask the service."""

    @click.group("keys")
    def keys() -> None:
        """Look at keys, rotate them, and destroy old versions."""

    keys.add_command(_status)
    keys.add_command(_rotate)
    keys.add_command(_destroy)
    return keys


@click.command("status")
def _status() -> None:
    """Show every version of every key, its age, what needs it, and what is due."""
    with connected() as moat:
        status = moat.keys()
    table = Table("key", "kind", "version", "state", "made at", "days", "wraps", "seals", "due", box=None)
    for one in status.versions:
        due = one.due or (f"at {one.due_at}" if one.due_at else "")
        counts = ("" if count is None else str(count) for count in (one.wraps, one.seals))
        table.add_row(
            one.usage, one.scope or "", str(one.version), one.state, one.created_at, str(one.age_days), *counts, due
        )
    Console().print(table)
    click.echo(_deks(status))
    if status.erasures is not None:
        click.echo("erasures: " + ", ".join(f"{name} {value}" for name, value in status.erasures.items()))


def _deks(status: KeyStatus) -> str:
    oldest = f", the oldest of {status.oldest_dek_at}" if status.oldest_dek_at else ""
    worn = f", {status.worn_deks} due by what they have sealed" if status.worn_deks else ""
    return f"data keys: {status.deks}{oldest}{worn}"


@click.command("rotate")
@click.argument("key", type=_ROTATED)
@click.option("--subject", help="Whose data key to rotate; with dek.")
@click.option(
    "--older-than", type=click.IntRange(0, 36_500), metavar="DAYS", help="Data keys that are older; with dek."
)
@click.option("--throttle", type=click.IntRange(min=1), help="Keys or records a second that it may move at most.")
@click.option(
    "--destroy", is_flag=True, help="Destroy what nothing needs afterwards; another person must approve the job."
)
@_WATCH
def _rotate(
    key: RotatedKey, subject: str | None, older_than: int | None, throttle: int | None, destroy: bool, watch: bool
) -> None:
    """Rotate a key, while everything goes on being read and written."""
    if key != "dek" and (subject is not None or older_than is not None):
        raise click.UsageError("--subject and --older-than choose data keys: moat keys rotate dek")
    if subject is not None and older_than is not None:
        raise click.UsageError("--subject and --older-than exclude each other")
    with connected() as moat:
        job = moat.rotate_key(key, subject=subject, older_than_days=older_than, throttle=throttle, destroy=destroy)
        tell(moat, moat.job(job), watch=watch)


@click.command("destroy")
@click.argument("key", type=_USAGES)
@click.argument("version", type=click.IntRange(min=1))
@click.option("--kind", help="Which key of it; with format and search.")
@_WATCH
def _destroy(key: str, version: int, kind: str | None, watch: bool) -> None:
    """Destroy a version that nothing needs any more, once another person has approved it: moat jobs approve JOB."""
    if (kind is None) == (key in {"format", "search"}):
        raise click.UsageError("--kind goes with format and search, and with nothing else")
    with connected() as moat:
        tell(moat, moat.job(moat.destroy_key_version(key, version, kind=kind)), watch=watch)
