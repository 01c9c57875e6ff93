"""Any application behind a port of this process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the name of what it replaces
        """Say nothing."""


@contextmanager
def listening(app: Any, port: int) -> Iterator[None]:
    """Serve it on loopback, each call in a thread of its own."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    running.start()
    try:
        yield
    finally:
        server.shutdown()
        running.join()
        server.server_close()
