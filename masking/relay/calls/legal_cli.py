"""`moat relay legal-key` and `moat relay legal`: keys of the stream that a law asks for, and what is opened by them.

`create` and `open` touch no deployment: run them where the private key may be whole for a moment, which is not the host. The
others run at the host, each person with a credential of their own in a file.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol, TextIO

import click
import orjson

from masking.relay.calls.errors import LegalError
from masking.relay.calls.host import LegalHost
from masking.relay.calls.legal_halves import MadeKey, digest_of, join_halves, make_key
from masking.relay.calls.legal_keys import LegalKey
from masking.relay.calls.legal_record import month_name, read_month
from masking.relay.calls.legal_taking import LegalReason, Wanted, month_taken, open_taken

MONTHS_AT_MOST = 24
OWNER_ONLY = 0o600

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_CREDENTIAL = click.option(
    "--credential", type=click.File("r", encoding="ascii"), required=True, help="File with your credential."
)


class OpenLegal(Protocol):
    """Opens a deployment for people on its host; what is not given comes from the settings."""

    def __call__(self, *, data: Path | None, database: str | None) -> AbstractContextManager[LegalHost]: ...


def legal_commands(opened: OpenLegal) -> Sequence[click.Command]:
    """The commands, over what opens a deployment."""
    keys = click.Group("legal-key", help="Keys to which calls are sealed for a law: one a month, in two halves.")
    for command in (_create, _add(opened), _destroy(opened)):
        keys.add_command(command)
    stream = click.Group("legal", help="Take sealed calls out for a case, and open them with both halves of the key.")
    for command in (_take(opened), _open):
        stream.add_command(command)
    return keys, stream


@click.command("create")
@click.argument("month")
@click.option("--first", "first_keeper", required=True, help="age1…: the person who keeps the first half.")
@click.option("--second", "second_keeper", required=True, help="age1…: the person who keeps the second.")
@click.option("--months", default=1, show_default=True, type=click.IntRange(1, MONTHS_AT_MOST), help="Months in a row.")
@click.option(
    "--out",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Directory to write to.",
)
def _create(month: str, first_keeper: str, second_keeper: str, months: int, out: Path) -> None:
    """Make the key of MONTH, such as 2026-12, and of those after it.

    Writes MONTH.public.json, which is added at the host, and MONTH.first.age and MONTH.second.age, of which each person takes
    one. The private key is written nowhere. Needs no deployment.
    """
    with _spoken():
        for number in range(read_month(month), read_month(month) + months):
            made = make_key(number, first_keeper, second_keeper)
            name = month_name(number)
            public = {
                "v": 1,
                "month": name,
                "public": made.public.hex(),
                "first": digest_of(made.first).hex(),
                "second": digest_of(made.second).hex(),
            }
            for kind, octets in _files(made, public):
                _write_new(out / f"{name}.{kind}", octets)
            click.echo(f"{name}  public {made.public.hex()}")


def _add(opened: OpenLegal) -> click.Command:
    @click.command("add")
    @click.argument("public", type=_FILE, nargs=-1, required=True)
    @_CREDENTIAL
    @_located
    def add(public: tuple[Path, ...], credential: TextIO, **where: Any) -> None:
        """Seal the calls of a month to the key of each PUBLIC file from now on."""
        with _spoken(), opened(**where) as host:
            by = host.by(credential.read())
            for key in map(_read_public, public):
                host.keys.add(by, key)
                click.echo(f"{month_name(key.month)}  calls are sealed to {key.public.hex()}")

    return add


def _destroy(opened: OpenLegal) -> click.Command:
    @click.command("destroy")
    @click.argument("month")
    @click.argument("half", type=_FILE)
    @_CREDENTIAL
    @_located
    def destroy(month: str, half: Path, credential: TextIO, **where: Any) -> None:
        """Destroy HALF, your half of the key of MONTH, and whatever was sealed to it.

        The file is overwritten and deleted, and the log says whose half was destroyed, when, by whom, and the digest of its
        file. Copies that you made elsewhere are yours to destroy."""
        with _spoken(), opened(**where) as host:
            by, digest, number = host.by(credential.read()), digest_of(half.read_bytes()), read_month(month)
            host.keys.half_of(by, number, digest)
            _shred(half)
            which = host.keys.destroyed(by, number, digest)
        click.echo(
            f"{month}  the {which.name.lower()} half is destroyed, SHA-256 {digest.hex()}: the key opens nothing more"
        )

    return destroy


def _take(opened: OpenLegal) -> click.Command:
    credential = click.File("r", encoding="ascii")

    @click.command("take")
    @click.argument("month")
    @click.option("--case", required=True, help="The authority's number of the case. It must say nothing of a person.")
    @click.option("--reason", type=click.Choice([reason.value for reason in LegalReason]), required=True)
    @click.option("--first", type=credential, required=True, help="File with the credential of one person.")
    @click.option("--second", type=credential, required=True, help="File with that of another.")
    @click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write.")
    @_located
    def take(month: str, *, case: str, reason: str, first: TextIO, second: TextIO, out: Path, **where: Any) -> None:
        """Take the sealed calls of MONTH out for a case, by two persons. What is written stays sealed."""
        wanted = Wanted(month=_month(month), case=case, reason=LegalReason(reason))
        with _spoken(), opened(**where) as host:
            by, approver = host.by(first.read()), host.by(second.read())
            if by.tenant != approver.tenant:
                raise LegalError("both persons are of one tenant")
            lines = host.taking.take(by, approver.actor, wanted)
            _write_new(out, b"".join(line + b"\n" for line in lines))
        click.echo(f"{out}  {len(lines) - 1} sealed records of {month}")

    return take


@click.command("open")
@click.argument("taken", type=_FILE)
@click.argument("halves", type=_FILE, nargs=2)
@click.option(
    "--identity", "identities", type=_FILE, multiple=True, required=True, help="File of the age identity for each half."
)
@click.option("--number", help="Only calls in which somebody has this number (E.164).")
def _open(taken: Path, halves: tuple[Path, Path], identities: tuple[Path, ...], number: str | None) -> None:
    """Open what was TAKEN, with both HALVES of the key of its month; one JSON line for each call. Needs no deployment."""
    if len(identities) != len(halves):
        raise click.UsageError("each half takes an identity of its own, in the same order")
    with _spoken():
        lines = taken.read_bytes().splitlines()
        one, two = (_identity(file) for file in identities)
        private = join_halves(month_taken(lines), (halves[0].read_bytes(), halves[1].read_bytes()), (one, two))
        for call in open_taken(lines, private, number):
            click.echo(orjson.dumps(call.line()))


def _files(made: MadeKey, public: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    yield "public.json", orjson.dumps(public, option=orjson.OPT_INDENT_2) + b"\n"
    yield "first.age", made.first
    yield "second.age", made.second


def _read_public(file: Path) -> LegalKey:
    try:
        read = orjson.loads(file.read_bytes())
        octets = [bytes.fromhex(read[name]) for name in ("public", "first", "second")]
        if read["v"] != 1 or [len(one) for one in octets] != [32, 32, 32]:
            raise ValueError
        return LegalKey(read_month(read["month"]), octets[0], octets[1], octets[2], 0)
    except (KeyError, TypeError, ValueError):
        raise LegalError(f"{file.name} is not the public part of a key") from None


def _identity(file: Path) -> str:
    lines = [line.strip() for line in file.read_text("utf-8").splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    if len(found) != 1:
        raise LegalError(f"{file.name} has not one identity")
    return found[0]


def _month(text: str) -> int:
    with _spoken():
        return read_month(text)


def _write_new(path: Path, octets: bytes) -> None:
    """A file that only its owner reads, and that was not there before."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(handle, "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())


def _shred(path: Path) -> None:
    """Overwritten once, for file systems that write in place, and deleted."""
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def _located(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--database", help="PostgreSQL URL instead of the embedded database."),
        click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Data directory."),
    ):
        command = option(command)
    return command


@contextmanager
def _spoken() -> Iterator[None]:
    """Refusals in one line."""
    try:
        yield
    except (LegalError, OSError) as error:
        raise click.ClickException(str(error)) from None
