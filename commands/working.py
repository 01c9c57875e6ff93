"""`moat worker`."""

import signal
import threading
from contextlib import ExitStack

import click

import settings
from app import opened, start_work
from deployment import prepare
from web.directories import only_one
from web.logs import configure_logging
from web.memory import protect_memory


@click.command()
@settings.options
def worker(**options: object) -> None:
    """Number and publish the audit log and run jobs, without serving: for a host beside those that serve."""
    chosen = settings.load(**options)
    configure_logging()
    protect_memory()
    prepare(chosen)
    with ExitStack() as held:
        if chosen.on_sqlite:
            held.enter_context(only_one(chosen.data))
        moat = opened(chosen)
        held.callback(moat.close)
        moat.unsealing.start()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        moat.publishing.start()
        held.callback(start_work(chosen, moat).stop)
        click.echo("working")
        stop.wait()
