"""`moat relay redirect`: the SIP redirect server, beside a switch that asks it."""

import asyncio
import signal
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from time import monotonic

import click
import structlog
from moat_client.client import Moat
from moat_client.transport import Retries

from masking.relay.sip302.lookup import TIMEOUT_SECONDS, ServiceLookup
from masking.relay.sip302.server import REPORT_SECONDS, RedirectServer

DEFAULT_BIND = "127.0.0.1:5170"


@click.command("redirect")
@click.option("--bind", default=DEFAULT_BIND, show_default=True, help="HOST:PORT to listen on, UDP.")
@click.option(
    "--allow", "allowed", multiple=True, default=("127.0.0.0/8",), show_default=True,
    help="Networks of the switches that may ask; others get no answer.",
)  # fmt: skip
@click.option("--host", help="HOST[:PORT] of the switch that connects; without it, whoever asks.")
def redirect(*, bind: str, allowed: tuple[str, ...], host: str | None) -> None:
    """Answer a switch's INVITE with 302 and whom to call, or why nobody is connected.

    MOAT_URL names the service and MOAT_TOKEN a credential with the scope relay:route. The answer holds somebody's number: listen
    where only the switch can hear it.
    """
    address, networks = _address(bind), [_network(one) for one in allowed]
    client = Moat(timeout=TIMEOUT_SECONDS, retries=Retries(attempts=1))
    try:
        asyncio.run(_serve(client, address, networks, host))
    except OSError as error:
        raise click.ClickException(f"cannot listen on {bind}: {error.strerror}") from None
    finally:
        client.close()


async def _serve(
    client: Moat, address: tuple[str, int], networks: Sequence[IPv4Network | IPv6Network], host: str | None
) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    server = RedirectServer(ServiceLookup(client.switching), networks, host=host, clock=monotonic)
    await loop.create_datagram_endpoint(lambda: server, local_addr=address)
    click.echo(f"redirecting on udp:{address[0]}:{address[1]}")
    try:
        while not stopped.is_set():
            try:
                await asyncio.wait_for(stopped.wait(), REPORT_SECONDS)
            except TimeoutError:
                _report(server)
    finally:
        server.close()
        _report(server)


def _report(server: RedirectServer) -> None:
    """How many datagrams ended how, and nothing of what was in them."""
    structlog.get_logger().info("sip_redirect", **{f"n_{name}": count for name, count in sorted(server.counts.items())})


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        raise click.UsageError("--bind is HOST:PORT with an address, such as 127.0.0.1:5170") from None
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        raise click.UsageError("--bind is HOST:PORT with an address, such as 127.0.0.1:5170")
    return host.strip("[]"), int(port)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError:
        raise click.UsageError("--allow is a network such as 10.0.0.0/8") from None


def redirect_commands() -> Sequence[click.Command]:
    """The commands of this part of `moat relay`."""
    return [redirect]
