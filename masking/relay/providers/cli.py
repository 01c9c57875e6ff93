"""`moat relay simulate-provider`: a made-up cloud beside a service, to try providers with."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import time  # noqa: TID251 - a program of its own, with the host's clock

import click
import httpx

from masking.relay.providers.serving import CloudServer

PUSH_SECONDS = 5.0


@click.command("simulate-provider")
@click.option("--port", type=click.IntRange(1, 65_535), default=8090, show_default=True, help="Port on 127.0.0.1.")
@click.option(
    "--secret-file",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File of the secret that is shared with the service; made if it is not there.",
)
@click.option("--receipts", help="Address that the service gave for receipts; without it nothing is pushed.")
def simulate_provider(*, port: int, secret_file: Path, receipts: str | None) -> None:
    """Hold bindings as a cloud does, in memory, and push receipts of made-up calls. It calls nobody.

    Make the account with kind simulator, this server's address and the secret; the service needs its origin in --egress-internal.
    """
    if not secret_file.exists():
        secret_file.touch(mode=0o600)
        secret_file.write_text(secrets.token_urlsafe(32), encoding="ascii")
    secret = secret_file.read_text(encoding="ascii").strip().encode()
    server = CloudServer(("127.0.0.1", port), secret, now_seconds=lambda: int(time()), push=_push, receipts=receipts)
    click.echo(f"holding bindings on http://127.0.0.1:{port}; POST /calls to make one up")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def _push(address: str, headers: Mapping[str, str], body: bytes) -> None:
    try:
        answer = httpx.post(address, headers=dict(headers), content=body, timeout=PUSH_SECONDS, trust_env=False)
        click.echo(f"receipt: {answer.status_code}")
    except httpx.HTTPError as error:
        click.echo(f"receipt: {type(error).__name__}")


def provider_commands() -> Sequence[click.Command]:
    """The commands of this part of `moat relay`."""
    return [simulate_provider]
