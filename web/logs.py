"""Logs: JSON lines on standard error that never hold a value.

One line per request, with the route's template and never the path, no query and no header. An exception is its type and the
places it went through: its message and the local variables may quote personal data. Lines of other libraries are passed on by
name, level and place; their words only where they are known to be about the machine.
"""

import logging
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast

import orjson
import structlog
from structlog.typing import EventDict

from database.columns import rfc3339
from web.context import RequestContext

FRAMES_AT_MOST = 40

GATHERED_SECONDS = 0.05

SPEAKING = ("granian", "_granian", "alembic")
"""Loggers whose messages are about processes, sockets and schema revisions, and not about requests."""


class _Output:
    """Where lines go. What is written at once are whole lines, so that those of several threads and processes do not mix.

    Lines of requests may wait for a moment and go together: each write hands the interpreter to another thread, and the one
    that wrote then has to wait for it.
    """

    def __init__(self) -> None:
        self.stream: BinaryIO | None = None
        self.tells_requests = True
        self.gathers = False
        self._waiting: deque[bytes] = deque()

    def tell(self, line: bytes) -> None:
        """Write the line of a request, now or together with others."""
        if self.gathers:
            self._waiting.append(line)
        elif self.stream is not None:
            self.stream.write(line)

    def write_waiting(self) -> None:
        """Write what waits. A log that cannot be written loses lines, and nothing else."""
        lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if lines and self.stream is not None:
            with suppress(OSError, ValueError):
                self.stream.write(b"".join(lines))


_OUTPUT = _Output()


def configure_logging(stream: BinaryIO | None = None, level: int = logging.INFO) -> None:
    """Send every log line of this process to `stream` (standard error by default) as JSON, uncaught exceptions included."""
    target = cast(BinaryIO, getattr(sys.stderr.buffer, "raw", sys.stderr.buffer)) if stream is None else stream
    _OUTPUT.stream = target
    _OUTPUT.tells_requests = level <= logging.INFO
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_messages,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(target),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [_Forwarder()]
    root.setLevel(logging.WARNING)
    for name in SPEAKING:
        logging.getLogger(name).setLevel(level)
    logging.getLogger("alembic").setLevel(
        max(level, logging.WARNING)
    )  # It tells of each revision of an empty database.
    logging.raiseExceptions = False
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable


def gather_access_lines() -> Callable[[], None]:
    """From now on write the lines of requests of this process together, every `GATHERED_SECONDS`; gives what ends that."""
    ended = threading.Event()

    def write() -> None:
        while not ended.wait(GATHERED_SECONDS):
            _OUTPUT.write_waiting()

    def end() -> None:
        _OUTPUT.gathers = False
        ended.set()
        _OUTPUT.write_waiting()

    _OUTPUT.gathers = True
    threading.Thread(target=write, name="access-lines", daemon=True).start()
    return end


def access_line(context: RequestContext, duration_ms: float) -> None:
    """The one line of a finished request, if logging is configured.

    It does not go through structlog's processors: there is nothing in it to process, and it is on the path of every request.
    """
    if _OUTPUT.stream is None or not _OUTPUT.tells_requests:
        return
    principal = context.principal
    line = {
        "request_id": context.request_id,
        "route": context.route,
        "method": context.method,
        "status": context.status,
        "duration_ms": round(duration_ms, 2),
        "credential": principal.credential if principal else None,
        "tenant": principal.tenant if principal else None,
        "event": "request",
        "level": "info",
        "timestamp": rfc3339(context.at),
    }
    _OUTPUT.tell(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def failure_line(error: BaseException, request_id: str) -> None:
    """An unexpected exception of a request: its type, its causes' types, and the frames."""
    structlog.get_logger().error("failure", request_id=request_id, error=error_types(error), frames=frames(error))


def refusal_line(check: str, why: str) -> None:
    """Why a part of the service refuses to work, in words of this program that quote no data."""
    structlog.get_logger().error("refusal", check=check, why=why)


def without_messages(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace exceptions in a line by what may be known of them."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()[1]
    if isinstance(info, tuple):
        info = info[1]
    if isinstance(info, BaseException):
        event["error"] = info
    if isinstance(error := event.get("error"), BaseException):
        event["error"] = error_types(error)
        event["frames"] = frames(error)
    return event


def error_types(error: BaseException) -> list[str]:
    """The qualified type of an exception and of those that led to it, the last one first."""
    types: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(types) < FRAMES_AT_MOST:
        types.append(f"{type(seen).__module__}.{type(seen).__qualname__}")
        seen = seen.__cause__ or seen.__context__
    return types


def frames(error: BaseException) -> list[str]:
    """Where an exception went through, innermost last, as `file:line function`."""
    walked = [
        f"{'/'.join(Path(frame.f_code.co_filename).parts[-2:])}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    return walked[-FRAMES_AT_MOST:]


class _Forwarder(logging.Handler):
    """Passes lines of the standard library's loggers on."""

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = {"logger": record.name, "at": f"{record.module}:{record.lineno}"}
        if record.name.partition(".")[0] in SPEAKING:
            fields["message"] = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            fields["error"] = record.exc_info[1]
        structlog.get_logger().log(record.levelno, "library", **fields)


def _uncaught(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    structlog.get_logger().critical("uncaught", error=error)


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        structlog.get_logger().critical("uncaught", error=args.exc_value)


def _unraisable(args: Any) -> None:
    if args.exc_value is not None:
        structlog.get_logger().error("unraisable", error=args.exc_value)


def _dumps(event: Any, **_options: Any) -> bytes:
    return orjson.dumps(event, default=lambda value: type(value).__name__)
